import type { ActionsBlock, Button } from "@slack/types";
import { confirmersOf, type Deletion, isEndOfLease } from "#src/deletions/deletion.ts";
import {
  button,
  code,
  context,
  joinWithin,
  localTime,
  plain,
  section,
} from "#src/slack/cards/card.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import type { Choice, DeletionRef, Standing } from "./standing.ts";

/** What the buttons say, and what a screen reader says in front of the guest. */
const labels: Readonly<Record<Choice, readonly [label: string, spoken: string]>> = {
  keep: ["Keep (cancel)", "Keep, cancel the deletion of"],
  "postpone-day": ["Postpone 1 day", "Postpone by 1 day the deletion of"],
  "postpone-week": ["Postpone 1 week", "Postpone by 1 week the deletion of"],
  postpone: ["Pick a time…", "Pick another time for the deletion of"],
  confirm: ["Confirm…", "Confirm the time of the deletion of"],
  now: ["Delete now…", "Delete now"],
  "now-without-backup": ["Delete without backup…", "Delete now, without a backup,"],
};

/** The same of the end of a lease. */
const labelsOfLease: typeof labels = {
  ...labels,
  keep: ["Keep", "Keep, cancel the end of the lease of"],
  "postpone-day": ["Extend 1 day", "Extend by 1 day the lease of"],
  "postpone-week": ["Extend 1 week", "Extend by 1 week the lease of"],
  postpone: ["Pick a time…", "Pick another end of the lease of"],
  confirm: ["Confirm deletion…", "Confirm that it is deleted then:"],
};

const labelsFor = (deletion: Deletion) => (isEndOfLease(deletion) ? labelsOfLease : labels);

/** Characters of a notice: with them, what became of it fits the same section. */
const messageLength = 2_000;

/** By which Slack tells us what was clicked. */
export function actionOf(choice: Choice): string {
  return `deletion_${choice.replaceAll("-", "_")}`;
}

/** A notice as it is about what it tells of: with buttons while they can be of use. */
export function deletionCard(message: string, standing: Standing): SlackMessage {
  return standing.kind === "open" ? openCard(message, standing) : closedCard(message, standing);
}

/** A notice that cannot be answered any more, and what became of what it told. */
export function closedCard(message: string, standing: Standing): SlackMessage {
  const lines = [...linesOf(message), describeStanding(standing)];
  return { text: lines.join("\n"), blocks: [section(lines)] };
}

function openCard(
  message: string,
  { deletion, choices }: Extract<Standing, { kind: "open" }>,
): SlackMessage {
  const lines = linesOf(message);
  const who = `${untilWhen(deletion)} by whoever may cancel or postpone it.`;
  const offered = choices.map((choice) => labelsFor(deletion)[choice][0]).join(" · ");
  return {
    text: [...lines, who, `Buttons: ${offered}`].join("\n"),
    blocks: [section(lines), context(who), buttons(deletion, choices)],
  };
}

/** What became of it, in mrkdwn. */
function describeStanding(standing: Standing): string {
  if (standing.kind === "begun") return describeBegun(standing.deletion);
  const { deletion } = standing;
  if (!deletion) return "*Out of date.* I know of no such deletion any more.";
  switch (deletion.state) {
    case "done":
      return `*Deleted.*${deletion.upid ? ` Proxmox task: ${code(deletion.upid, 200)}` : ""}`;
    case "cancelled":
      return `*Not deleted:* ${sentence(deletion.reason ?? "it was cancelled")}`;
    case "failed":
      return `*Failed:* ${sentence(deletion.reason ?? "please look at the guest in Proxmox")}`;
    case "held":
      return `*On hold:* ${sentence(deletion.reason ?? "somebody has to say how to go on")} Answer the message that says so.`;
    default:
      return `*Out of date.* It is due ${localTime(deletion.dueAt.epochMilliseconds)} now, ${confirmed(deletion)}.`;
  }
}

function describeBegun({ state, guest, withoutBackup }: Deletion): string {
  const veto = `Until it is destroyed, \`/pve cancel ${guest.vmid}\` still stops it.`;
  switch (state) {
    case "destroying":
      return "*Being deleted.*";
    case "preparing":
      return `*Begun.* The guest is shut down${withoutBackup ? "" : " and backed up"} first. ${veto}`;
    default:
      return `*Due now.* It is about to begin. ${veto}`;
  }
}

function confirmed(deletion: Deletion): string {
  const confirmers = confirmersOf(deletion).map(({ name }) => plain(name, 80));
  if (confirmers.length === 0) return "and nobody has confirmed that yet";
  return `confirmed by ${confirmers.join(" and ")}`;
}

/** A reason as a sentence of its own. */
function sentence(reason: string): string {
  const words = plain(reason, 600);
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}

function untilWhen({ state, confirmedBy, dueAt }: Deletion): string {
  const waits = state === "held" || !confirmedBy;
  return waits
    ? "Waits to be answered"
    : `Can be answered until ${localTime(dueAt.epochMilliseconds)}`;
}

function linesOf(message: string): readonly string[] {
  const lines = message.split("\n").map((line) => plain(line, messageLength));
  return joinWithin(lines, messageLength).split("\n");
}

function buttons(deletion: Deletion, choices: readonly Choice[]): ActionsBlock {
  return {
    type: "actions",
    block_id: "deletion",
    elements: choices.map((choice) => choiceButton(deletion, choice)),
  };
}

function choiceButton(deletion: Deletion, choice: Choice): Button {
  const { guest } = deletion;
  const [label, spoken] = labelsFor(deletion)[choice];
  const named = `${spoken} ${guest.kind.toUpperCase()} ${guest.vmid} ${guest.name}`;
  const shown = button(actionOf(choice), toValue(deletion), label, named);
  if (choice === "keep") return { ...shown, style: "primary" };
  return choice === "now" ? { ...shown, style: "danger" } : shown;
}

/** What a button carries: the deletion, and the version that people were told of. */
export function toValue({ id, revision }: DeletionRef): string {
  return `${id}:${revision}`;
}

/** Undefined for what {@link toValue} did not make. */
export function fromValue(value: string): DeletionRef | undefined {
  const [, id, revision] = /^([\w-]+):(\d{1,9})$/.exec(value) ?? [];
  return id ? { id, revision: Number(revision) } : undefined;
}
