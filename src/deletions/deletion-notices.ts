import type { Temporal } from "temporal-polyfill";
import { guestLabel } from "#src/actions/guest-target.ts";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import type { Notice } from "#src/outbox/outbox-store.ts";
import { plainText } from "#src/plain-text.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { confirmersOf, type Deletion, isEndOfLease, nobodyKnown } from "./deletion.ts";
import { isPast } from "./deletion-time.ts";

/** By these keys the reminder of a revision is found again. */
export function reminderKeys(deletion: Deletion): readonly string[] {
  return recipientsOf(deletion).map((recipient) => keyOf(deletion, "remind", recipient));
}

/** One day before, or at once with less notice: that it will go, and that it can still be stopped. */
export function reminder(deletion: Deletion, now: Temporal.Instant): readonly Notice[] {
  const { dueAt, confirmedBy } = deletion;
  const guest = guestLabel(deletion.guest);
  const due = `on ${describeInstant(dueAt, { now, timeZone: deletion.timeZone })}`;
  if (isEndOfLease(deletion)) {
    const message = `The lease of ${guest} ends ${due}. Nobody has confirmed its deletion, and without that it stays. Until then its lease can be extended.`;
    return answerable(deletion, "remind", message);
  }
  if (!confirmedBy) {
    const message = `${guest} is to be deleted ${due}, but nobody has confirmed that time. Without a confirmation it is not deleted.`;
    return answerable(deletion, "remind", message);
  }
  return answerable(deletion, "remind", describeConfirmed(deletion, now));
}

/** Somebody asks for the deletion of a guest whose lease had an end: for whom that end was. */
export function takenOver(
  { requestedBy: owner }: Deletion,
  deletion: Deletion,
  now: Temporal.Instant,
): readonly Notice[] {
  if (owner.id === deletion.requestedBy.id || owner.id === nobodyKnown.id) return [];
  const message = `${describeConfirmed(deletion, now)} That takes the place of the end of its lease.`;
  const recipient = `user:${owner.id}`;
  const about = { deletion: deletion.id, revision: deletion.revision };
  return [{ key: keyOf(deletion, "taken-over", recipient), recipient, message, about }];
}

function describeConfirmed(deletion: Deletion, now: Temporal.Instant): string {
  const { dueAt, timeZone, withoutBackup, requestedBy } = deletion;
  const [when, until] = isPast(now, dueAt)
    ? ["now", "Until it is destroyed, that can be cancelled."]
    : [
        `on ${describeInstant(dueAt, { now, timeZone })}`,
        "Until then it can be kept or postponed.",
      ];
  const backup = withoutBackup ? "without a backup" : "after a backup";
  return `${guestLabel(deletion.guest)} will be deleted for good ${when}, ${backup}, asked by ${requestedBy.name}${byOthers(deletion)}. ${until}`;
}

/** Who confirmed it, unless that is who asked for it alone. */
function byOthers(deletion: Deletion): string {
  const confirmers = confirmersOf(deletion);
  if (confirmers.every(({ id }) => id === deletion.requestedBy.id)) return "";
  return `, confirmed by ${confirmers.map(({ name }) => name).join(" and ")}`;
}

/** Its time has come, and nobody has confirmed it. */
export function unconfirmed(deletion: Deletion): readonly Notice[] {
  const guest = guestLabel(deletion.guest);
  const message = deletion.ofLease
    ? `The lease of ${guest} ends now, and nobody has confirmed its deletion. Confirm it within 30 minutes, or it stays and waits for somebody to decide.`
    : `The deletion of ${guest} is due now, but nobody has confirmed this time. Confirm it within 30 minutes, or it is put on hold.`;
  return answerable(deletion, "unconfirmed", message);
}

/** It waits for a person from now on. */
export function held(deletion: Deletion, reason: string): readonly Notice[] {
  const guest = guestLabel(deletion.guest);
  const message = isEndOfLease(deletion)
    ? `The lease of ${guest} has ended, and it stays for now: ${reason}. Say how to go on: keep it, extend its lease, or delete it now.`
    : `The deletion of ${guest} is on hold: ${reason}. Say how to go on: keep it, postpone its deletion, or delete it now.`;
  return answerable(deletion, "held", message);
}

