import { z } from "zod/v3";
import { zodToJsonSchema } from "zod-to-json-schema";
import { type InputSchema, ToolError } from "#src/actions/tool.ts";

export { z };

/** The part of JSON Schema that tool arguments are made of. */
interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
}

type ObjectSchema = {
  readonly type: "object";
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
};

/**
 * A tool's arguments of its zod object, converted for the model once.
 *
 * The object is strict: a field that it does not have is an error, never dropped. A field that
 * may be absent is nullable, and whoever omits it means null.
 *
 * @throws Error when the JSON Schema would not say all that the object says. That happens without
 * any other sign when the object was made with another zod than this file's.
 */
export function defineInput<Shape extends z.ZodRawShape>(
  object: z.ZodObject<Shape>,
): InputSchema<z.infer<z.ZodObject<Shape>>> {
  const strict = object.strict();
  const jsonSchema = deepFreeze(toJsonSchema(strict));
  const absent = Object.fromEntries(
    Object.entries(strict.shape)
      .filter(([, field]) => field.isNullable())
      .map(([name]) => [name, null]),
  );

  return {
    jsonSchema,
    parse(raw) {
      const complete = isRecord(raw) ? { ...absent, ...raw } : raw;
      const parsed = strict.safeParse(complete);
      if (parsed.success) return parsed.data;
      throw new ToolError(explain(parsed.error, complete, jsonSchema));
    },
  };
}

function toJsonSchema(object: z.AnyZodObject): ObjectSchema {
  const { $schema, ...converted } = zodToJsonSchema(object, { $refStrategy: "none" });
  const properties = "properties" in converted ? converted.properties : {};
  const names = Object.keys(object.shape);
  for (const name of names) assertUsable(name, object.shape[name], Object.hasOwn(properties, name));
  if (!("type" in converted) || converted.type !== "object") {
    throw new Error("The schema has no JSON Schema; make it with the z of #tools/schema.ts.");
  }
  return {
    type: "object",
    properties: properties as ObjectSchema["properties"],
    required: names,
    additionalProperties: false,
  };
}

function assertUsable(name: string, field: z.ZodTypeAny, converted: boolean): void {
  if (!converted) {
    throw new Error(`${name} is not in the JSON Schema; make it with the z of #tools/schema.ts.`);
  }
  if (!field.description) throw new Error(`${name} has no description for the model.`);
  if (field.isOptional()) throw new Error(`${name} is optional; make it nullable.`);
}

function explain(error: z.ZodError, input: unknown, { properties }: ObjectSchema): string {
  const names = Object.keys(properties);
  const known = names.length > 0 ? `the arguments are ${names.join(", ")}` : "there are none";
  if (!isRecord(input)) return `The arguments must be a JSON object; ${known}.`;

  const sentences = error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => `There is no argument ${quote(key)}; ${known}.`);
    }
    const name = String(issue.path[0]);
    const got = name in input ? `not ${quote(input[name])}` : "and is missing";
    return `${name} must be ${describeField(properties[name])}, ${got}.`;
  });
  return [...new Set(sentences)].join(" ");
}

function describeField(field: FieldSchema = {}): string {
  if (field.enum) return field.enum.map(quote).join(" or ");
  if (field.anyOf) return field.anyOf.map(describeField).join(" or ");
  return [field.type].flat().join(" or ");
}

/** Short, because a model's mistake may be of any length. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
