import { ApiError, parameterError } from "./api-error.ts";

interface Types {
  readonly string: string;
  readonly integer: number;
  readonly boolean: boolean;
}
type TypeName = keyof Types;

/** What a call takes: each parameter's type, with `?` where it may be missing. */
export type Parameters = Readonly<Record<string, TypeName | `${TypeName}?`>>;

/** The parameters after they were checked. */
export type Input<P extends Parameters> = {
  readonly [Key in keyof P]: P[Key] extends TypeName
    ? Types[P[Key]]
    : P[Key] extends `${infer Name extends TypeName}?`
      ? Types[Name] | undefined
      : never;
};

/** The parameters as they came: text from a form, anything from JSON. */
export type RawInput = Readonly<Record<string, unknown>>;

/**
 * Reads a query or a form the way Proxmox does: it splits on `;` as well as on `&`, and what
 * follows a second, unencoded `=` is lost.
 */
export function parseForm(text: string): RawInput {
  const input: Record<string, unknown> = {};
  for (const pair of text.split(/[&;]/).filter((part) => part !== "")) {
    const [rawKey = "", rawValue = ""] = pair.split("=");
    const key = decode(rawKey);
    const value = decode(rawValue);
    const before = input[key];
    input[key] = before === undefined ? value : [before, value].flat();
  }
  return input;
}

/** @throws ApiError 400 when a body that calls itself JSON is none. */
export function parseJson(text: string): RawInput {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return { ...parsed };
  } catch (cause) {
    throw Object.assign(new ApiError(400, "malformed JSON string\n"), { cause });
  }
  throw new ApiError(400, "malformed JSON string\n");
}

/**
 * Checks what came against what the call takes; nothing unknown passes.
 *
 * @throws ApiError 400 naming every parameter that is wrong
 */
export function verify(parameters: Parameters, raw: RawInput): Record<string, unknown> {
  const errors: Record<string, string> = {};
  const input: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    const type = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    const checked = type ? check(type, value) : undefined;
    if (!checked) errors[key] = undefinedProperty;
    else if ("error" in checked) errors[key] = checked.error;
    else input[key] = checked.value;
  }
  for (const [key, type] of Object.entries(parameters)) {
    if (!type.endsWith("?") && !Object.hasOwn(raw, key)) {
      errors[key] = "property is missing and it is not optional";
    }
  }
  if (Object.keys(errors).length > 0) throw parameterError(errors);
  return input;
}

const undefinedProperty =
  "property is not defined in schema and the schema does not allow additional properties";

type Checked = { readonly value: unknown } | { readonly error: string };

function check(type: string, value: unknown): Checked {
  const name = type.replace("?", "");
  if (Array.isArray(value)) return { error: `type check ('${name}') failed - got ARRAY` };
  const text = String(value);
  if (name === "string") return { value: text };
  if (name === "integer" && /^-?\d+$/.test(text)) return { value: Number(text) };
  if (name === "boolean") {
    if (text === "1" || value === true) return { value: true };
    if (text === "0" || value === false) return { value: false };
  }
  return { error: `type check ('${name}') failed - got '${text}'` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
