import type { HomeView, KnownBlock } from "@slack/types";
import type { AuditRecord } from "#src/audit/audit-log.ts";
import type { Frozen } from "#src/brake/brake.ts";
import { describeFrozen } from "#src/brake/braked.ts";
import { confirmersOf, type Deletion } from "#src/deletions/deletion.ts";
import type { Principal } from "#src/policy/principal.ts";
import { nobody, type Permission } from "#src/policy/roles.ts";
import type { Guest } from "#src/proxmox/guest.ts";
import { code, context, localTime, plain, section } from "#src/slack/cards/card.ts";
import { type OpenQuestion, questionLine } from "#src/slack/cards/open-question.ts";

/** What one person is shown; what is absent that person may not see. */
export interface HomeFacts {
  /** Set while every change is stopped. */
  readonly frozen?: Frozen | undefined;
  readonly principal: Principal;
  readonly permissions: readonly { readonly tool: string; readonly permission: Permission }[];
  /** What the policy says besides, in lines. */
  readonly rules: readonly string[];
  /** The person's own. */
  readonly questions: readonly OpenQuestion[];
  readonly deletions?: readonly Deletion[] | undefined;
  /** The entries with which the actions began of which no end is recorded. */
  readonly running?: readonly AuditRecord[] | undefined;
  /** The person's own; `unknown` where the cluster did not answer. */
  readonly guests?: readonly Guest[] | "unknown" | undefined;
}

/** In which order, and in which words, permissions are listed. */
const permissionWords: readonly (readonly [Permission, string])[] = [
  ["allow", "At once"],
  ["confirm", "Once you have confirmed it"],
  ["own", "For your own requests and guests"],
  ["deny", "Not"],
];

/** More lines of one list are counted. */
const maxLines = 25;

/** The Home tab of one person. */
export function homeView(facts: HomeFacts): HomeView {
  const { frozen, principal, questions, deletions, running, guests } = facts;
  if (principal.role === nobody) {
    const id = code(principal.id);
    return viewOf([
      section([`You have no role here. An admin can give one to your member ID, ${id}.`]),
    ]);
  }
  return viewOf([
    ...(frozen ? [section([plain(describeFrozen(frozen), 800)])] : []),
    ...list("Waiting for your answer", questions.map(questionLine), "Nothing."),
    ...list("Coming deletions", deletions?.map(describeDeletion), "None."),
    ...list("Under way", running?.map(describeRunning), "Nothing."),
    ...list(
      "Your guests",
      guests === "unknown"
        ? ["The cluster does not answer at the moment."]
        : guests?.map(describeGuest),
      "None carries your owner tag.",
    ),
    { type: "divider" },
    section(describeRole(facts)),
    section(["*What holds besides*", ...facts.rules.map((rule) => `• ${plain(rule)}`)]),
    context("Kept up to date while you use it. `/pve help` says what works without me in a chat."),
  ]);
}

function viewOf(blocks: KnownBlock[]): HomeView {
  return { type: "home", blocks };
}

function list(title: string, lines: readonly string[] | undefined, none: string): KnownBlock[] {
  if (!lines) return [];
  const shown = lines.slice(0, maxLines).map((line) => `• ${line}`);
  const more = lines.length - shown.length;
  const rest = more > 0 ? [`… and ${more} more`] : [];
  return [section([`*${title}*`, ...(shown.length > 0 ? [...shown, ...rest] : [none])])];
}

function describeDeletion(deletion: Deletion): string {
  const { guest, dueAt, requestedBy, withoutBackup, ofLease } = deletion;
  const confirmers = confirmersOf(deletion).map(({ name }) => plain(name, 64));
  const who = `${code(guest.name)} (${guest.kind.toUpperCase()} ${guest.vmid} on ${code(guest.node)})`;
  const facts = [
    `${localTime(dueAt.epochMilliseconds)}: ${who}`,
    ofLease ? "the end of its lease" : `requested by ${plain(requestedBy.name, 64)}`,
    confirmers.length > 0 ? `confirmed by ${confirmers.join(" and ")}` : "not confirmed",
    ...(withoutBackup ? ["without a backup"] : []),
    ...describeState(deletion),
  ];
  return facts.join(", ");
}

/** How far it is, and why it does not go on; nothing of one that only waits for its time. */
function describeState({ state, reason }: Deletion): readonly string[] {
  const because = reason ? `: ${plain(reason, 150)}` : "";
  switch (state) {
    case "inserting":
      return [`not in the calendar yet${because}`];
    case "preparing":
      return [`being prepared${because}`];
    case "destroying":
      return ["being destroyed"];
    case "held":
      return [`on hold${because}`];
    default:
      return reason ? [`waiting${because}`] : [];
  }
}

function describeRunning({ at, tool, target, principal }: AuditRecord): string {
  const guest = target.guest ? ` ${code(target.guest.name)} (VMID ${target.guest.vmid})` : "";
  const what = `${plain(tool.replaceAll("_", " "), 60)}${guest}`;
  return `${what}, begun ${localTime(at)} for ${plain(principal.name, 64)}; no end is recorded yet`;
}

function describeGuest({ name, vmid, kind, node, status }: Guest): string {
  return `${code(name ?? "")} (${kind.toUpperCase()} ${vmid} on ${code(node)}), ${status}`;
}

function describeRole({ principal, permissions }: HomeFacts): string[] {
  const lines = permissionWords.flatMap(([permission, words]) => {
    const tools = permissions.filter((entry) => entry.permission === permission);
    const names = tools.map(({ tool }) => plain(tool.replaceAll("_", " "), 60)).join(", ");
    return names ? [`${words}: ${names}.`] : [];
  });
  return [`*What you may do*, ${plain(principal.name, 64)}, as ${code(principal.role)}:`, ...lines];
}
