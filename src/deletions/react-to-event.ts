import type { Temporal } from "temporal-polyfill";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import type { CalendarReaction } from "./calendar-sync-store.ts";
import { cancellableStates, type Deletion } from "./deletion.ts";
import { cancelled, held, moved, restored, tooLate } from "./deletion-notices.ts";
import { startsWhenSeen } from "./judge.ts";

/**
 * What an event, as it is by now, makes of its deletion; undefined where it changes nothing. Pure.
 *
 * The calendar may propose and veto: a removed event cancels, a moved one voids the confirmation,
 * and what has passed the point of no return is only told that it is too late.
 */
export function reactTo(
  deletion: Deletion,
  event: CalendarEvent,
  now: Temporal.Instant,
): CalendarReaction | undefined {
  switch (deletion.state) {
    // Its event is not known yet; writing it will meet whatever is there.
    case "inserting":
    case "failed":
      return undefined;
    case "destroying":
      return event.cancelled || !startsWhenSeen(deletion, event)
        ? reaction(deletion, {}, tooLate(deletion, event))
        : undefined;
    case "done":
    case "cancelled":
      return reactWhenOver(deletion, event, now);
    default:
      return event.cancelled ? cancelledBy(deletion) : reactToOpen(deletion, event, now);
  }
}

/** What follows from an event's not being in the calendar at all. */
export function reactToAbsence(deletion: Deletion): CalendarReaction | undefined {
  if (deletion.eventGone || !deletion.event) return undefined;
  if (deletion.state === "cancelled" || deletion.state === "done") {
    return reaction(deletion, { eventGone: true });
  }
  // Removed all the same: what a reading does not show may be there.
  return cancellableStates.includes(deletion.state) ? cancelledBy(deletion, false) : undefined;
}

function cancelledBy(deletion: Deletion, eventGone = true): CalendarReaction {
  const reason = "its event was removed from the calendar";
  const change = { state: "cancelled", eventGone, reason, hurry: true } as const;
  return reaction(deletion, change, cancelled(deletion, reason));
}

function reactToOpen(
  deletion: Deletion,
  event: CalendarEvent,
  now: Temporal.Instant,
): CalendarReaction | undefined {
  const { startsAt, etag } = event;
  if (event.recurring) return heldBy(deletion, "its event was made to repeat in the calendar");
  if (!startsAt) return heldBy(deletion, "the time of its event cannot be read");
  if (startsWhenSeen(deletion, event)) {
    return etag === deletion.event?.etag
      ? undefined
      : reaction(deletion, { event: { etag, startsAt } });
  }
  // Our own writing, of which the answer was lost.
  if (startsAt.equals(deletion.dueAt)) return reaction(deletion, { event: { etag, startsAt } });
  const change = {
    state: "planned",
    event: { etag, startsAt },
    movedTo: startsAt,
    hurry: true,
  } as const;
  return reaction(deletion, change, moved(deletion, startsAt, now));
}

function heldBy(deletion: Deletion, reason: string): CalendarReaction | undefined {
  if (deletion.state === "held") return undefined;
  return reaction(deletion, { state: "held", reason, hurry: true }, held(deletion, reason));
}

function reactWhenOver(
  deletion: Deletion,
  event: CalendarEvent,
  now: Temporal.Instant,
): CalendarReaction | undefined {
  if (event.cancelled) {
    return deletion.eventGone ? undefined : reaction(deletion, { eventGone: true });
  }
  // Not restored: it was never seen to be gone, and is about to be removed.
  if (!deletion.eventGone) return undefined;
  const { etag, startsAt } = event;
  const isBack = deletion.state === "cancelled" && startsAt && !event.recurring;
  if (!isBack) {
    return reaction(deletion, { eventGone: false, hurry: true }, tooLate(deletion, event));
  }
  const change = {
    state: "planned",
    eventGone: false,
    event: { etag, startsAt },
    movedTo: startsAt,
    hurry: true,
  } as const;
  return reaction(deletion, change, restored(deletion, startsAt, now));
}

/** Applies in the state that it was worked out for; an open one may have been begun meanwhile. */
function reaction(
  deletion: Deletion,
  change: CalendarReaction["change"],
  notices: CalendarReaction["notices"] = [],
): CalendarReaction {
  const { state } = deletion;
  const from = cancellableStates.includes(state) ? cancellableStates : [state];
  return { deletion, from, change, notices };
}
