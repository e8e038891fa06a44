import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Temporal } from "temporal-polyfill";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createDeletions, type Deletions } from "#src/app/deletions.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import type { Calendar } from "#src/calendar/calendar.ts";
import { systemClock } from "#src/clock.ts";
import type { Deletion, DoomedGuest } from "#src/deletions/deletion.ts";
import { reminderKeys } from "#src/deletions/deletion-notices.ts";
import { fromRow, toRow } from "#src/deletions/deletion-row.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { type Installation, openInstallation } from "#src/deletions/installation.ts";
import { silentLogger } from "#src/log.ts";
import { deletionPolicyOf } from "#src/policy/deletion-rules.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import type { Proxmox } from "#src/proxmox/proxmox.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";

/** A database file, and whose events it is about. */
export interface BenchDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly installation: Installation;
}

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "bench-scheduler-"));
  const db = await openDatabase(join(folder, "agent.db"));
  return {
    db,
    installation: await openInstallation(db),
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const alice = { id: "alice", name: "Alice" };
const batch = 200;

/** Puts deletions on the schedule that are in the calendar, and of which everybody was reminded. */
export async function plan(
  { db, installation }: BenchDatabase,
  guests: readonly DoomedGuest[],
  dueAt: (index: number) => Temporal.Instant,
): Promise<readonly Deletion[]> {
  const now = systemClock.now().epochMilliseconds;
  const rows = guests.map((guest, index) => {
    const time = { dueAt: dueAt(index), timeZone: "UTC", confirmedBy: alice };
    const wish = { guest, ...time, requestedBy: alice, withoutBackup: true };
    const row = toRow(wish, installation.mintId(), now);
    const event = { event_etag: "", event_at: row.due_at };
    return { ...row, ...event, state: "planned", reminded_revision: 1, next_at: row.due_at };
  });
  const deletions = rows.map(fromRow);
  const said = deletions.flatMap(reminderKeys).map((key) => ({
    ...{ key, state: "sent", recipient: "channel", message: "", about: null, attempts: 1 },
    ...{ next_at: now, created_at: now, place: "bench", stage: "over" },
  }));
  for (const part of parts(rows))
    await db
      .insertInto("deletion")
      .values([...part])
      .execute();
  for (const part of parts(said))
    await db
      .insertInto("outbox")
      .values([...part])
      .execute();
  return deletions;
}

function parts<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / batch);
  return Array.from({ length: count }, (_, index) => all.slice(index * batch, (index + 1) * batch));
}

/** The schedule, wired as the program wires it; `onClaim` hears of each claim. */
export function openSchedule(
  { db, installation }: BenchDatabase,
  { calendar, proxmox }: { readonly calendar: Calendar; readonly proxmox: Proxmox },
  onClaim: (deletion: Deletion) => void = () => {},
): Deletions {
  const clock = systemClock;
  const store = createDeletionStore(db, clock, installation.mintId);
  return createDeletions({
    config: {
      timeZone: "UTC",
      deletions: {
        ...{ pollSeconds: 60, backupRetentionDays: 30, shutdownMinutes: 5, preparationHours: 6 },
        ...{ perHour: 1_000_000, mark: false },
      },
    },
    db,
    proxmox,
    calendar: { calendar, clockOffset: () => undefined },
    installation,
    deletions: {
      ...store,
      async claimDue(owner, limit) {
        const claims = await store.claimDue(owner, limit);
        for (const claim of claims) onClaim(claim);
        return claims;
      },
    },
    policy: deletionPolicyOf(
      simplestPolicy,
      createPrincipals([], { role: "viewer", timeZone: "UTC" }),
    ),
    document: () => simplestPolicy,
    people: () => [],
    confirmations: createConfirmationStore(db, clock),
    audit: createAuditLog(db, clock),
    clock,
    log: silentLogger,
  });
}
