import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { slackMessages } from "./issues.ts";
import { invalid, type JsonObject, SlackError } from "./slack-error.ts";

/** A method of the Web API: what it takes, what it needs, what it does. */
export interface Method {
  /** The names it knows; others are ignored, as Slack does, and noted. */
  readonly argumentNames: readonly string[];
  /** @throws SlackError */
  call(args: JsonObject): JsonObject;
}

export type MethodTable = Readonly<Record<string, Method>>;

/** Describes a method by the schema of its arguments. */
export function method<Shape extends z.ZodRawShape>(
  shape: Shape,
  run: (args: z.output<z.ZodObject<Shape>>) => JsonObject,
): Method {
  const schema = z.object(shape);
  return {
    argumentNames: Object.keys(shape),
    call(args) {
      const parsed = schema.safeParse(args, { reportInput: true });
      if (parsed.success) return run(parsed.data);
      throw invalid("invalid_arguments", slackMessages(parsed.error));
    },
  };
}

/** A boolean, in a form or in JSON. */
export const flag = z
  .union([z.boolean(), z.enum(["true", "false", "1", "0"])])
  .transform((value) => value === true || value === "true" || value === "1");

/** A number, in a form or in JSON. */
export const count = z.coerce.number().int();

/** A list or object, in a form as a string of JSON. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue({ code: "custom", message: "invalid JSON" });
      return value;
    }
  }, schema);
}

/** A list of names, in a form separated by commas. */
export const names = z
  .union([z.array(z.string()), z.string().transform((list) => list.split(","))])
  .transform((list) => list.map((name) => name.trim()));

/**
 * The arguments of a call, whatever they were sent as.
 *
 * @throws SlackError `invalid_form_data`, `invalid_json` or `invalid_post_type`.
 */
export async function readArguments(incoming: IncomingMessage): Promise<JsonObject> {
  const url = new URL(incoming.url ?? "/", "http://localhost");
  const query = Object.fromEntries(url.searchParams);
  const body = await readBody(incoming);
  const type = (incoming.headers["content-type"] ?? "").split(";")[0];
  if (body === "") return query;
  if (type === "application/json") return { ...query, ...parseJsonBody(body) };
  if (type === "application/x-www-form-urlencoded") {
    return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
  }
  throw new SlackError("invalid_post_type");
}

export async function readBody(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts).toString();
}

function parseJsonBody(body: string): JsonObject {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
  } catch {
    throw new SlackError("invalid_json");
  }
}
