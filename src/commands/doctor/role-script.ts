import { type Capability, capabilitiesOf, type Setup, type TokenPart } from "./privileges.ts";
import { createCommands, grantCommands, parseTokenId, pathsOf, setUpCommands } from "./pveum.ts";

/** Which tokens are to be able to do what. */
interface RoleWish {
  readonly setup: Omit<Setup, "part">;
  readonly oneToken: boolean;
  readonly tokenId?: string | undefined;
  readonly deletionTokenId?: string | undefined;
  /** Tokens that need not be made. */
  readonly existing?: readonly string[] | undefined;
}

const defaultTokenId = "assistant@pve!main";

/**
 * A script for a shell of root's: what the program needs as it is set up, token by token. What comes
 * under a title of its own may be left out. To run it again changes nothing.
 */
export function roleScript(wish: RoleWish): readonly string[] {
  const { setup, oneToken, tokenId = defaultTokenId } = wish;
  const { user, name } = parseTokenId(tokenId);
  const { deletionTokenId = `${user.replace("@", "-delete@")}!${name}` } = wish;
  const sections = oneToken
    ? [section(wish, undefined, tokenId)]
    : [section(wish, "agent", tokenId), section(wish, "deletion", deletionTokenId)];
  return [
    `# What proxmox-agent needs on Proxmox VE ${setup.major}, and no more: as root on any node of the cluster.`,
    ...(setup.pool === undefined ? [] : [`# It changes guests of the pool ${setup.pool} only.`]),
    ...sections.flat(),
    ...leftOut(setup),
  ];
}

const titles: Readonly<Record<TokenPart | "one", string>> = {
  one: "The one token: looks at guests, starts and stops them, and deletes them",
  agent: "The agent's token: looks at guests, starts and stops them, and cannot delete any",
  deletion:
    "The token for deletions: only what carries out a confirmed deletion or restore uses it",
};

function section(wish: RoleWish, part: TokenPart | undefined, tokenId: string): readonly string[] {
  const setup: Setup = { ...wish.setup, part };
  const token = parseTokenId(tokenId);
  const all = capabilitiesOf(setup).filter((capability) => isConfigured(capability, setup));
  const capabilities = all.filter((capability) => !isExtra(capability));
  const lines = setUpCommands({ token, setup, capabilities });
  const setting = part === "deletion" ? "PROXMOX_DELETE_TOKEN" : "PROXMOX_TOKEN";
  return [
    "",
    `# ${titles[part ?? "one"]} (${setting}_ID and ${setting}_SECRET).`,
    ...(wish.existing?.includes(tokenId) ? [] : createCommands(token)),
    ...lines,
    ...all.filter(isExtra).flatMap((extra) => {
      const wanted = { token, setup, capabilities: [...capabilities, extra] };
      const added = grantCommands(wanted, pathsOf([extra]));
      return ["", `# ${explain(extra, setup)}`, ...added.filter((line) => !lines.includes(line))];
    }),
  ];
}

/** What people may want to do without. */
function isExtra({ name, importance }: Capability): boolean {
  const isByName = ["transfer", "backup", "restore", "restore disks", "mark"].includes(name);
  return isByName || (name === "addresses" && importance === "optional");
}

function explain({ name, without }: Capability, { major }: Setup): string {
  const title = `${name}: without these lines, ${without}.`;
  if (name === "transfer")
    return `${title} They also let the token take the protection off guests.`;
  if (name !== "addresses" || major >= 9) return title;
  return `${title} On Proxmox VE 8 they also let the token run any command within virtual machines.`;
}

function isConfigured({ name }: Capability, { backupStorage }: Setup): boolean {
  return backupStorage !== undefined || !["backup", "restore", "restore disks"].includes(name);
}

function leftOut({ backupStorage, mark }: Setup): readonly string[] {
  const settings = [
    ...(backupStorage === undefined ? ["backups and restoring (BACKUP_STORAGE)"] : []),
    ...(mark ? [] : ["marks on guests (DELETION_MARK)"]),
  ];
  if (settings.length === 0) return [];
  return ["", `# Left out, because .env does not ask for it: ${settings.join(", ")}.`];
}
