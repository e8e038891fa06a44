import type { Config } from "#src/config.ts";
import { sandboxBackupStorage } from "#src/settings.ts";
import type { Finding } from "./finding.ts";
import { roleScript } from "./role-script.ts";
import { readTokens, type TokenReport } from "./tokens.ts";

/** What a person decides who asks for roles. */
export interface RoleOptions {
  /** The only pool whose guests may be changed. */
  readonly pool?: string | undefined;
  /** Proxmox's major version, where it is not to be the cluster's own. */
  readonly pve?: number | undefined;
  /** One token for everything, deletions included. */
  readonly oneToken?: boolean | undefined;
}

/** What to type at a node, and how what there is compares with it. */
export interface RoleAdvice {
  /** A shell's script: commands and comments. */
  readonly script: readonly string[];
  readonly findings: readonly Finding[];
}

/** Proxmox's major version where nobody says another one. */
const newestMajor = 9;

/**
 * The commands that give the program's tokens what it needs and no more, as it is configured; the
 * configured tokens are compared with that where the cluster can be asked.
 */
export async function adviseRoles(
  { proxmox, deletions }: Pick<Config, "proxmox" | "deletions">,
  { pool, pve, oneToken = false }: RoleOptions,
  signal: AbortSignal,
): Promise<RoleAdvice> {
  const { backupStorage, mark } = deletions;
  if (proxmox.kind === "sandbox") {
    // The sandbox's own storage for backups is none of the cluster that the roles are for.
    const storage = backupStorage === sandboxBackupStorage ? undefined : backupStorage;
    const setup = { major: pve ?? newestMajor, pool, mark, backupStorage: storage };
    return { script: roleScript({ setup, oneToken }), findings: [] };
  }
  const purpose = { pool, backupStorage, mark };
  const { findings, major, tokens } = await readTokens(proxmox, purpose, signal);
  const setup = { ...purpose, major: pve ?? major ?? newestMajor };
  return {
    script: roleScript({
      setup,
      oneToken,
      tokenId: proxmox.tokenId,
      deletionTokenId: proxmox.deletionToken?.tokenId,
      existing: tokens.filter(isAccepted).map(({ server }) => server.tokenId),
    }),
    findings: [...findings, ...tokens.flatMap((token) => token.findings)],
  };
}

function isAccepted({ permissions }: TokenReport): boolean {
  return permissions !== undefined;
}