/** A person wants its guest to stay for now. */
export function guestHeld(deletion: Deletion, reason: string): readonly Notice[] {
  const guest = guestLabel(deletion.guest);
  const message = `The deletion of ${guest} is on hold: ${reason}. When that has ended, nothing is deleted unless somebody says so again.`;
  return answerable(deletion, "held", message);
}

/** Somebody has moved its event; asks to confirm the new time. */
export function moved(
  deletion: Deletion,
  to: Temporal.Instant,
  now: Temporal.Instant,
): readonly Notice[] {
  const { timeZone } = deletion;
  const next = { ...deletion, revision: deletion.revision + 1 };
  const when = describeInstant(to, { now, timeZone });
  const what = deletion.ofLease ? "The end of the lease" : "The deletion";
  const message = `${what} of ${guestLabel(deletion.guest)} was moved in the calendar to ${when}. It is not deleted then unless somebody confirms the new time.`;
  return answerable(next, "moved", message);
}

/** Its removed event is back. */
export function restored(
  deletion: Deletion,
  to: Temporal.Instant,
  now: Temporal.Instant,
): readonly Notice[] {
  const { timeZone } = deletion;
  const next = { ...deletion, revision: deletion.revision + 1 };
  const when = describeInstant(to, { now, timeZone });
  const message = `The event for the deletion of ${guestLabel(deletion.guest)} is back in the calendar: ${when}. The guest is not deleted then unless somebody confirms it.`;
  return answerable(next, "restored", message);
}

/** It was called off, and not by a word to us: by the calendar, or because there is nothing left. */
export function cancelled(deletion: Deletion, reason: string): readonly Notice[] {
  const guest = guestLabel(deletion.guest);
  const message = deletion.ofLease
    ? `${guest} is not deleted at the end of its lease: ${reason}.`
    : `The deletion of ${guest} is cancelled: ${reason}.`;
  return tellAll(deletion, "cancelled", message);
}

/** The guest is gone. */
export function done(
  deletion: Deletion,
  { upid, leftoverVolumes, backupDays }: DoneFacts,
): readonly Notice[] {
  const { name } = deletion.guest;
  const task = upid ? ` (${upid})` : "";
  const left =
    leftoverVolumes.length > 0
      ? ` These volumes of it are left: ${leftoverVolumes.map((volume) => plainText(volume, 100)).join(", ")}.`
      : "";
  const backup =
    deletion.backup && backupDays !== undefined
      ? ` Its backup is kept for ${backupDays} days: "restore ${plainText(name, 64)}" brings it back.`
      : "";
  return tellAll(
    deletion,
    "done",
    `${guestLabel(deletion.guest)} was deleted${task}.${left}${backup}`,
  );
}

/** What is known of a guest that is gone. */
interface DoneFacts {
  readonly upid?: string | undefined;
  readonly leftoverVolumes: readonly string[];
  /** For how many days its backup is kept, where there is one. */
  readonly backupDays?: number | undefined;
}

/** Destroying it went wrong after it had begun. */
export function failed(deletion: Deletion, reason: string): readonly Notice[] {
  const message = `Deleting ${guestLabel(deletion.guest)} failed after it had begun: ${reason} Some of its disks may be gone already. Please look at it in Proxmox.`;
  return tellAll(deletion, "failed", message);
}

/** Something that the calendar says too late, or about what is over. */
export function tooLate(deletion: Deletion, event: CalendarEvent): readonly Notice[] {
  const message = `The calendar was changed too late: the deletion of ${guestLabel(deletion.guest)} had begun, or was over.`;
  return tellAll(deletion, `too-late:${event.etag}`, message);
}

/** It could not be put into the calendar yet. */
export function notInCalendar(deletion: Deletion, reason: string): readonly Notice[] {
  const message = `The deletion of ${guestLabel(deletion.guest)} could not be written into the calendar yet: ${reason} I go on trying; until it is there, nothing is deleted.`;
  return tellAll(deletion, "not-in-calendar", message);
}

