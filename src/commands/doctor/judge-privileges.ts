import type { Finding, Level } from "./finding.ts";
import { isBelow, type Permissions } from "./permissions.ts";
import { type Capability, capabilitiesOf, type Need, readRole, type Setup } from "./privileges.ts";
import { grantCommands, onANode, setUpCommands, type TokenName } from "./pveum.ts";
import { judgeSurplus } from "./surplus.ts";

const about = "privileges";

const levels: Readonly<Record<Capability["importance"], Level>> = {
  required: "failure",
  wanted: "warning",
  optional: "note",
};

/** What a token's privileges mean for the program, and the commands that mend them. */
export function judgePrivileges(
  permissions: Permissions,
  token: TokenName,
  setup: Setup,
): readonly Finding[] {
  const all = capabilitiesOf(setup);
  if (permissions.paths.length === 0) return [blindToken(token, setup)];

  // What the commands must not take away again, and what nobody does without.
  const isKept = (capability: Capability) =>
    capability.importance !== "optional" || missingNeeds(capability, permissions).length === 0;
  const kept = all.filter(isKept);
  const judge = (capability: Capability): Finding => {
    const wish = { token, setup, capabilities: [...kept, capability] };
    const mend = (needs: readonly Need[]) => [
      onANode,
      ...(needs.some(({ privilege }) => privilege === "VM.Allocate")
        ? ["# (for the guests of one pool only: npm run doctor -- --role --pool NAME)"]
        : []),
      ...grantCommands(wish, unique(needs.map(({ path }) => path))),
    ];
    return judgeCapability(capability, permissions, mend);
  };
  return [...all.map(judge), judgeSurplus(permissions, { token, setup, capabilities: kept })];
}

/** Nothing at all is the set-up that was forgotten half-way; what else is missing is no news. */
function blindToken(token: TokenName, setup: Setup): Finding {
  const capabilities = capabilitiesOf(setup).filter(({ importance }) => importance === "required");
  return {
    about,
    level: "failure",
    message:
      `The token ${token.user}!${token.name} is accepted but may do nothing at all, so every list is empty. ` +
      "With separated privileges (privsep=1) a token has only what both its user and itself were granted, each by a line of its own.",
    fix: [onANode, ...setUpCommands({ token, setup, capabilities })],
  };
}

/** The commands that grant what is needed. */
type Mend = (needs: readonly Need[]) => readonly string[];

function judgeCapability(capability: Capability, permissions: Permissions, mend: Mend): Finding {
  const { name, importance, without } = capability;
  const missing = missingNeeds(capability, permissions);
  if (missing.length === 0) return judgeGaps(capability, permissions, mend);

  const fix = mend(missing);
  const places = missing.map((need) => placesOf(need, permissions));
  const isReplaced = missing.some((need) => heldAbove(need, permissions));
  if (!isReplaced && places.every(({ length }) => length > 0)) {
    const privileges = listed(missing.map(({ privilege }) => privilege));
    const message = `${name}: ${privileges} only on ${listed(places.flat())}; elsewhere ${without}.`;
    return { about, level: "note", message, fix };
  }
  const reasons = missing.map((need) => whyMissing(need, permissions)).join(" ");
  const message = `${name}: ${reasons} So ${without}.`;
  return { about, level: levels[importance], message, fix };
}

/** What is granted for all guests may be lost again on single ones: optional things by intent. */
function judgeGaps(capability: Capability, permissions: Permissions, mend: Mend): Finding {
  const { name, importance, needs, without } = capability;
  const gaps = importance === "optional" ? [] : needs.flatMap((need) => gapsOf(need, permissions));
  if (gaps.length === 0) {
    const held = needs.map(({ path, privilege }) => `${privilege} on ${path}`);
    return { about, level: "ok", message: `${name}: ${listed(held)}.` };
  }
  const privileges = listed(gaps.map(({ privilege }) => privilege));
  const paths = listed(gaps.map(({ path }) => path));
  const message = `${name}: other roles on ${paths} replace those from above and lack ${privileges}; there, ${without}.`;
  const level = gaps.some(({ role }) => role === readRole) ? "warning" : "note";
  return { about, level, message, fix: mend(gaps) };
}

function missingNeeds({ needs }: Capability, { holds }: Permissions): readonly Need[] {
  return needs.filter(({ path, privilege }) => !holds(path, privilege));
}

function whyMissing({ path, privilege }: Need, permissions: Permissions): string {
  const above = heldAbove({ path, privilege }, permissions);
  if (above) {
    return `${privilege} is held on ${above}, but a role on ${path} replaces it there: roles on a deeper path do not add to those from above.`;
  }
  if (permissions.has(path, privilege)) {
    return `${privilege} is held on ${path} itself, but not on what is below it.`;
  }
  return `${privilege} is missing on ${path}.`;
}

function heldAbove(
  { path, privilege }: Pick<Need, "path" | "privilege">,
  { paths, holds }: Permissions,
): string | undefined {
  return paths.find((above) => isBelow(path, above) && holds(above, privilege));
}

/** Parts of the cluster where it is held; a pool's privileges hold for the guests in it. */
function placesOf({ path, privilege }: Need, { paths, holds }: Permissions): readonly string[] {
  const isPart = (part: string) =>
    isBelow(part, path) || (path === "/vms" && isBelow(part, "/pool"));
  return paths.filter((part) => isPart(part) && holds(part, privilege));
}

/** Single guests, nodes or storages where other roles have replaced it. */
function gapsOf(need: Need, { paths, has }: Permissions): readonly Need[] {
  if (need.path === "/") return [];
  const below = paths.filter((path) => isBelow(path, need.path));
  return below.filter((path) => !has(path, need.privilege)).map((path) => ({ ...need, path }));
}

function listed(names: readonly string[]): string {
  return unique(names).join(", ");
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
