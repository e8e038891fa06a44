import type { Temporal } from "temporal-polyfill";

/**
 * An entry of the calendar, as it stands there. Whoever may write to the calendar may have written
 * it: all of it is data, and none of it says who somebody is.
 */
export interface CalendarEvent {
  readonly id: string;
  /** Changes with each change of the event; what names it applies to this very version. */
  readonly etag: string;
  /** Removed by somebody. Its time may not be known any more. */
  readonly cancelled: boolean;
  /** Absent where it cannot be read, such as in a time zone that does not exist. */
  readonly startsAt?: Temporal.Instant | undefined;
  /** One of a series, or the series itself. */
  readonly recurring: boolean;
  readonly title: string;
  /** Who made it, as the calendar says; who changed it last is not known to any calendar. */
  readonly creator?: string | undefined;
  /** What programs wrote beside the text. People's clients lose it, so nothing may rest on it. */
  readonly marks: Readonly<Record<string, string>>;
}

/** When an event is to start, and the zone in which people read it. */
export interface EventTime {
  readonly startsAt: Temporal.Instant;
  readonly timeZone: string;
}

export interface NewEvent extends EventTime {
  /** Minted by us, never used twice: a calendar does not take the id of a removed event again. */
  readonly id: string;
  readonly title: string;
  /** Plain text for people. */
  readonly description: string;
  readonly marks: Readonly<Record<string, string>>;
}

/** What is to be different; what is absent stays. Marks are merged. */
export type EventChange = Partial<Omit<NewEvent, "id" | keyof EventTime>> & {
  readonly time?: EventTime | undefined;
};

/** What happened in the calendar since a token was handed out. */
export interface CalendarChanges {
  /** Each event once, as it is by now; removed ones are `cancelled`. */
  readonly events: readonly CalendarEvent[];
  /** For the next time. */
  readonly token: string;
  /** The whole calendar was read, so what is not among the events is not there. */
  readonly complete: boolean;
}

/**
 * The calendar that says when guests are deleted. An event is a scheduled deletion; people see it,
 * move it and remove it.
 *
 * @throws CalendarError from every method; an abort throws its reason.
 */
export interface Calendar {
  /** Which calendar it is; tokens and events of another mean nothing here. */
  readonly id: string;
  /** Adds an event. Adding the same one twice is adding it once: the one that is there is returned. */
  insert(event: NewEvent, signal: AbortSignal): Promise<CalendarEvent>;
  /** The event as it is now; undefined where there never was one. */
  find(id: string, signal: AbortSignal): Promise<CalendarEvent | undefined>;
  /**
   * Changes the version that `etag` names, and no other.
   *
   * @throws CalendarError `changed` when there is another version by now, `gone` when it was removed.
   */
  change(
    id: string,
    etag: string,
    change: EventChange,
    signal: AbortSignal,
  ): Promise<CalendarEvent>;
  /** Removes the event, whatever its version; one that is gone already is no failure. */
  remove(id: string, signal: AbortSignal): Promise<void>;
  /**
   * What changed since `token`; everything without one.
   *
   * @throws CalendarError `token-expired` when everything has to be read again.
   */
  changes(token: string | undefined, signal: AbortSignal): Promise<CalendarChanges>;
}
