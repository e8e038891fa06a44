import { Temporal } from "temporal-polyfill";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import { describeHold } from "#src/policy/hold.ts";
import type { Deletion } from "./deletion.ts";
import type { EventView, GuestView, World } from "./world.ts";

/** Why a deletion must not go on, and what follows from that. */
export type Objection =
  /** It may pass: look again, at once where it passes by itself in no time. */
  | { readonly kind: "wait"; readonly reason: string; readonly soon?: true }
  /** The calendar says something else than the row: read it. */
  | { readonly kind: "read-calendar"; readonly reason: string }
  /** A person has to say how to go on. */
  | { readonly kind: "hold"; readonly reason: string }
  /** There is nothing left to delete, or somebody has vetoed it. */
  | { readonly kind: "cancel"; readonly reason: string };

/** Why the deletion must not go on in this world; undefined when nothing speaks against it. */
export function objectionIn(deletion: Deletion, world: World): Objection | undefined {
  if (!deletion.confirmedBy) return { kind: "hold", reason: "nobody has confirmed the time" };
  if (world.blind !== undefined) return { kind: "wait", reason: world.blind };
  const objection = objectionInEvent(deletion, world.event);
  if (objection) return objection;
  if (!world.told) {
    return { kind: "wait", reason: "nobody could be told of it yet", soon: true };
  }
  return objectionInGuest(deletion, world.guest);
}

function objectionInEvent(deletion: Deletion, view: EventView): Objection | undefined {
  if (view.kind === "unread") return { kind: "wait", reason: view.reason };
  if (view.kind === "absent" || view.event.cancelled) {
    return { kind: "read-calendar", reason: "its event is not in the calendar" };
  }
  if (view.event.recurring) {
    return { kind: "read-calendar", reason: "its event was made to repeat" };
  }
  if (!startsWhenSeen(deletion, view.event)) {
    return { kind: "read-calendar", reason: "its event was moved in the calendar" };
  }
  return undefined;
}

/** Whether the event starts when it did the last time that it was seen or written. */
export function startsWhenSeen({ event: seen }: Deletion, event: CalendarEvent): boolean {
  return seen !== undefined && event.startsAt?.equals(seen.startsAt) === true;
}

function objectionInGuest(deletion: Deletion, view: GuestView): Objection | undefined {
  const { guest, mark } = deletion;
  switch (view.kind) {
    case "unread":
      return { kind: "wait", reason: view.reason };
    case "gone":
      return { kind: "cancel", reason: "the guest is gone already; nothing was left to delete" };
    case "hidden":
      return { kind: "hold", reason: `VMID ${guest.vmid} is in use, but I may not see by whom` };
    case "replaced":
      return { kind: "hold", reason: `another guest has VMID ${guest.vmid} now: ${view.by}` };
    case "there":
      if (mark !== undefined && !view.marked) {
        return { kind: "cancel", reason: `somebody took the tag ${mark} off the guest` };
      }
      if (view.guest.lock) {
        return { kind: "wait", reason: `the guest is locked (${view.guest.lock})` };
      }
      return objectionInHold(deletion, view) ?? objectionInHistory(guest.vmid, view.history);
  }
}

/** What was confirmed before a hold ended does not go on because of that end. */
function objectionInHold(
  { confirmedAt }: Deletion,
  { guest: { hold }, holdEndedAt }: Extract<GuestView, { kind: "there" }>,
): Objection | undefined {
  if (hold) return { kind: hold.by === undefined ? "wait" : "hold", reason: describeHold(hold) };
  if (!holdEndedAt || (confirmedAt && Temporal.Instant.compare(holdEndedAt, confirmedAt) < 0)) {
    return undefined;
  }
  return { kind: "hold", reason: "it was on hold since this was confirmed" };
}

/** What a fingerprint cannot tell: a container that was deleted and restored looks the same. */
function objectionInHistory(
  vmid: number,
  history: Extract<GuestView, { kind: "there" }>["history"],
): Objection | undefined {
  switch (history.kind) {
    case "unchanged":
      return undefined;
    case "changed": {
      const tasks = history.upids.join(", ");
      return { kind: "hold", reason: `VMID ${vmid} was created or destroyed since (${tasks})` };
    }
    case "unknown": {
      const reason = `whether it still is the same guest cannot be known: ${history.reason}`;
      return { kind: "wait", reason };
    }
  }
}
