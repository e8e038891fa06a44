import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import type { Database } from "#src/storage/database.ts";
import { type DeletionState, type DeletionVersion, openStates } from "./deletion.ts";

/** What the calendar makes of one deletion. */
export interface CalendarReaction {
  readonly deletion: DeletionVersion;
  /** The states in which it applies; in any other, somebody was faster. */
  readonly from: readonly DeletionState[];
  readonly change: CalendarChange;
  readonly notices: readonly Notice[];
}

/** What is null is taken away, what is absent stays. */
export interface CalendarChange {
  readonly state?: DeletionState;
  readonly reason?: string | null;
  readonly event?: { readonly etag: string; readonly startsAt: Temporal.Instant };
  readonly eventGone?: boolean;
  /** Moved: a new revision, which nobody has confirmed. */
  readonly movedTo?: Temporal.Instant;
  /** Whether the scheduler should look at it at once. */
  readonly hurry?: boolean;
}

/** Where reading the calendar stands. */
export interface CalendarSyncState {
  readonly token: string | undefined;
  /** When it was last read to the end; undefined before the first time. */
  readonly syncedAt: Temporal.Instant | undefined;
}

/** Keeps how far a calendar was read, together with what followed from it. */
export interface CalendarSyncStore {
  /**
   * Takes the right to read the calendar for a while; undefined while another process has it, or
   * read it less than `every` ago.
   */
  take(owner: string, every: Temporal.DurationLike): Promise<CalendarSyncState | undefined>;
  /**
   * Moves on from one token to the next, with all that the changes in between lead to, or does
   * nothing where another process was faster. Gives the right back.
   */
  apply(step: {
    readonly from: string | undefined;
    readonly to: string | undefined;
    readonly reactions: readonly CalendarReaction[];
    readonly notices: readonly Notice[];
  }): Promise<boolean>;
  /** Gives the right back as it was taken, or, to read everything again, without the token. */
  giveBack(token: "keep" | "forget", notices: readonly Notice[]): Promise<void>;
}

/** A reading takes no longer. */
const readingTime = { minutes: 2 } as const;

/** The store of one calendar. */
export function createCalendarSyncStore(
  db: Database,
  clock: Clock,
  calendarId: string,
): CalendarSyncStore {
  const now = () => clock.now().epochMilliseconds;

  async function ensureRow(): Promise<void> {
    const row = { calendar_id: calendarId, token: null, synced_at: 0, owner: null, lease_until: 0 };
    await db
      .insertInto("calendar_sync")
      .values(row)
      .onConflict((conflict) => conflict.column("calendar_id").doNothing())
      .execute();
  }

  return {
    async take(owner, every) {
      await ensureRow();
      const start = clock.now();
      const leaseEnd = start.add(readingTime).epochMilliseconds;
      const row = await db
        .updateTable("calendar_sync")
        .set({ owner, lease_until: leaseEnd })
        .where("calendar_id", "=", calendarId)
        .where((or) =>
          or.or([
            or("lease_until", "<=", start.epochMilliseconds),
            // Given by a clock that has been put back since, and not one of a second ahead.
            or("lease_until", ">", start.add(readingTime).add(readingTime).epochMilliseconds),
          ]),
        )
        .where((or) =>
          or.or([
            or("synced_at", "<=", start.subtract(every).epochMilliseconds),
            or("synced_at", ">", start.add(readingTime).epochMilliseconds),
          ]),
        )
        .returning(["token", "synced_at"])
        .executeTakeFirst();
      if (!row) return undefined;
      const syncedAt = row.synced_at === 0 ? undefined : instantOf(row.synced_at);
      return { token: row.token ?? undefined, syncedAt };
    },

    async apply({ from, to, reactions, notices }) {
      return db.transaction().execute(async (transaction) => {
        const moved = await transaction
          .updateTable("calendar_sync")
          .set({ token: to ?? null, synced_at: now(), owner: null, lease_until: 0 })
          .where("calendar_id", "=", calendarId)
          .where("token", from === undefined ? "is" : "=", from ?? null)
          .executeTakeFirst();
        if (moved.numUpdatedRows !== 1n) return false;
        const outbox = createOutboxStore(transaction, clock);
        for (const notice of notices) await outbox.add(notice);
        for (const reaction of reactions) {
          if (!(await react(transaction, reaction, now()))) continue;
          for (const notice of reaction.notices) await outbox.add(notice);
        }
        return true;
      });
    },

    async giveBack(token, notices) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("calendar_sync")
          .set({ owner: null, lease_until: 0, ...(token === "forget" && { token: null }) })
          .where("calendar_id", "=", calendarId)
          .execute();
        const outbox = createOutboxStore(transaction, clock);
        for (const notice of notices) await outbox.add(notice);
      });
    },
  };
}

/** Applies a reaction, unless its deletion has gone on meanwhile. */
async function react(
  db: Database,
  { deletion, from, change }: CalendarReaction,
  now: number,
): Promise<boolean> {
  const { state, reason, event, eventGone, movedTo, hurry } = change;
  const result = await db
    .updateTable("deletion")
    .set({
      ...(state !== undefined && { state, attempts: 0 }),
      ...(reason !== undefined && { reason }),
      ...(event && { event_etag: event.etag, event_at: event.startsAt.epochMilliseconds }),
      ...(eventGone !== undefined && { event_gone: Number(eventGone) }),
      ...(movedTo && { ...unconfirmed(movedTo), revision: deletion.revision + 1 }),
      ...(hurry && { next_at: now }),
    })
    .where("id", "=", deletion.id)
    .where("revision", "=", deletion.revision)
    .where("state", "in", from)
    // A guest has one open deletion: an old one does not come back beside a new one.
    .where(({ or, not, exists, eb, selectFrom }) =>
      or([
        not(eb("state", "in", ["cancelled", "done"])),
        not(
          exists(
            selectFrom("deletion as other")
              .select("other.id")
              .whereRef("other.vmid", "=", "deletion.vmid")
              .whereRef("other.fingerprint", "=", "deletion.fingerprint")
              .whereRef("other.id", "!=", "deletion.id")
              .where("other.state", "in", openStates),
          ),
        ),
      ]),
    )
    .executeTakeFirst();
  if (result.numUpdatedRows === 1n) return true;
  // Back in the calendar, and its guest has another one by now: it is removed again.
  if (eventGone === false) {
    await db
      .updateTable("deletion")
      .set({ event_gone: 0, next_at: now })
      .where("id", "=", deletion.id)
      .where("revision", "=", deletion.revision)
      .where("state", "in", from)
      .execute();
  }
  return false;
}

/** What a person has confirmed does not hold for another time. */
function unconfirmed(dueAt: Temporal.Instant) {
  return {
    due_at: dueAt.epochMilliseconds,
    confirmed_by: null,
    confirmed_by_name: null,
    approved_by: null,
    confirmed_at: null,
    beyond_limit: 0,
    begun_at: null,
    attempts: 0,
    reason: null,
  };
}

function instantOf(milliseconds: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds);
}
