import type { Finding } from "./finding.ts";
import { isBelow, type Permissions } from "./permissions.ts";
import { capabilitiesOf, dangerousPrivileges, type Setup, type TokenPart } from "./privileges.ts";
import { narrowTokenCommands, onANode, type TokenName, type Wish } from "./pveum.ts";

const about = "privileges";

/** What a token may do and the program never does with it, and how to do without. */
export function judgeSurplus(permissions: Permissions, wish: Wish): Finding {
  const { setup, token } = wish;
  const surplus = [...unneeded(permissions, setup), ...tooWide(permissions, setup)];
  if (surplus.length === 0) {
    return { about, level: "ok", message: "It may do nothing that the program never does." };
  }
  const dangers = surplus.filter(({ privilege }) => privilege in dangerousPrivileges);
  const harmless = surplus.filter(({ privilege }) => !(privilege in dangerousPrivileges));
  return {
    about,
    level: dangers.length > 0 ? "warning" : "note",
    message: "The token may do what the program never does. Whoever gets hold of it:",
    details: [
      ...dangers.map((held) => `${placed(held)}: ${dangerousPrivileges[held.privilege]}`),
      ...(harmless.length > 0 ? [`besides: ${harmless.map(placed).join(", ")}`] : []),
    ],
    fix: [
      onANode,
      "# our roles with nothing in them but what is needed, and a token that has no others:",
      ...narrowTokenCommands(wish),
      ...afterwards(token, setup.part),
    ],
  };
}

/** A privilege, and where it is held. */
interface Held {
  readonly privilege: string;
  readonly paths: readonly string[];
}

function placed({ privilege, paths }: Held): string {
  return `${privilege} on ${paths.join(", ")}`;
}

/** What nothing that the program can do needs anywhere. */
function unneeded({ paths, privilegesOn }: Permissions, setup: Setup): readonly Held[] {
  const needs = capabilitiesOf(setup).flatMap((capability) => capability.needs);
  const needed = new Set(needs.map(({ privilege }) => privilege));
  const all = new Set(paths.flatMap(privilegesOn));
  return [...all]
    .filter((privilege) => !needed.has(privilege))
    .map((privilege) => {
      const held = paths.filter((path) => privilegesOn(path).includes(privilege));
      return { privilege, paths: held.filter((path) => !held.some((one) => isBelow(path, one))) };
    });
}

/** What is needed for the guests of a pool, and held for all. */
function tooWide({ holds }: Permissions, setup: Setup): readonly Held[] {
  if (setup.pool === undefined) return [];
  const needs = capabilitiesOf(setup).flatMap((capability) => capability.needs);
  const forPool = needs.filter(({ path }) => path === `/pool/${setup.pool}`);
  const privileges = [...new Set(forPool.map(({ privilege }) => privilege))];
  return privileges
    .filter((privilege) => holds("/vms", privilege))
    .map((privilege) => ({ privilege, paths: ["/vms"] }));
}

function afterwards({ user, name }: TokenName, part: TokenPart | undefined): readonly string[] {
  const setting = part === "deletion" ? "PROXMOX_DELETE_TOKEN" : "PROXMOX_TOKEN";
  return [
    `# then in .env: ${setting}_ID and ${setting}_SECRET of this new token, and when that works:`,
    `# pveum user token remove '${user}' '${name}'`,
  ];
}
