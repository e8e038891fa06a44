import { Temporal } from "temporal-polyfill";
import {
  describeBlastRadius,
  type Loss,
  losesGuest,
  type Notation,
} from "#src/actions/blast-radius.ts";
import { describeBriefLoss } from "#src/actions/brief-loss.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { guestLabel } from "#src/actions/guest-target.ts";
import { describeAnswerers, describeWaiting } from "#src/actions/who-answers.ts";
import { plainText } from "#src/plain-text.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";

/**
 * The question, in lines: what would happen, to which guests, what would be lost, why it is asked,
 * who has to answer and has, who asked, and for how long.
 *
 * @param risks of each guest that would be lost, in the target's order
 */
export function cardLines(
  confirmation: Confirmation,
  timeZone: string,
  risks: readonly GuestRisk[],
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
  if (losesGuest(confirmation)) lines.push(...lossLines(confirmation, timeZone, risks));
  if (reasons.length > 0) lines.push(`Why it is asked: ${reasons.join(" ")}`);
  if (by !== "requester") lines.push(describeAnswerers(confirmation));
  if (approvals.length > 0) lines.push(describeWaiting(confirmation));
  lines.push(`Asked by ${requestedBy.name}; open until ${clockTime(expiresAt, timeZone)}.`);
  return lines;
}

function lossLines(
  { target, requestedAt: now }: Confirmation,
  timeZone: string,
  risks: readonly GuestRisk[],
): readonly string[] {
  const { deletions = [] } = target;
  const notation = { name: plainText, instant: (at: number) => dateTime(at, timeZone) };
  const lossOf = (index: number, withoutBackup = false) =>
    ({ risk: risks[index] ?? {}, withoutBackup, now }) satisfies Loss;
  if (target.guest) return singleLoss(lossOf(0, target.withoutBackup), notation);
  return deletions.flatMap(({ guest, withoutBackup }, index) => {
    const owner = guest.owner ? `, owner ${plainText(guest.owner, 64)}` : "";
    const brief = describeBriefLoss(lossOf(index, withoutBackup), notation);
    return [`${guestLabel(guest)}${owner}:`, `  ${brief}`];
  });
}

function singleLoss(loss: Loss, notation: Notation): readonly string[] {
  return describeBlastRadius(loss, notation).map(({ label, text }) => `${label}: ${text}`);
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
