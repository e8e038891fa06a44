import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { StartedSimulator } from "#src/simulator/simulator.ts";

const nodes = ["pve1", "pve2", "pve3"] as const;

const guestList = z.object({
  data: z.array(z.object({ vmid: z.number(), node: z.string(), name: z.string().optional() })),
});
const taskList = z.object({
  data: z.array(z.object({ id: z.string(), type: z.string(), status: z.string().optional() })),
});

/** Whoever administers the cluster: takes freed VMIDs for other guests, and reads the tasks. */
export interface Administrator {
  /** The VMIDs that are in use. */
  used(): Promise<ReadonlySet<number>>;
  /** How often a guest with this VMID was destroyed. */
  destroyed(): Promise<ReadonlyMap<number, number>>;
  /** The VMIDs that were taken for another guest so far. */
  taken(): ReadonlySet<number>;
  /** Waits for what is being made, and makes nothing any more. */
  stop(): Promise<void>;
}

/** As soon as one of the VMIDs is free, another guest of the same name gets it. */
export function startAdministrator(
  { url, root }: StartedSimulator,
  wanted: readonly number[],
): Administrator {
  const taken = new Set<number>();
  const headers = { authorization: `PVEAPIToken=${root.tokenId}=${root.tokenSecret}` };
  let stopped = false;

  async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${url}/api2/json${path}`, { headers });
    return schema.parse(await response.json());
  }

  async function used(): Promise<ReadonlySet<number>> {
    const { data } = await read("/cluster/resources?type=vm", guestList);
    return new Set(data.map(({ vmid }) => vmid));
  }

  async function create(vmid: number): Promise<void> {
    const body = new URLSearchParams({
      vmid: String(vmid),
      hostname: nameOf(vmid),
      ostemplate: "local:vztmpl/debian.tar.zst",
      net0: "name=eth0,bridge=vmbr0",
      storage: "local",
    });
    const path = `/nodes/${nodeOf(vmid)}/lxc`;
    const { ok } = await fetch(`${url}/api2/json${path}`, { method: "POST", headers, body });
    if (ok) taken.add(vmid);
  }

  async function takeWhatIsFree(): Promise<void> {
    while (!stopped) {
      const present = await used();
      const free = wanted.filter((vmid) => !taken.has(vmid) && !present.has(vmid));
      await Promise.all(free.map(create));
      await sleep(20);
    }
  }
  const taking = takeWhatIsFree();

  return {
    used,
    taken: () => taken,
    async destroyed() {
      const counts = new Map<number, number>();
      for (const node of nodes) {
        const { data } = await read(`/nodes/${node}/tasks?limit=100000`, taskList);
        const ended = data.filter(({ type, status }) => /destroy$/.test(type) && status === "OK");
        for (const { id } of ended) counts.set(Number(id), (counts.get(Number(id)) ?? 0) + 1);
      }
      return counts;
    },
    async stop() {
      stopped = true;
      await taking;
    },
  };
}

export function nodeOf(vmid: number): string {
  return nodes[vmid % nodes.length] ?? nodes[0];
}

export function nameOf(vmid: number): string {
  return `guest-${vmid}`;
}

/** Every node of the cluster. */
export const clusterNodes = nodes.map((name) => ({ name }));