/** We had shut it down, and it is not to be deleted after all. */
export function notStarted(deletion: Deletion, reason: string): readonly Notice[] {
  const message = `I had shut down ${guestLabel(deletion.guest)} to delete it, and could not start it again: ${reason}. Please see to it in Proxmox.`;
  return tellAll(deletion, "not-started", message);
}

/** Its backup is past its time. */
export function backupRemoved(deletion: Deletion): readonly Notice[] {
  const message = `The backup of the deleted ${guestLabel(deletion.guest)} is past its time and was removed; it cannot be restored any more.`;
  return [{ key: keyOf(deletion, "backup-removed", "channel"), recipient: "channel", message }];
}

/** Its backup is past its time, and takes up space all the same. */
export function backupStays(deletion: Deletion, reason: string): readonly Notice[] {
  const message = `A backup of ${guestLabel(deletion.guest)} is not needed any more and could not be removed: ${reason}. I go on trying; if that is of no use, please remove ${deletion.backup?.volume ?? "it"} in Proxmox.`;
  return [{ key: keyOf(deletion, "backup-stays", "channel"), recipient: "channel", message }];
}

/** An event that we did not make: a question, never an order. */
export function foreign(
  event: CalendarEvent,
  { now, timeZone }: { readonly now: Temporal.Instant; readonly timeZone: string },
): Notice {
  const title = plainText(event.title, 80) || "(no title)";
  const by = event.creator ? `, made by ${plainText(event.creator, 80)},` : "";
  const when = event.startsAt ? ` on ${describeInstant(event.startsAt, { now, timeZone })}` : "";
  const message = `In the calendar is an event that I did not make: "${title}"${by}${when}. I do nothing about it. If a guest is to be deleted then, ask me for it: "delete NAME on …".`;
  return { key: `foreign:${event.id}`, recipient: "channel", message };
}

/** So many at once are a calendar that serves for other things, too. */
export function manyForeign(count: number, calendarId: string, now: Temporal.Instant): Notice {
  const day = now.toString().slice(0, 10);
  const message = `In the calendar are ${count} events that I did not make. I do nothing about them, and ask about none of them; a calendar of its own for the deletions is better. If a guest is to be deleted, ask me for it: "delete NAME on …".`;
  return { key: `foreign:${calendarId}:${day}`, recipient: "channel", message };
}

/** So many events vanished at once, or a calendar that is new to us has none: that is rather the calendar than people. */
export function vanished(count: number, calendarId: string, now: Temporal.Instant): Notice {
  const day = now.toString().slice(0, 10);
  const events =
    count === 1 ? "event of a scheduled deletion is" : "events of scheduled deletions are";
  const message = `${count} ${events} not in the calendar that I read now. I take that for a fault of the calendar and cancel nothing; nothing is deleted either. Please look at the calendar, and at which one is configured.`;
  return { key: `vanished:${calendarId}:${day}`, recipient: "channel", message };
}

/** The calendar cannot be read for a while. */
export function unreadable(reason: string, calendarId: string, now: Temporal.Instant): Notice {
  const hour = now.toString().slice(0, 13);
  const message = `The calendar cannot be read: ${reason} Nothing is deleted until it can be read again.`;
  return { key: `unreadable:${calendarId}:${hour}`, recipient: "channel", message };
}

function recipientsOf({ requestedBy }: Deletion): readonly string[] {
  return requestedBy.id === nobodyKnown.id ? ["channel"] : ["channel", `user:${requestedBy.id}`];
}

/** The same for the same revision: saying it twice is saying it once. */
function keyOf({ id, revision }: Deletion, kind: string, recipient: string): string {
  return `${id}:${revision}:${kind}:${recipient}`;
}

function tellAll(deletion: Deletion, kind: string, message: string): readonly Notice[] {
  return recipientsOf(deletion).map((recipient) => ({
    key: keyOf(deletion, kind, recipient),
    recipient,
    message,
  }));
}

function answerable(deletion: Deletion, kind: string, message: string): readonly Notice[] {
  const about = { deletion: deletion.id, revision: deletion.revision };
  return tellAll(deletion, kind, message).map((notice) => ({ ...notice, about }));
}
