import { z } from "zod";
import type { ActionReport } from "#src/actions/action-report.ts";
import { joinWithin, section } from "#src/slack/cards/card.ts";
import { type OpenQuestion, questionLine } from "#src/slack/cards/open-question.ts";
import { formatAnswer } from "#src/slack/format/answer.ts";
import { messageLength } from "#src/slack/format/limits.ts";
import { plainMessage, type SlackMessage } from "#src/slack/format/message.ts";

const help = [
  "What works here without a conversation:",
  "- /pve status: how the cluster is",
  "- /pve list: the guests",
  "- /pve pending: what waits for your answer",
  "- /pve deletions: what is scheduled for deletion",
  "- /pve cancel 103: cancels the deletion of the guest with this VMID",
  "- /pve freeze, and why: stops every change at once, for everybody",
  "- /pve unfreeze: lets changes go on again",
  "",
  "For anything else write to me, or mention me in a channel.",
].join("\n");

/** What can be asked, after what was wrong with what was asked. */
export function helpAnswer(problem?: string): SlackMessage {
  return plainMessage(problem ? `${problem}\n\n${help}` : help);
}

/** A person's open questions with the way to their cards. */
export function pendingAnswer(questions: readonly OpenQuestion[]): SlackMessage {
  if (questions.length === 0) return plainMessage("Nothing waits for your answer.");
  const lines = questions.map((question) => `• ${questionLine(question)}`);
  return { text: joinWithin(lines, messageLength), blocks: [section(lines)] };
}

/** What became of a call, as messages. */
export function reportAnswer(report: ActionReport): readonly SlackMessage[] {
  const { call, outcome, summary = "" } = report;
  switch (outcome.kind) {
    case "done":
      if (call.tool === "list_guests")
        return formatAnswer({ reply: "The guests:", calls: [report] });
      if (call.tool === "cancel_deletion") return [plainMessage(`Done. ${summary}`)];
      return formatAnswer({ reply: wordsOf(outcome.output), calls: [] });
    case "awaiting-confirmation":
      return [plainMessage(`${summary} This needs your confirmation: I have sent you a card.`)];
    default:
      return [plainMessage(outcome.message)];
  }
}

const count = z.record(z.string(), z.number());
const clusterStatus = z.object({
  cluster: z.string(),
  quorate: z.boolean(),
  version: z.string(),
  nodes: z.array(
    z.object({
      name: z.string(),
      online: z.boolean(),
      cpuUsed: z.string().optional(),
      memoryUsed: z.string().optional(),
      memory: z.string().optional(),
      uptime: z.string().optional(),
    }),
  ),
  guests: z.object({ ct: count, vm: count }),
});
type ClusterStatus = z.infer<typeof clusterStatus>;

/** A tool's output in words. */
function wordsOf(output: unknown): string {
  const status = clusterStatus.safeParse(output).data;
  if (status) return describeStatus(status);
  return typeof output === "string" ? output : JSON.stringify(output);
}

function describeStatus({ cluster, quorate, version, nodes, guests }: ClusterStatus): string {
  return [
    `Cluster ${cluster}, Proxmox VE ${version}: ${quorate ? "quorate" : "NO QUORUM"}`,
    ...nodes.map((node) => `- ${describeNode(node)}`),
    `Containers: ${describeCount(guests.ct)}. Virtual machines: ${describeCount(guests.vm)}.`,
  ].join("\n");
}

function describeNode(node: ClusterStatus["nodes"][number]): string {
  const { name, online, cpuUsed, memoryUsed, memory, uptime } = node;
  const facts = [`${name}: ${online ? "online" : "OFFLINE"}`];
  if (cpuUsed) facts.push(`CPU ${cpuUsed}`);
  if (memoryUsed && memory) facts.push(`memory ${memoryUsed} of ${memory}`);
  if (uptime) facts.push(`up ${uptime}`);
  return facts.join(", ");
}

function describeCount(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([status, number]) => `${number} ${status}`)
    .join(", ");
}
