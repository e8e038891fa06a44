import { describe, expect, it } from "vitest";
import { z as zod4 } from "zod";
import { ToolError } from "#src/actions/tool.ts";
import { defineInput, z } from "#tools/schema.ts";

const input = defineInput(
  z.object({
    guest: z.union([z.string(), z.number().int()]).describe("VMID or name"),
    status: z.enum(["running", "stopped"]).nullable().describe("Only these"),
  }),
);

function untypedField(field: unknown): z.ZodTypeAny {
  return field as z.ZodTypeAny;
}

/** An object that only its type would keep out. */
function untyped(object: unknown): Parameters<typeof defineInput>[0] {
  return object as Parameters<typeof defineInput>[0];
}

describe("the JSON Schema", () => {
  it("is strict: every field is required and no other is allowed", () => {
    expect(input.jsonSchema).toEqual({
      type: "object",
      properties: {
        guest: { anyOf: [{ type: "string" }, { type: "integer" }], description: "VMID or name" },
        status: {
          anyOf: [{ type: "string", enum: ["running", "stopped"] }, { type: "null" }],
          description: "Only these",
        },
      },
      required: ["guest", "status"],
      additionalProperties: false,
    });
  });

  it("of a tool without arguments is an empty object", () => {
    expect(defineInput(z.object({})).jsonSchema).toEqual({
      type: "object",
      properties: {},
      required: [],
      additionalProperties: false,
    });
  });

  it("cannot be changed, at any depth", () => {
    const properties = input.jsonSchema.properties as { guest: { description: string } };

    expect(Object.isFrozen(input.jsonSchema)).toBe(true);
    expect(() => {
      properties.guest.description = "anything";
    }).toThrow(TypeError);
  });

  it.each([
    ["with fields", zod4.object({ guest: zod4.string().describe("VMID") })],
    ["without fields", zod4.object({})],
    ["for one field", z.object({ guest: untypedField(zod4.string().describe("VMID")) })],
  ])("is refused for zod 4 %s, which converts to nothing", (_, object) => {
    expect(() => defineInput(untyped(object))).toThrow("#tools/schema.ts");
  });

  it.each([
    ["has no description", z.object({ guest: z.string() })],
    ["is optional", z.object({ guest: z.string().optional().describe("VMID") })],
    ["is optional", z.object({ guest: z.string().default("101").describe("VMID") })],
  ])("is refused when a field %s", (reason, object) => {
    expect(() => defineInput(untyped(object))).toThrow(reason);
  });
});

describe("parsing", () => {
  it("reads an omitted nullable field as null", () => {
    expect(input.parse({ guest: 102 })).toEqual({ guest: 102, status: null });
  });

  it.each([
    [{ guest: 102, approved: true }, 'There is no argument "approved"'],
    [JSON.parse('{"guest":102,"__proto__":{}}'), 'There is no argument "__proto__"'],
    [{}, "guest must be string or integer, and is missing."],
    [{ guest: 1.5 }, "guest must be string or integer, not 1.5."],
    [{ guest: 1, status: "up" }, 'status must be "running" or "stopped" or null, not "up".'],
    ["web-02", "The arguments must be a JSON object; the arguments are guest, status."],
    [null, "The arguments must be a JSON object"],
  ])("refuses %j with what is wrong and what is allowed", (raw, message) => {
    expect(() => input.parse(raw)).toThrow(ToolError);
    expect(() => input.parse(raw)).toThrow(message);
  });

  it("names every wrong field at once", () => {
    expect(() => input.parse({ guest: true, status: 3, node: "pve1" })).toThrow(
      /guest must be.*status must be.*"node"|"node".*guest must be.*status must be/,
    );
  });

  it("quotes a huge value in part only", () => {
    expect(() => input.parse({ guest: ["x".repeat(10_000)] })).toThrow(/^.{0,200}$/);
  });
});
