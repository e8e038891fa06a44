import { guestLabel } from "#src/actions/guest-target.ts";
import { plainText } from "#src/actions/plain-text.ts";
import type { CalendarEvent, NewEvent } from "#src/calendar/calendar.ts";
import type { Deletion } from "./deletion.ts";

/** The event that stands for a deletion, as people read it in their calendar. */
export function eventOf(deletion: Deletion): NewEvent {
  const { id, guest, dueAt, timeZone, requestedBy, confirmedBy } = deletion;
  const backup = deletion.withoutBackup
    ? "No backup is made."
    : "A backup is made before, from which it can be restored for a while.";
  const lines = [
    `${guestLabel(guest)} is deleted for good when this event starts.`,
    "",
    `Requested by ${plainText(requestedBy.name, 80)}, ${
      confirmedBy ? `confirmed by ${plainText(confirmedBy.name, 80)}` : "not confirmed"
    }.`,
    `The guest is shut down first, and switched off if that takes too long. ${backup}`,
    "",
    "To cancel: delete this event.",
    "To postpone: move it. The new time counts once somebody has confirmed it to the assistant.",
    "What else is written here changes nothing.",
  ];
  return {
    id,
    title: `Delete ${guestLabel(guest)}`,
    description: lines.join("\n"),
    startsAt: dueAt,
    timeZone,
    marks: marksOf(deletion),
  };
}

/** What programs may read: when we wrote the event to start, and of which revision. */
function marksOf({ guest, dueAt, revision }: Deletion): Readonly<Record<string, string>> {
  const at = String(dueAt.epochMilliseconds);
  return { at, revision: String(revision), vmid: String(guest.vmid) };
}

/** Whether the event still starts when we wrote it to; then nobody has moved it since. */
export function startsWhenWritten({ startsAt, marks }: CalendarEvent): boolean {
  return startsAt !== undefined && marks.at === String(startsAt.epochMilliseconds);
}
