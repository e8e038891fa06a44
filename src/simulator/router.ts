import type { Caller } from "./acl.ts";
import { ApiError } from "./api-error.ts";
import type { Input, Parameters } from "./parameters.ts";

/** The methods that any call has. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a call answers; some lists also say how long they would be without a limit. */
export interface Answer {
  readonly data: unknown;
  readonly total?: number;
}

type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;
type PathInput<Path extends string> = {
  readonly [Name in PathNames<Path>]: Name extends "vmid" ? number : string;
};

interface RouteDefinition<Path extends string, P extends Parameters> {
  readonly method: Method;
  /** Below `/api2/json`, with the names of its parameters in braces. */
  readonly path: Path;
  /** The privilege that the call needs, and the path it needs it on. */
  readonly requires?: readonly [path: string, privilege: string];
  readonly parameters?: P;
  handle(input: Input<P> & PathInput<Path>, caller: Caller): Answer | Promise<Answer>;
}

/** A call that the simulator answers. */
export interface Route {
  readonly method: Method;
  readonly pattern: RegExp;
  readonly requires: readonly [path: string, privilege: string] | undefined;
  readonly parameters: Parameters;
  handle(input: Readonly<Record<string, unknown>>, caller: Caller): Answer | Promise<Answer>;
}

/** Makes a {@link Route} of a definition whose input is typed by its path and its parameters. */
export function route<const Path extends string, const P extends Parameters = Record<never, never>>(
  definition: RouteDefinition<Path, P>,
): Route {
  const { method, path, requires, parameters } = definition;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const ofPath = names.map((name) => [name, name === "vmid" ? "integer" : "string"] as const);
  return {
    method,
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
    requires,
    parameters: { ...parameters, ...Object.fromEntries(ofPath) },
    // The input was checked against exactly these parameters before it comes here.
    handle: (input, caller) => definition.handle(input as Input<P> & PathInput<Path>, caller),
  };
}

/** The route that answers a call, and what its path says. */
export interface Match {
  readonly route: Route;
  /** Decoded. */
  readonly pathInput: Readonly<Record<string, string>>;
}

/** @throws ApiError 501 where nothing answers: unknown paths and methods are the same to it. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  for (const candidate of routes) {
    const match = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (!match) continue;
    const groups = Object.entries(match.groups ?? {});
    const pathInput = groups.map(([name, value]) => [name, decodeURIComponent(value)]);
    return { route: candidate, pathInput: Object.fromEntries(pathInput) };
  }
  throw new ApiError(501, `Method '${method} ${path}' not implemented`);
}

/** Fills the names in a path: `/vms/{vmid}` becomes `/vms/101`. */
export function fillPath(path: string, input: Readonly<Record<string, unknown>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => String(input[name]));
}
