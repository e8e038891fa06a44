import { openCluster } from "#src/app/cluster.ts";
import { readPolicyFile } from "#src/app/policy-file.ts";
import { systemClock as clock } from "#src/clock.ts";
import type { Config } from "#src/config.ts";
import { silentLogger as log } from "#src/log.ts";
import { lintPolicy } from "#src/policy/lint.ts";
import type { Known } from "#src/policy/policy-document.ts";

/**
 * What a policy file says, and what in it is probably not meant, in lines for a person.
 *
 * @param cluster to look up names in; without it, they are taken as they are
 * @throws PublicError with every mistake when the file is not valid.
 */
export async function checkPolicy(
  path: string,
  known: Known,
  cluster?: Config["proxmox"],
): Promise<readonly string[]> {
  const { document, warnings } = await lintFile(path, known, cluster);
  const { roles, users, groups, rules } = document;
  const counts = [
    counted(Object.keys(roles).length, "role"),
    counted(users.length, "user"),
    counted(groups.length, "group"),
    counted(rules.length, "rule"),
  ];
  return [
    `${path} is valid: ${counts.join(", ")}.`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

/**
 * A policy file, and what in it is probably not meant, each once.
 *
 * @param cluster to look up names in; without it, they are taken as they are
 * @throws PublicError with every mistake when the file is not valid, or when the cluster does not
 * answer.
 */
export async function lintFile(path: string, known: Known, cluster?: Config["proxmox"]) {
  const { document, warnings } = await readPolicyFile(path, known);
  const nodes = cluster && (await nodesOf(cluster));
  const live = nodes ? lintPolicy(document, known, { nodes }) : [];
  return { document, warnings: [...new Set([...warnings, ...live])] };
}

/** Milliseconds that the cluster has to answer. */
const patience = 30_000;

async function nodesOf(config: Config["proxmox"]): Promise<readonly string[]> {
  const { proxmox, close } = await openCluster({ config, clock, log });
  try {
    const { nodes } = await proxmox.cluster.status(AbortSignal.timeout(patience));
    return nodes.map(({ name }) => name);
  } finally {
    await close();
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
