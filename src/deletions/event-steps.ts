import type { Calendar } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { CalendarSync } from "./calendar-sync.ts";
import type { Claim } from "./deletion.ts";
import { notInCalendar } from "./deletion-notices.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { writeEvent } from "./event-writer.ts";
import type { LettingGo } from "./let-go.ts";

/** The steps of a deletion that are its event's. */
export interface EventSteps {
  write(claim: Claim, signal: AbortSignal): Promise<Claim | undefined>;
  remove(claim: Claim, signal: AbortSignal): Promise<Claim | undefined>;
  /** The calendar says something else: whoever reads it changes the row, and the claim is lost. */
  readCalendar(claim: Claim, reason: string, signal: AbortSignal): Promise<undefined>;
}

interface Deps {
  readonly calendar: Pick<Calendar, "insert" | "find" | "change" | "remove">;
  readonly deletions: Pick<DeletionStore, "advance">;
  readonly sync: Pick<CalendarSync, "poll">;
  readonly lettingGo: Pick<LettingGo, "wait" | "cancel">;
}

/** After so many attempts people are told that an event is not where it should be. */
const attemptsUntilTold = 4;

export function createEventSteps({ calendar, deletions, sync, lettingGo }: Deps): EventSteps {
  const { wait, cancel } = lettingGo;

  async function readCalendar(
    claim: Claim,
    reason: string,
    signal: AbortSignal,
  ): Promise<undefined> {
    await sync.poll({ seconds: 0 }, signal);
    return wait(claim, reason);
  }

  return {
    readCalendar,

    async write(claim, signal) {
      try {
        const written = await writeEvent(claim, calendar, signal);
        if (written.kind === "removed") {
          return cancel(claim, "its event was removed from the calendar", true);
        }
        if (written.kind === "moved") {
          return readCalendar(claim, "its event was moved in the calendar", signal);
        }
        const { event } = written;
        const isThere = event.startsAt.equals(claim.dueAt);
        const change = { state: "planned", event, reason: null } as const;
        const kept = await deletions.advance(claim, { ...change, ...(isThere && { attempts: 0 }) });
        if (!kept || isThere) return kept;
        return wait(kept, "its event is not yet where it belongs in the calendar");
      } catch (error) {
        if (!(error instanceof CalendarError)) throw error;
        const tells = claim.attempts === attemptsUntilTold;
        const notices = tells ? notInCalendar(claim, error.message) : [];
        return wait(claim, error.message, { notices });
      }
    },

    async remove(claim, signal) {
      try {
        await calendar.remove(claim.id, signal);
      } catch (error) {
        if (!(error instanceof CalendarError)) throw error;
        return wait(claim, claim.reason ?? error.message);
      }
      return deletions.advance(claim, { eventGone: true, attempts: 0 });
    },
  };
}
