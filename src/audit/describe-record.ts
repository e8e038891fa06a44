import { Temporal } from "temporal-polyfill";
import { plainText } from "#src/plain-text.ts";
import { type GuestTarget, guestsIn } from "#src/policy/target.ts";
import { capitalised, monthNames, weekdays } from "#src/when/calendar-names.ts";
import { actOf } from "./action-words.ts";
import type { AuditRecord, AuditStep } from "./audit-log.ts";

/** One line for who reads the log: when, who, which tool, on which guest, how it went, which task. */
export function describeRecord(record: AuditRecord): string {
  const { at, step, tool, target, principal, approver, approvers, upid, message } = record;
  const time = Temporal.Instant.fromEpochMilliseconds(at).toString({ smallestUnit: "second" });
  const guest = target.guest ? ` ${target.guest.name} (VMID ${target.guest.vmid})` : "";
  const answerers = approvers ?? (approver ? [approver] : []);
  const names = answerers.map(({ name }) => name).join(" and ");
  const confirmed = names && `, answered by ${names}`;
  const who = isScheduled(record) ? `the schedule, for ${principal.name},` : principal.name;
  const details = [upid, message].filter(Boolean).join(", ");
  return `${time} ${who} ${tool}${guest}: ${step}${confirmed}${details && `, ${details}`}`;
}

/**
 * One line for whoever asked what happened, in words: when by their own clock, who, what was done to
 * which guest, how it ended. Names and reasons are data from outside: capped, and on this one line.
 * What was said or passed on is not in it.
 */
export function narrateRecord(record: AuditRecord, timeZone: string): string {
  const { principal, tool, target, step, message } = record;
  const who = isScheduled(record)
    ? `the schedule, for ${personName(principal)}`
    : personName(principal);
  const what = [actOf(tool), guestsOf(guestsIn(target))].filter(Boolean).join(" ");
  const why = message === undefined ? "" : ` (${plainText(message, maxMessage)})`;
  return `${localTime(record.at, timeZone)}: ${who}: ${what}: ${outcomes[step]}${answered(record)}${why}`;
}

const maxName = 64;
const maxMessage = 200;
const maxGuests = 5;

const outcomes: Readonly<Record<AuditStep, string>> = {
  refused: "could not be done",
  denied: "was denied",
  "confirmation-requested": "was asked for, and has to be confirmed",
  "confirmation-given": "was approved",
  "confirmation-refused": "an answer did not count",
  "confirmation-declined": "was declined",
  started: "was begun",
  succeeded: "was done",
  unchanged: "there was nothing left to do",
  failed: "failed",
};

function answered({ step, approver, approvers }: AuditRecord): string {
  if (!approver) return "";
  const by = (approvers ?? [approver]).map(personName).join(" and ");
  if (step === "confirmation-refused") return `, given by ${by}`;
  const isAnswer = step === "confirmation-declined" || step === "confirmation-given";
  return isAnswer ? ` by ${by}` : `, confirmed by ${by}`;
}

/** With the id where the name does not say it: a name is anybody's choice. */
function personName({ id, name }: { readonly id: string; readonly name: string }): string {
  const shown = plainText(name, maxName);
  return shown.toLowerCase() === id.toLowerCase() ? shown : `${shown} (${plainText(id, maxName)})`;
}

function guestsOf(guests: readonly GuestTarget[]): string {
  const labels = guests
    .slice(0, maxGuests)
    .map(({ name, kind, vmid }) => `${plainText(name, maxName)} (${kind.toUpperCase()} ${vmid})`);
  const more = guests.length - labels.length;
  return `${labels.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** "Fri 20 Nov 2026, 18:00:05". */
function localTime(at: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const weekday = capitalised(weekdays[local.dayOfWeek - 1]?.slice(0, 3) ?? "");
  const time = local.toPlainTime().toString({ smallestUnit: "second" });
  return `${weekday} ${local.day} ${monthNames[local.month - 1]} ${local.year}, ${time}`;
}

/** Carried out by the clock, in the name of who confirmed it. */
function isScheduled({ principal }: AuditRecord): boolean {
  return principal.role === "scheduler";
}
