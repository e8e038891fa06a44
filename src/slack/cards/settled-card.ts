import type { ActionReport } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { code, context, localTime, plain, section } from "./card.ts";
import { describeSummary, titleOf } from "./confirmation-card.ts";

/** How a question ended. */
export interface Settlement {
  /** One or two words. */
  readonly heading: string;
  readonly message?: string | undefined;
  readonly upid?: string | undefined;
}

/** What is shown from the approval to the end: no buttons, and how far it has come. */
export function workingCard(
  confirmation: Confirmation,
  by: string,
  progress?: string,
): SlackMessage {
  const state = `*Working…* ${progress ? plain(progress, 300) : "It has been begun."}`;
  return closedCard(confirmation, state, `Approved by ${plain(by, 200)}.`);
}

/** What stays in the thread: how it ended, who answered and when, and the Proxmox task. */
export function settledCard(confirmation: Confirmation, settlement: Settlement): SlackMessage {
  const { heading, message, upid } = settlement;
  const result = [`*${heading}.*`, ...(message ? [plain(message, 1000)] : [])].join(" ");
  const origin = [
    `Asked by ${plain(confirmation.requestedBy.name, 80)}.`,
    ...answeredBy(confirmation),
  ];
  if (upid) origin.push(`Proxmox task: ${code(upid, 200)}`);
  return closedCard(confirmation, result, origin.join(" "));
}

/** How the outcome of an answer is told. */
export function settlementOf({ outcome, target }: ActionReport): Settlement {
  switch (outcome.kind) {
    case "done":
      return { heading: target?.at ? "Scheduled" : "Done", upid: outcome.upid };
    case "unchanged":
      return { heading: "Nothing to do", message: outcome.message };
    case "failed":
      return { heading: "Failed", message: outcome.message, upid: outcome.upid };
    case "denied":
      return { heading: "Not done", message: outcome.message };
    case "awaiting-confirmation":
      return { heading: "Still waiting" };
  }
}

function closedCard(confirmation: Confirmation, state: string, origin: string): SlackMessage {
  const title = `*${titleOf(confirmation)}*`;
  const lines = [describeSummary(confirmation), state];
  return {
    text: [title, ...lines, origin].join("\n"),
    blocks: [section([title]), section(lines), context(origin)],
  };
}

function answeredBy({ state, approvals, decidedBy, decidedAt }: Confirmation): string[] {
  const answers = approvals.map(
    ({ by, at }) => `Approved by ${plain(by.name, 80)}, ${localTime(at)}.`,
  );
  if (state === "denied" && decidedBy && decidedAt !== undefined) {
    answers.push(`Declined by ${plain(decidedBy, 80)}, ${localTime(decidedAt)}.`);
  }
  return answers;
}
