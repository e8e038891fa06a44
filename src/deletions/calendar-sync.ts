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
import { foreign, manyForeign, unreadable, vanished } from "./deletion-notices.ts";
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
/** So many events of others are asked about one by one; more would drown what matters. */
const maxQuestions = 5;

interface OwnEvent {
  readonly event: CalendarEvent;
  readonly deletion: Deletion;
}

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

  /** The events as they were read, each with the deletion that it is for, if any. */
  async function pairUp(events: readonly CalendarEvent[]) {
    const own: OwnEvent[] = [];
    const others: CalendarEvent[] = [];
    for (const event of events) {
      const deletion = await deletions.find(seriesOf(event));
      if (deletion) own.push({ event, deletion });
      else if (!event.cancelled && !installation.isOfAnother(event.id)) others.push(event);
    }
    return { own, others };
  }

  function reactToAll(own: readonly OwnEvent[]): readonly CalendarReaction[] {
    return own.flatMap(
      ({ event, deletion }) => reactTo(deletion, asItsOwn(event, deletion), clock.now()) ?? [],
    );
  }

  /** Of events that are nobody's deletion: a question each, once for a series; of many, a single one. */
  function questionsTo(events: readonly CalendarEvent[]): readonly Notice[] {
    const moment = { now: clock.now(), timeZone };
    const bySeries = new Map(events.map((event) => [seriesOf(event), event]));
    if (bySeries.size > maxQuestions) {
      return [manyForeign(bySeries.size, calendar.id, moment.now)];
    }
    return [...bySeries].map(([id, event]) => foreign({ ...event, id }, moment));
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
    const { own, others } = await pairUp(changes.events);
    const unlisted = changes.complete ? await findMissing(changes.events) : [];
    // The deletions were read after the events, and we may have written some of these in between:
    // of two looks at an event, the later one counts.
    const isOfConcern = unlisted.length > 0 || reactToAll(own).length > 0;
    const later = isOfConcern ? await calendar.changes(changes.token, signal) : undefined;
    const latest = new Map(later?.events.map((event) => [event.id, event]));
    const missing = unlisted.filter(({ id }) => !latest.has(id));
    if (await isFaultOfCalendar(missing.length, syncedAt === undefined)) {
      log.error({ calendar: calendar.id, missing: missing.length }, "events vanished");
      await sync.giveBack("forget", [vanished(missing.length, calendar.id, clock.now())]);
      return false;
    }
    const present = own.map((one) => ({ ...one, event: latest.get(one.event.id) ?? one.event }));
    const absences = missing.flatMap((deletion) => reactToAbsence(deletion) ?? []);
    return sync.apply({
      from: token,
      to: changes.token,
      reactions: [...reactToAll(present), ...absences],
      notices: questionsTo(others),
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
  return /^(.+)_[^_]*$/.exec(id)?.[1] ?? id;
}

/** What happens to one instance of a series says that the event was made to repeat, and no more. */
function asItsOwn(event: CalendarEvent, deletion: Deletion): CalendarEvent {
  return event.id === deletion.id ? event : { ...event, cancelled: false, recurring: true };
}
