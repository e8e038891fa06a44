import { Temporal } from "temporal-polyfill";
import { describeBlastRadius, losesGuest } from "#src/actions/blast-radius.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { plainText } from "#src/actions/plain-text.ts";
import { describeAnswerers, describeWaiting } from "#src/actions/who-answers.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";

/**
 * The question, in lines: what would happen, to which guest, what it would lose, why it is asked,
 * who has to answer and has, who asked, and for how long.
 */
export function cardLines(
  confirmation: Confirmation,
  timeZone: string,
  risk: GuestRisk,
): readonly string[] {
  const { summary, target, requestedBy, expiresAt, by, reasons, approvals } = confirmation;
  const { guest } = target;
  const lines = [summary];
  if (guest) {
    const tags = guest.tags.length > 0 ? `, tags ${guest.tags.join(", ")}` : "";
    const owner = guest.owner ? `, owner ${guest.owner}` : "";
    const kind = guest.kind === "ct" ? "container" : "virtual machine";
    lines.push(`${guest.name}: ${kind} ${guest.vmid} on ${guest.node}${owner}${tags}`);
  }
  if (guest && losesGuest(confirmation)) lines.push(...lossLines(confirmation, timeZone, risk));
  if (reasons.length > 0) lines.push(`Why it is asked: ${reasons.join(" ")}`);
  if (by !== "requester") lines.push(describeAnswerers(confirmation));
  if (approvals.length > 0) lines.push(describeWaiting(confirmation));
  lines.push(`Asked by ${requestedBy.name}; open until ${clockTime(expiresAt, timeZone)}.`);
  return lines;
}

function lossLines(
  { target, requestedAt }: Confirmation,
  timeZone: string,
  risk: GuestRisk,
): readonly string[] {
  const loss = { risk, withoutBackup: target.withoutBackup === true, now: requestedAt };
  const lines = describeBlastRadius(loss, {
    name: plainText,
    instant: (at) => dateTime(at, timeZone),
  });
  return lines.map(({ label, text }) => `${label}: ${text}`);
}

function dateTime(epochMilliseconds: number, timeZone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(epochMilliseconds);
  const at = instant.toZonedDateTimeISO(timeZone).toPlainDateTime();
  return at.toString({ smallestUnit: "minute" }).replace("T", " ");
}

function clockTime(epochMilliseconds: number, timeZone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(epochMilliseconds);
  return instant.toZonedDateTimeISO(timeZone).toPlainTime().toString({ smallestUnit: "second" });
}
