import { guestLabel } from "#src/actions/guest-target.ts";
import type { CalendarEvent, NewEvent } from "#src/calendar/calendar.ts";
import { plainText } from "#src/plain-text.ts";
import { confirmersOf, type Deletion, isEndOfLease } from "./deletion.ts";

/** The event that stands for a deletion, as people read it in their calendar. */
export function eventOf(deletion: Deletion): NewEvent {
  const { id, guest, dueAt: startsAt, timeZone } = deletion;
  const marks = marksOf(deletion);
  if (isEndOfLease(deletion)) {
    const title = `Lease ends: ${guestLabel(guest)}`;
    return { id, title, description: describeEnd(deletion), startsAt, timeZone, marks };
  }
  const title = `Delete ${guestLabel(guest)}`;
  return { id, title, description: describeDeletion(deletion), startsAt, timeZone, marks };
}

/** True also once it is confirmed, for that alone does not have the event written again. */
function describeEnd({ guest }: Deletion): string {
  return [
    `The lease of ${guestLabel(guest)} ends when this event starts.`,
    "It is deleted for good then if somebody has confirmed that to the assistant; if not, it stays, and people are asked.",
    "",
    "To keep it: delete this event; the lease goes on, and has another end.",
    "To extend the lease: move the event, as far as the policy allows.",
    "What else is written here changes nothing.",
  ].join("\n");
}

function describeDeletion(deletion: Deletion): string {
  const { guest, requestedBy } = deletion;
  const confirmers = confirmersOf(deletion)
    .map(({ name }) => plainText(name, 80))
    .join(" and ");
  const backup = deletion.withoutBackup
    ? "No backup is made."
    : "A backup is made before, from which it can be restored for a while.";
  return [
    `${guestLabel(guest)} is deleted for good when this event starts.`,
    "",
    `Requested by ${plainText(requestedBy.name, 80)}, ${
      confirmers ? `confirmed by ${confirmers}` : "not confirmed"
    }.`,
    `The guest is shut down first, and switched off if that takes too long. ${backup}`,
    "",
    "To cancel: delete this event.",
    "To postpone: move it. The new time counts once somebody has confirmed it to the assistant.",
    "What else is written here changes nothing.",
  ].join("\n");
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
