import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#src/clock.ts";
import type { Deletion, DoomedGuest } from "#src/deletions/deletion.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { openInstallation } from "#src/deletions/installation.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import {
  createSimulator,
  type Simulator,
  type StartedSimulator,
} from "#src/simulator/simulator.ts";
import type { Database } from "#src/storage/database.ts";
import { type FakeGoogle, startFakeGoogle } from "./fake-google/fake-google.ts";
import {
  createFakeSlack,
  type FakeSlack,
  type FakeSlackConnection,
} from "./fake-slack/fake-slack.ts";

/** Where the program is told that each server is; those that are missing are where they really are. */
export interface Detours {
  readonly proxmox?: string;
  readonly google?: string;
  readonly slack?: string;
}

/** Everything outside of the program that a deletion touches. Knows nothing of any test runner. */
export interface OutsideWorld extends AsyncDisposable {
  readonly simulator: Simulator & StartedSimulator;
  readonly google: FakeGoogle;
  readonly slack: FakeSlack;
  readonly connection: FakeSlackConnection;
  /** For the database and the policy file; gone with the world. */
  readonly folder: string;
  /** What configures the program to live in this world; to be started in {@link folder}. */
  env(detours?: Detours): Readonly<Record<string, string>>;
}

/** Alice of the fake workspace may do everything. */
const alice = { id: "U0ALICE", name: "Alice" };
const policy = `
users:
  - { id: ${alice.id}, name: ${alice.name}, role: admin, timezone: Europe/Vienna }
unknown_users: viewer
`;

/** Starts a cluster, a calendar and a workspace. */
export async function startOutsideWorld(seed: SeedInput): Promise<OutsideWorld> {
  const folder = await mkdtemp(join(tmpdir(), "outside-world-"));
  await writeFile(join(folder, "policy.yaml"), policy);
  const simulator = createSimulator({ seed, pace: 0.01 });
  const started = await simulator.start();
  const google = await startFakeGoogle();
  const slack = createFakeSlack();
  const connection = await slack.start();
  return {
    simulator: { ...simulator, ...started },
    google,
    slack,
    connection,
    folder,
    env(detours = {}) {
      return {
        PROXMOX_URL: detours.proxmox ?? started.url,
        PROXMOX_TOKEN_ID: started.tokenId,
        PROXMOX_TOKEN_SECRET: started.tokenSecret,
        GOOGLE_CALENDAR_ID: google.calendar.id,
        GOOGLE_SERVICE_ACCOUNT_JSON: google.account.keyJson,
        GOOGLE_API_ROOT_URL: detours.google ?? google.apiRootUrl,
        GOOGLE_TOKEN_URL: google.tokenUrl,
        CALENDAR_POLL_SECONDS: "10",
        DELETIONS_PER_HOUR: "10000",
        SLACK_BOT_TOKEN: connection.botToken,
        SLACK_APP_TOKEN: connection.appToken,
        SLACK_API_URL: detours.slack ? `${detours.slack}/api/` : connection.apiUrl,
        POLICY_FILE: "policy.yaml",
        DATABASE_PATH: "agent.db",
      };
    },
    async [Symbol.asyncDispose]() {
      await slack.stop();
      await google.stop();
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What is to be deleted, and when. */
export interface Wish {
  readonly vmid: number;
  readonly inSeconds: number;
  readonly withoutBackup?: boolean;
}

/** Puts deletions on the schedule as a confirmed call of a person's does. */
export async function scheduleDeletions(
  { simulator }: Pick<OutsideWorld, "simulator">,
  db: Database,
  wishes: readonly Wish[],
): Promise<readonly Deletion[]> {
  const { mintId } = await openInstallation(db);
  const deletions = createDeletionStore(db, systemClock, mintId);
  const scheduled: Deletion[] = [];
  for (const { guest, wish } of await identify(simulator, wishes)) {
    const { inSeconds, withoutBackup } = wish;
    const deletion = await deletions.schedule({
      guest,
      dueAt: systemClock.now().add({ seconds: inSeconds }),
      timeZone: "Europe/Vienna",
      requestedBy: alice,
      confirmedBy: alice,
      withoutBackup,
    });
    if (!deletion) throw new Error(`A deletion of ${guest.vmid} is open already.`);
    scheduled.push(deletion);
  }
  return scheduled;
}

/** The guests as they are now. */
async function identify(server: StartedSimulator, wishes: readonly Wish[]) {
  const { url, tokenId, tokenSecret } = server;
  const tls = { kind: "system" } as const;
  const client = createProxmoxClient({ endpoints: [url], tokenId, tokenSecret, tls });
  try {
    const { guests } = createProxmox({ client, clock: systemClock });
    const signal = AbortSignal.timeout(60_000);
    const found: { readonly guest: DoomedGuest; readonly wish: Wish }[] = [];
    for (const wish of wishes) {
      const { vmid, kind, name, node, fingerprint } = await guests.find(String(wish.vmid), signal);
      found.push({ guest: { vmid, kind, name, node, fingerprint }, wish });
    }
    return found;
  } finally {
    await client.close();
  }
}
