import type { ActionsBlock } from "@slack/types";
import { Temporal } from "temporal-polyfill";
import { describeBlastRadius, losesGuest } from "#src/actions/blast-radius.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { nameToType } from "#src/actions/typed-name.ts";
import { describeAnswerers, describeWaiting } from "#src/actions/who-answers.ts";
import type { Target } from "#src/policy/target.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { button, code, context, localTime, plain, section } from "./card.ts";
import { guestSections } from "./guest-sections.ts";

/** By which Slack tells us what was clicked. */
export const approveAction = "confirmation_approve";
export const declineAction = "confirmation_decline";

const verbs: ReadonlyMap<string, string> = new Map([
  ["start_guest", "Start"],
  ["shutdown_guest", "Shut down"],
  ["stop_guest", "Cut the power of"],
  ["reboot_guest", "Reboot"],
  ["schedule_deletion", "Delete"],
  ["reschedule_deletion", "Move the deletion of"],
  ["cancel_deletion", "Cancel the deletion of"],
  ["release_held_deletions", "Delete"],
  ["restore_guest", "Restore"],
]);

/** What cannot be taken back by asking again. */
const dangerous = new Set([
  "stop_guest",
  "schedule_deletion",
  "reschedule_deletion",
  "release_held_deletions",
]);

/** Characters of the sentence about one guest: with it, a card's facts fit one section. */
const summaryLength = 600;
/** Of a sentence that names each of several guests: with it, the other facts fit its section. */
const longSummaryLength = 1_700;

/**
 * The question, and the buttons that answer it.
 *
 * @param risks what is known of each guest that it is about, in the target's order
 */
export function confirmationCard(
  confirmation: Confirmation,
  risks: readonly GuestRisk[],
): SlackMessage {
  const { target, requestedBy, expiresAt } = confirmation;
  const question = `*${titleOf(confirmation)}?*`;
  const [risk = {}] = risks;
  const lines = [
    describeSummary(confirmation),
    ...(target.guest ? [`*Guest:* ${describeGuest(target.guest, risk)}`] : []),
    `*When:* ${describeTime(target)}`,
    ...(target.guest && losesGuest(confirmation) ? describeLoss(confirmation, risk) : []),
    ...describeApproval(confirmation),
  ];
  const alone = confirmation.by === "requester" ? ", who alone may answer" : "";
  const origin = `Asked by ${plain(requestedBy.name, 80)}${alone}. Open until ${localTime(expiresAt)}.`;
  return {
    text: [question, ...lines, origin].join("\n"),
    blocks: [
      section([question]),
      section(lines),
      ...guestSections(confirmation, risks),
      context(origin),
      buttons(confirmation),
    ],
  };
}

/** Why it is asked, who has to answer, and how far that has come. */
function describeApproval(confirmation: Confirmation): string[] {
  const { by, reasons, approvals } = confirmation;
  const why = plain(reasons.join(" "), 400);
  const lines = why ? [`*Why it is asked:* ${why}`] : [];
  if (by !== "requester")
    lines.push(`*Who answers:* ${plain(describeAnswerers(confirmation), 300)}`);
  if (approvals.length > 0) lines.push(`*So far:* ${plain(describeWaiting(confirmation), 300)}`);
  return lines;
}

/** The sentence that is approved, in mrkdwn. */
export function describeSummary({ summary, target }: Confirmation): string {
  const words = plain(summary, target.guest ? summaryLength : longSummaryLength);
  return words.replace("No backup is made.", "*No backup is made.*");
}

/** Verb and guest, such as "Delete `test-runner`". */
export function titleOf({ call, target }: Confirmation): string {
  const verb = verbOf(call.tool);
  if (target.guest) return `${verb} ${code(target.guest.name)}`;
  return target.deletions ? `${verb} ${countOf(target.deletions)}` : verb;
}

function countOf({ length }: readonly unknown[]): string {
  return length === 1 ? "1 guest" : `${length} guests`;
}

function verbOf(tool: string): string {
  return verbs.get(tool) ?? plain(tool.replaceAll("_", " "), 60);
}

function describeGuest(guest: NonNullable<Target["guest"]>, { status }: GuestRisk): string {
  const kind = guest.kind === "ct" ? "container" : "virtual machine";
  const place = `${kind}, VMID ${guest.vmid}, on ${code(guest.node)}`;
  const facts = [`${code(guest.name)} (${place})`, status ?? "status not known"];
  if (guest.owner) facts.push(`owner ${code(guest.owner)}`);
  if (guest.tags.length > 0) facts.push(`tags ${plain(guest.tags.join(", "), 200)}`);
  return facts.join(", ");
}

function describeTime({ at, asSoonAsConfirmed }: Target): string {
  if (asSoonAsConfirmed) return "as soon as this is approved";
  if (!at) return "at once, when this is approved";
  return `${localTime(Temporal.Instant.from(at).epochMilliseconds)}, in your own time zone`;
}

/** What goes with the guest, a line for each fact. */
function describeLoss({ target, requestedAt }: Confirmation, risk: GuestRisk): string[] {
  const loss = { risk, withoutBackup: target.withoutBackup === true, now: requestedAt };
  const lines = describeBlastRadius(loss, { name: code, instant: localTime });
  return lines.map(({ label, text }) => `*${label}:* ${text}`);
}

function buttons(confirmation: Confirmation): ActionsBlock {
  const { id, call } = confirmation;
  const approve = nameToType(confirmation) === undefined ? "Approve" : "Approve…";
  return {
    type: "actions",
    block_id: "confirmation",
    elements: [
      {
        ...button(approveAction, id, approve, `Approve: ${spokenTitle(confirmation)}`),
        style: dangerous.has(call.tool) ? "danger" : "primary",
      },
      button(declineAction, id, "Cancel", `Cancel, leave as it is: ${spokenTitle(confirmation)}`),
    ],
  };
}

/** For a screen reader: which action on which guest. */
function spokenTitle({ call, target: { guest, deletions } }: Confirmation): string {
  const verb = verbOf(call.tool).toLowerCase();
  if (deletions) return `${verb} ${countOf(deletions)}`;
  return guest ? `${verb} ${guest.kind.toUpperCase()} ${guest.vmid} ${guest.name}` : verb;
}
