import { expect, expectTypeOf, it } from "vitest";
import type { Tool } from "#src/actions/tool.ts";
import { createModelTools, type ModelToolDeps } from "#tools/index.ts";

/** Making the tools touches nothing that they are made of. */
const untouchable = new Proxy({} as ModelToolDeps, {
  get: () => undefined,
});
const tools = createModelTools(untouchable);

it("is exactly these tools, each with its effect", () => {
  expect(tools.map(({ name, effect }) => [name, effect])).toEqual([
    ["list_guests", "read"],
    ["get_guest", "read"],
    ["get_cluster_status", "read"],
    ["start_guest", "reversible"],
    ["shutdown_guest", "disruptive"],
    ["stop_guest", "disruptive"],
    ["reboot_guest", "disruptive"],
    ["transfer_guest", "disruptive"],
    ["hold_guest", "reversible"],
    ["release_hold", "reversible"],
    ["list_holds", "read"],
    ["schedule_deletion", "destructive"],
    ["list_scheduled_deletions", "read"],
    ["cancel_deletion", "reversible"],
    ["reschedule_deletion", "destructive"],
    ["release_held_deletions", "destructive"],
    ["extend_lease", "reversible"],
    ["list_leases", "read"],
    ["list_restorable_guests", "read"],
    ["restore_guest", "disruptive"],
    ["search_audit_log", "read"],
    ["preview_action", "read"],
  ]);
});

it("reaches nothing that destroys a guest, carries out a deletion or touches its backup", () => {
  expectTypeOf<keyof ModelToolDeps>().toEqualTypeOf<
    | "guests"
    | "power"
    | "cluster"
    | "backups"
    | "vmids"
    | "marks"
    | "ownership"
    | "holds"
    | "deletions"
    | "leases"
    | "clock"
    | "preparation"
    | "audit"
    | "preview"
    | "people"
  >();
  expectTypeOf<keyof ModelToolDeps["audit"]>().toEqualTypeOf<"find">();
  expectTypeOf<keyof ModelToolDeps["backups"]>().toEqualTypeOf<"restore">();
  expectTypeOf<keyof ModelToolDeps["marks"]>().toEqualTypeOf<"clear">();
  expectTypeOf<keyof ModelToolDeps["vmids"]>().toEqualTypeOf<"isFree" | "next">();
  expectTypeOf<keyof ModelToolDeps["power"]>().toEqualTypeOf<
    "start" | "shutdown" | "stop" | "reboot"
  >();
  expectTypeOf<keyof ModelToolDeps["deletions"]>().toEqualTypeOf<
    | "schedule"
    | "findOpen"
    | "listOpen"
    | "listRestorable"
    | "markRestored"
    | "reschedule"
    | "takeOver"
    | "cancel"
    | "hold"
  >();
  expectTypeOf<keyof ModelToolDeps["ownership"]>().toEqualTypeOf<"canOwn" | "setOwner">();
  expectTypeOf<keyof ModelToolDeps["holds"]>().toEqualTypeOf<
    "place" | "release" | "find" | "list"
  >();
});

it.each(tools.map((tool) => [tool.name, tool] as const))(
  "%s is described, and its arguments are strict",
  (_, { description, input }) => {
    expect(description).toMatch(/^[A-Z].{10,}\.$/);
    const { properties, ...schema } = input.jsonSchema;
    const fields = Object.entries(properties as Record<string, { description?: string }>);
    expect(schema).toEqual({
      type: "object",
      required: fields.map(([name]) => name),
      additionalProperties: false,
    });
    for (const [name, field] of fields) expect(field.description, name).toMatch(/\w/);
  },
);

it("takes less than 2,800 tokens to tell the model about", () => {
  const described = tools.map(({ name, description, input }: Tool) => ({
    type: "function",
    function: { name, description, parameters: input.jsonSchema },
  }));
  expect(JSON.stringify(described).length / 4).toBeLessThan(2800);
});
