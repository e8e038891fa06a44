import { fork } from "node:child_process";
import { once } from "node:events";
import type { ToolContext } from "#src/actions/tool.ts";
import { clockStartingAt, systemClock } from "#src/clock.ts";
import { silentLogger } from "#src/log.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { median, print, printFigures, printTable, rounded } from "#test/bench/report.ts";
import { listGuests } from "#tools/guests/list-guests.ts";
import type { ClusterMessage } from "./cluster-server.ts";
import { guestName, nodeName } from "./large-cluster.ts";

const guestCount = 10_000;
const rounds = 15;
/** The listing is cached for seconds; a jump of the clock makes the next one a new one. */
const beyondCache = { minutes: 1 };

const cluster = fork(new URL("cluster-server.ts", import.meta.url), [String(guestCount)]);

async function nextMessage<Key extends string>(): Promise<
  Extract<ClusterMessage, Record<Key, unknown>>
> {
  const [message] = await once(cluster, "message", { signal: AbortSignal.timeout(60_000) });
  return message;
}

/** What the cluster was asked since the last time. */
async function requests(): Promise<readonly string[]> {
  cluster.send("requests");
  return (await nextMessage<"paths">()).paths;
}

const { url, tokenId, tokenSecret } = await nextMessage<"url">();
const clock = clockStartingAt(systemClock.now());
const tls = { kind: "system" } as const;
const server = { endpoints: [url], tokenId, tokenSecret, tls };
const client = createProxmoxClient({ ...server, log: silentLogger });
const { guests } = createProxmox({ client, clock });
const tool = listGuests({ guests, people: () => [] });

const signal = AbortSignal.timeout(300_000);
const principal = { id: "alice", name: "Alice", role: "admin", timeZone: "UTC" };
const context: ToolContext = { principal, askedAt: clock.now(), signal };

async function callTool(filter: Readonly<Record<string, unknown>>): Promise<unknown> {
  const plan = await tool.plan(filter, context);
  return plan.apply(context);
}

interface Case {
  readonly name: string;
  /** Whether the listing is fetched anew each time. */
  readonly anew: boolean;
  run(round: number): Promise<unknown>;
}

/** The least that any reader of the inventory does. */
async function fetchBare(): Promise<unknown> {
  const headers = { authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` };
  const response = await fetch(`${url}/api2/json/cluster/resources?type=vm`, { headers, signal });
  return response.json();
}

const cases: readonly Case[] = [
  { name: "bare fetch and JSON.parse", anew: true, run: fetchBare },
  { name: "list, fetched", anew: true, run: () => guests.list(signal) },
  {
    name: "list, ten at once",
    anew: true,
    run: () => Promise.all(Array.from({ length: 10 }, () => guests.list(signal))),
  },
  { name: "list, cached", anew: false, run: () => guests.list(signal) },
  { name: "list_guests, all", anew: false, run: () => callTool({}) },
  {
    name: "list_guests, filtered",
    anew: false,
    run: (round) => callTool({ node: nodeName(round), status: "running", tag: "prod" }),
  },
  {
    name: "list_guests, by name",
    anew: false,
    run: (round) => callTool({ name: guestName(round) }),
  },
  { name: "find by VMID", anew: false, run: (round) => guests.find(String(5000 + round), signal) },
  {
    name: "find by name",
    anew: false,
    run: (round) => guests.find(guestName(7000 + round), signal),
  },
];

/** Unmeasured, for the simulator as much as for us. */
const warmUps = 10;

async function measure({ name, anew, run }: Case) {
  const times: number[] = [];
  const paths: string[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    clock.set(clock.now().add(beyondCache));
    if (!anew) await guests.list(signal);
    await requests();
    const startedAt = performance.now();
    await run(round + warmUps);
    if (round < 0) continue;
    times.push(performance.now() - startedAt);
    paths.push(...(await requests()));
  }
  const listings = paths.filter((path) => path === "/cluster/resources").length;
  return {
    name,
    ms: rounded(median(times)),
    listings: listings / rounds,
    otherRequests: rounded((paths.length - listings) / rounds),
  };
}

/** What one listing holds in memory, in MB. */
async function memoryOfListing(): Promise<number> {
  const heap = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  clock.set(clock.now().add(beyondCache));
  const before = heap();
  const listing = await guests.list(signal);
  const held = heap() - before;
  if (listing.guests.length !== guestCount) throw new Error("The listing is not complete.");
  return held / 2 ** 20;
}

try {
  const listingMb = await memoryOfListing();
  const results = [];
  for (const each of cases) results.push(await measure(each));
  printTable(
    `${guestCount} guests (${rounds} rounds, medians)`,
    results.map(({ name, ms, listings, otherRequests }) => ({
      "": name,
      ms,
      "inventory requests": listings,
      "other requests": otherRequests,
    })),
  );
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  print(`One listing takes ${rounded(listingMb)} MB; the process has ${Math.round(rssMb)} MB.`);

  const [bare, fetched, atOnce] = results;
  if (fetched?.listings !== 1 || atOnce?.listings !== 1) {
    throw new Error("A listing took more than one request.");
  }
  const listToBare = rounded(fetched.ms / (bare?.ms ?? Number.NaN));
  print(`A listing takes ${listToBare}x the time of a bare fetch.`);
  const memory = { listingMb: rounded(listingMb), rssMb: Math.round(rssMb) };
  printFigures({ guests: guestCount, ...memory, listToBare, results });
} finally {
  cluster.kill();
  await client.close();
}
