import type { Temporal } from "temporal-polyfill";
import type { Calendar, CalendarChanges, CalendarEvent } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { Clock } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import type { Notice } from "#src/outbox/outbox-store.ts";
import type {
  CalendarReaction,
  CalendarSyncState,
  CalendarSyncStore,
} from "./calendar-sync-store.ts";
import type { Deletion } from "./deletion.ts";
import { foreign, unreadable, vanished } from "./deletion-notices.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { isPast } from "./deletion-time.ts";
import type { Installation } from "./installation.ts";
import { reactTo, reactToAbsence } from "./react-to-event.ts";

/** Brings the schedule up to date with the calendar. */
export interface CalendarSync {
  /**
   * Reads what changed in the calendar and lets the schedule follow, unless it was read less than
   * `every` ago. True when the schedule is up to date by now.
   */
  poll(every: Temporal.DurationLike, signal: AbortSignal): Promise<boolean>;
}

interface Deps {
  readonly calendar: Pick<Calendar, "id" | "changes">;
  readonly deletions: Pick<DeletionStore, "find" | "listOpen">;
  readonly sync: CalendarSyncStore;
  readonly installation: Pick<Installation, "isOfAnother">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tells this process from others on the same database. */
  readonly owner: string;
  /** In which the channel is told of times. */
  readonly timeZone: string;
}

/** For how long the calendar may be out of reach before people are told. */
const patience = { minutes: 10 } as const;
/**
 * So many events do not vanish by people's hands: more than three, and more than a fifth of all.
 * Netflix's Swabbie refuses stale caches for the same reason.
 */
const vanishedCount = 3;
const vanishedShare = 0.2;

export function createCalendarSync(deps: Deps): CalendarSync {
  const { calendar, deletions, sync, installation, clock, log, owner, timeZone } = deps;

  /** All pages; from the beginning where the token is not good any more. */
  async function readChanges(
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<CalendarChanges> {
    try {
      return await calendar.changes(token, signal);
    } catch (error) {
      if (!(error instanceof CalendarError && error.kind === "token-expired")) throw error;
      log.info({ calendar: calendar.id }, "the calendar is read from the beginning");
      return calendar.changes(undefined, signal);
    }
  }

  /** Of an event that is nobody's deletion: nothing, or a question. */
  function questionTo(event: CalendarEvent): readonly Notice[] {
    const isNone = event.cancelled || installation.isOfAnother(event.id);
    return isNone ? [] : [foreign(event, { now: clock.now(), timeZone })];
  }

  async function reactToAll(events: readonly CalendarEvent[]) {
    const reactions: CalendarReaction[] = [];
    const notices: Notice[] = [];
    for (const event of events) {
      const deletion = await deletions.find(seriesOf(event));
      const reaction = deletion && reactTo(deletion, asItsOwn(event, deletion), clock.now());
      if (reaction) reactions.push(reaction);
      if (!deletion) notices.push(...questionTo(event));
    }
    return { reactions, notices };
  }

  /** The open deletions whose events a complete reading did not find. */
  async function findMissing(events: readonly CalendarEvent[]): Promise<readonly Deletion[]> {
    const listed = new Set(events.map(({ id }) => id));
    const open = await deletions.listOpen();
    return open.filter(({ id, event, eventGone }) => event && !eventGone && !listed.has(id));
  }

  async function isFaultOfCalendar(missing: number, isFirst: boolean): Promise<boolean> {
    if (isFirst) return missing > 0;
    if (missing <= vanishedCount) return false;
    const open = await deletions.listOpen();
    return missing > open.length * vanishedShare;
  }

  async function follow(
    { token, syncedAt }: CalendarSyncState,
    signal: AbortSignal,
  ): Promise<boolean> {
    const changes = await readChanges(token, signal);
    const { reactions, notices } = await reactToAll(changes.events);
    const missing = changes.complete ? await findMissing(changes.events) : [];
    if (await isFaultOfCalendar(missing.length, syncedAt === undefined)) {
      log.error({ calendar: calendar.id, missing: missing.length }, "events vanished");
      await sync.giveBack("forget", [vanished(missing.length, calendar.id, clock.now())]);
      return false;
    }
    const absences = missing.map(reactToAbsence).filter((reaction) => reaction !== undefined);
    return sync.apply({
      from: token,
      to: changes.token,
      reactions: [...reactions, ...absences],
      notices,
    });
  }

  return {
    async poll(every, signal) {
      const state = await sync.take(owner, every);
      if (!state) return false;
      try {
        return await follow(state, signal);
      } catch (error) {
        log.warn({ err: error, calendar: calendar.id }, "the calendar was not read");
        const isLong = state.syncedAt && isPast(clock.now(), state.syncedAt, patience);
        const reason = error instanceof PublicError ? error.message : "something went wrong.";
        const notice = unreadable(reason, calendar.id, clock.now());
        await sync.giveBack("keep", isLong ? [notice] : []);
        return false;
      }
    },
  };
}

/** An instance of a series has an id of its own, which begins with the series' id. */
function seriesOf({ id }: CalendarEvent): string {
  return id.split("_", 1)[0] ?? id;
}

/** What happens to one instance of a series says that the event was made to repeat, and no more. */
function asItsOwn(event: CalendarEvent, deletion: Deletion): CalendarEvent {
  return event.id === deletion.id ? event : { ...event, cancelled: false, recurring: true };
}
