import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { permissions as permissionsSchema } from "#src/proxmox/responses.ts";

/** What a token may do in effect: what both it and its user were granted. */
export interface Permissions {
  /** The paths on which it may do anything, of those that have roles of their own. */
  readonly paths: readonly string[];
  /** Everything that it has on the path itself. */
  privilegesOn(path: string): readonly string[];
  /** Whether it has the privilege on the path itself, and perhaps nowhere below. */
  has(path: string, privilege: string): boolean;
  /** Whether it has it on the path and on whatever below has no role of its own. */
  holds(path: string, privilege: string): boolean;
}

type Listing = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Reads them: those of every path with a role of its own, and those of `paths`. */
export async function readPermissions(
  client: Pick<ProxmoxClient, "get">,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Permissions> {
  const read = (path?: string) =>
    client.get("/access/permissions", permissionsSchema, { parameters: { path }, signal });
  const listings = await Promise.all([read(), ...paths.map(read)]);
  return permissionsOf(Object.assign({}, ...listings));
}

/** Privileges by path; Proxmox's 1 reaches what is below, its 0 does not. */
export function permissionsOf(listing: Listing): Permissions {
  return {
    paths: Object.keys(listing).filter((path) => Object.keys(listing[path] ?? {}).length > 0),
    privilegesOn: (path) => Object.keys(listing[path] ?? {}),
    has: (path, privilege) => listing[path]?.[privilege] !== undefined,
    holds: (path, privilege) => Number(listing[path]?.[privilege]) === 1,
  };
}

/** Whether a path lies below another. */
export function isBelow(path: string, above: string): boolean {
  return path !== above && path.startsWith(above === "/" ? "/" : `${above}/`);
}
