import { apiPath } from "./api-path.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { backupConfig, type GuestConfig } from "./responses.ts";

/** The configuration of the guest that is in a backup, as any node reads it that has the storage. */
export async function readBackedUpConfig(
  client: Pick<ProxmoxClient, "get">,
  { node, volume }: { readonly node: string; readonly volume: string },
  signal: AbortSignal,
): Promise<GuestConfig> {
  const path = apiPath`/nodes/${node}/vzdump/extractconfig`;
  return parseConfig(await client.get(path, backupConfig, { parameters: { volume }, signal }));
}

/** Reads a configuration file's own part; its snapshots follow in sections. */
function parseConfig(text: string): GuestConfig {
  const lines = (text.split(/^\[/m, 1)[0] ?? "").split("\n");
  const entries = lines.flatMap((line) => {
    const [, key, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
