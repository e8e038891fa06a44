import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { openDatabase } from "#src/storage/database.ts";
import { startReplica } from "#test/kill/replica.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { scheduleDeletions, startOutsideWorld } from "./outside-world.ts";

/** A guest that is to be deleted, once the program runs. */
export interface Doomed {
  readonly running?: boolean;
  readonly backup?: boolean;
  /** Two when omitted. */
  readonly dueInSeconds?: number;
}

/** Between the program and each server. */
export type Proxies = Readonly<Record<"proxmox" | "google" | "slack", FaultProxy>>;

interface Scheduled {
  readonly id: string;
  readonly vmid: number;
}

/** The real program, which reaches no server without passing a proxy. */
export interface ProgramUnderFaults extends AsyncDisposable {
  readonly proxies: Proxies;
  /** In the order in which they were asked for. */
  readonly deletions: readonly Scheduled[];
  /** The state of each deletion. */
  states(): Promise<readonly (string | undefined)[]>;
  /** How many tasks of this type ended well, for each guest. */
  tasks(type: string): Promise<readonly number[]>;
  /** Every notice in the workspace, once per time that it was said. */
  noticeKeys(): readonly string[];
}

const taskList = z.object({ data: z.array(z.object({ id: z.string(), status: z.string() })) });
const noticeMetadata = z.object({ event_payload: z.object({ key: z.string() }) });

/**
 * Starts the program with deletions on its schedule. Several may run side by side.
 *
 * @param strike says what goes wrong, before the program starts
 */
export async function startUnderFaults(
  doomed: readonly Doomed[],
  strike: (proxies: Proxies, deletions: readonly Scheduled[]) => void,
): Promise<ProgramUnderFaults> {
  await using opening = new AsyncDisposableStack();
  const world = opening.use(await startOutsideWorld(seedOf(doomed)));
  const file = join(world.folder, "agent.db");
  const db = opening.adopt(await openDatabase(file), (open) => open.destroy());
  const wishes = doomed.map(({ dueInSeconds = 2, backup = false }, index) => ({
    vmid: vmidOf(index),
    inSeconds: dueInSeconds,
    withoutBackup: !backup,
  }));
  const scheduled = await scheduleDeletions(world, db, wishes);
  const deletions = scheduled.map(({ id, guest }) => ({ id, vmid: guest.vmid }));

  const { simulator, google, connection, slack } = world;
  const proxies = {
    proxmox: opening.use(await startFaultProxy(simulator.url)),
    google: opening.use(await startFaultProxy(google.apiRootUrl)),
    slack: opening.use(await startFaultProxy(connection.apiUrl)),
  };
  strike(proxies, deletions);
  const detours = {
    proxmox: proxies.proxmox.url,
    google: proxies.google.url,
    slack: proxies.slack.url,
  };
  const env = { ...world.env(detours), BACKUP_STORAGE: "local" };
  opening.adopt(startReplica(env, world.folder), (replica) => replica.kill());

  const opened = opening.move();
  return {
    proxies,
    deletions,
    async states() {
      const rows = await db.selectFrom("deletion").select(["id", "state"]).execute();
      return deletions.map(({ id }) => rows.find((row) => row.id === id)?.state);
    },
    async tasks(type) {
      const { root } = simulator;
      const headers = { authorization: `PVEAPIToken=${root.tokenId}=${root.tokenSecret}` };
      const path = `/nodes/pve1/tasks?typefilter=${type}&limit=1000`;
      const response = await fetch(`${simulator.url}/api2/json${path}`, { headers });
      const { data } = taskList.parse(await response.json());
      const well = data.filter(({ status }) => status === "OK");
      return deletions.map(({ vmid }) => well.filter(({ id }) => Number(id) === vmid).length);
    },
    noticeKeys() {
      const marked = slack
        .messages()
        .map(({ metadata }) => noticeMetadata.safeParse(metadata).data);
      return marked.flatMap((found) => found?.event_payload.key ?? []);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/**
 * Waits for what takes the program its own timeouts and pauses.
 *
 * @throws Error with what was read last, after two minutes
 */
export async function comesTo<T>(wanted: T, read: () => T | Promise<T>): Promise<void> {
  for (const end = performance.now() + 120_000; ; await sleep(200)) {
    const present = await read();
    if (isDeepStrictEqual(present, wanted)) return;
    if (performance.now() > end) throw new Error(`It stays at ${JSON.stringify(present)}.`);
  }
}

const vmidOf = (index: number) => 1001 + index;

function seedOf(doomed: readonly Doomed[]) {
  return {
    nodes: [{ name: "pve1" }],
    storages: [{ id: "local", content: "rootdir,images,backup" }],
    guests: doomed.map(({ running }, index) => ({
      vmid: vmidOf(index),
      kind: "lxc" as const,
      name: `guest-${vmidOf(index)}`,
      node: "pve1",
      status: running ? ("running" as const) : ("stopped" as const),
    })),
  };
}
