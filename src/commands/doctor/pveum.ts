import { isBelow } from "./permissions.ts";
import { type Capability, capabilitiesOf, type Setup } from "./privileges.ts";
import { quoted } from "./shell.ts";

/** A token by its parts: `assistant@pve` and `main`. */
export interface TokenName {
  readonly user: string;
  readonly name: string;
}

/** The parts of `assistant@pve!bot`. */
export function parseTokenId(tokenId: string): TokenName {
  const [user = "", name = ""] = tokenId.split("!");
  return { user, name };
}

/** Where to type what `pveum` needs. */
export const onANode = "# as root on any node of the cluster:";

interface Wish {
  readonly token: TokenName;
  readonly setup: Setup;
  /** All that the token should be able to do, what it can do already included. */
  readonly capabilities: readonly Capability[];
}

/**
 * Gives the user and the token what the capabilities need on some paths: all of it, and the role
 * for reading, because a path's roles replace those from above.
 */
export function grantCommands(wish: Wish, paths: readonly string[]): readonly string[] {
  const { user, name } = wish.token;
  return commands(wish, paths, `--users ${quoted(user)} --tokens ${quoted(`${user}!${name}`)}`);
}

/** Gives a user and a token that may do nothing what the capabilities need. */
export function setUpCommands(wish: Wish): readonly string[] {
  return grantCommands(wish, pathsToGrant(wish));
}

/** Makes another token of the same user, which has what the capabilities need and nothing else. */
export function narrowTokenCommands(wish: Wish): readonly string[] {
  const { user, name } = wish.token;
  const narrow = `${name}-narrow`;
  return [
    `pveum user token add ${quoted(user)} ${quoted(narrow)} --privsep 1`,
    ...commands(wish, pathsToGrant(wish), `--tokens ${quoted(`${user}!${narrow}`)}`),
  ];
}

function commands({ setup, capabilities }: Wish, paths: readonly string[], to: string): string[] {
  const roles = paths.map((path) => ({ path, names: rolesOn(path, capabilities) }));
  const all = new Set(roles.flatMap(({ names }) => names));
  return [
    ...[...all].map((role) => roleCommand(role, privilegesOf(role, setup))),
    ...roles.map(({ path, names }) => `pveum acl modify ${path} --roles ${names} ${to}`),
  ];
}

/** Makes the role or, where it is there already, adds what it lacks. */
function roleCommand(role: string, privileges: string): string {
  const privs = `${role} --privs "${privileges}"`;
  return `pveum role add ${privs} || pveum role modify ${privs} --append 1`;
}

/** The root, and what needs more than the role for reading that it gets from there. */
function pathsToGrant({ capabilities }: Wish): readonly string[] {
  const paths = new Set(capabilities.flatMap(({ needs }) => needs.map(({ path }) => path)));
  return ["/", ...[...paths].filter((path) => rolesOn(path, capabilities).length > 1)];
}

/** With those that it would inherit from above and now replaces. */
function rolesOn(path: string, capabilities: readonly Capability[]): readonly string[] {
  const needs = capabilities.flatMap((capability) => capability.needs);
  const here = needs.filter((need) => need.path === path || isBelow(path, need.path));
  return [...new Set(here.map(({ role }) => role))];
}

function privilegesOf(role: string, setup: Setup): string {
  const needs = capabilitiesOf(setup).flatMap((capability) => capability.needs);
  const privileges = needs.filter((need) => need.role === role).map((need) => need.privilege);
  return [...new Set(privileges)].join(" ");
}
