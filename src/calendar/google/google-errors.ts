import { CalendarError, type CalendarErrorKind } from "#src/calendar/calendar-error.ts";
import { GoogleFailure } from "./google-failure.ts";

/** Whose calendar it is about, for the sentences that people read. */
export interface CalendarNames {
  readonly calendarId: string;
  readonly clientEmail: string;
}

/** Requests are too many, by project or by user; they are welcome again in a while. */
const busyReasons = ["rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"];
/** The calendar has changed too much, and Google keeps it as it is for hours. */
const readOnlyReasons = ["quotaExceeded"];
const tokenReasons = ["fullSyncRequired", "updatedMinTooLongAgo"];

/** What a failure comes to. 404 is taken for a missing calendar: who asked for an event knows better. */
export function kindOf({ status, reason = "" }: GoogleFailure): CalendarErrorKind {
  if (status === 412) return "changed";
  if (status === 410) return tokenReasons.includes(reason) ? "token-expired" : "gone";
  if (status === 429 || (status === 403 && busyReasons.includes(reason))) return "busy";
  if (status === 403 && readOnlyReasons.includes(reason)) return "read-only";
  // 409: an event has this new id already, so what became of it has to be looked up.
  if (status === undefined || status === 408 || status === 409) return "unreachable";
  return status >= 400 && status < 500 ? "misconfigured" : "unreachable";
}

/** Whether the same read may well succeed in a moment. */
export function isTransient(failure: GoogleFailure): boolean {
  return ["busy", "unreachable"].includes(kindOf(failure));
}

/** The error that callers and people see for a failure; the failure is its cause. */
export function calendarErrorOf(failure: GoogleFailure, names: CalendarNames): CalendarError {
  const kind = kindOf(failure);
  if (kind !== "misconfigured") return errorOfKind(kind, failure);
  return new CalendarError(kind, misconfiguredMessage(failure, names), { cause: failure });
}

/** An error whose kind says it all. */
export function errorOfKind(
  kind: Exclude<CalendarErrorKind, "misconfigured">,
  cause?: unknown,
): CalendarError {
  return new CalendarError(kind, messages[kind], { cause });
}

/** Whether Google knows no such event, or no such calendar: it has one answer for both. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether what was sent makes no sense to Google; a token that was cut short does not. */
export function isBadRequest(error: unknown): boolean {
  return statusOf(error) === 400;
}

function statusOf(error: unknown): number | undefined {
  const cause = error instanceof CalendarError ? error.cause : undefined;
  return cause instanceof GoogleFailure ? cause.status : undefined;
}

/** The error for a role that is too small, which no request has failed for yet. */
export function notAWriter(role: string, names: CalendarNames): CalendarError {
  return new CalendarError(
    "misconfigured",
    `${names.clientEmail} is only "${role}" in the Google calendar ${names.calendarId}: ${howToShare}`,
  );
}

const messages: Readonly<Record<Exclude<CalendarErrorKind, "misconfigured">, string>> = {
  changed: "The event was changed in the calendar meanwhile; have another look at it.",
  gone: "The event is not in the calendar any more.",
  "token-expired": "Google wants the calendar to be read from its beginning.",
  busy: "Google Calendar asks for fewer requests; it is asked again in a few minutes.",
  "read-only":
    "Google takes no changes to the calendar for some hours, because it was changed too often; they are made later.",
  unreachable:
    "Google Calendar did not give an answer that can be read; whether a change arrived there is not known yet.",
};

const howToShare =
  'in its settings, share it with that address and the permission "Make changes to events".';

function misconfiguredMessage(failure: GoogleFailure, names: CalendarNames): string {
  const { status, reason = "" } = failure;
  const { calendarId, clientEmail } = names;
  if (status === 404) {
    return `Google knows no calendar ${calendarId} that ${clientEmail} may see: check its ID and, ${howToShare}`;
  }
  if (reason === "accessNotConfigured" || reason === "SERVICE_DISABLED") {
    return `The Google Calendar API is not enabled in the project of ${clientEmail}: enable it in the Google Cloud console.`;
  }
  if (status === 403) {
    return `${clientEmail} may not do this in the Google calendar ${calendarId}: ${howToShare}`;
  }
  if (status === 401 || tokenRefusals.includes(reason)) {
    return `Google does not accept the key of ${clientEmail}: make a new one for the service account, and check the clock of this machine.`;
  }
  return `Google Calendar refuses what it was asked (${failure.message}); the request or a setting of the calendar is wrong.`;
}

/** Of the token endpoint, with status 400. */
const tokenRefusals = ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"];
