import type { Principal } from "./principal.ts";

/** People: these users, whoever is in one of these groups, and whoever has one of these roles. */
export interface Who {
  readonly users: readonly string[];
  /** Groups of the front end's, such as user groups of Slack. */
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

export const noOne: Who = { users: [], groups: [], roles: [] };

/** Whether it is one of them; "unknown" when it depends on groups of which nobody knows. */
export function isAmong(who: Who, { id, role, groups = [] }: Principal): boolean | "unknown" {
  if (who.users.includes(id) || who.roles.includes(role)) return true;
  if (groups === "unknown") return who.groups.length > 0 ? "unknown" : false;
  return who.groups.some((group) => groups.includes(group));
}
