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

/** What a token is to be able to do. */
export interface Wish {
  readonly token: TokenName;
  readonly setup: Setup;
  /** All of it, what it can do already included. */
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

/** Makes a user without a password, and a token that has nothing of the user's by itself. */
export function createCommands({ user, name }: TokenName): readonly string[] {
  return [
    `pveum user add ${quoted(user)} --comment 'proxmox-agent'`,
    `pveum user token add ${quoted(user)} ${quoted(name)} --privsep 1`,
  ];
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
  const granted = paths.map((path) => ({ path, names: rolesOn(path, capabilities) }));
  const all = new Set(granted.flatMap(({ names }) => names));
  return [
    ...[...all].map((role) => roleCommand(role, privilegesOf(role, setup))),
    ...granted.map(({ path, names }) => `pveum acl modify ${path} --roles ${names} ${to}`),
  ];
}

/** Makes the role or, where it is there already, gives it these privileges and takes all others. */
function roleCommand(role: string, privileges: string): string {
  const privs = `${role} --privs "${privileges}"`;
  return `pveum role add ${privs} || pveum role modify ${privs}`;
}

/** The root, and what needs more than the role for reading that it gets from there. */
function pathsToGrant({ capabilities }: Wish): readonly string[] {
  return ["/", ...pathsOf(capabilities).filter((path) => rolesOn(path, capabilities).length > 1)];
}

/** The paths on which the capabilities need anything. */
export function pathsOf(capabilities: readonly Capability[]): readonly string[] {
  return [...new Set(capabilities.flatMap(({ needs }) => needs.map(({ path }) => path)))];
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
