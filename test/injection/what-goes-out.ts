import type { WebClient } from "@slack/web-api";
import { Temporal } from "temporal-polyfill";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { RunResult } from "#src/agent/agent.ts";
import type { AuditRecord } from "#src/audit/audit-log.ts";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import { foreign } from "#src/deletions/deletion-notices.ts";
import { noticeOf } from "#src/outbox/audit-notices.ts";
import type { Notice } from "#src/outbox/outbox-store.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { confirmationCard } from "#src/slack/cards/confirmation-card.ts";
import { nameModalView } from "#src/slack/cards/name-modal.ts";
import { settledCard, workingCard } from "#src/slack/cards/settled-card.ts";
import { formatAnswer } from "#src/slack/format/answer.ts";
import { createSlackDelivery } from "#src/slack/notices/delivery.ts";
import type { Scene } from "./scene.ts";

/** A card, in all its stages, with the texts of others that it may show as they are. */
export interface Card {
  readonly shown: string;
  readonly data: readonly Datum[];
}

interface Datum {
  readonly text: string;
  /** How many characters of it a card may show. */
  readonly longest: number;
}

/** What Slack gets of an answer, as JSON. */
export function answerAsSent(result: RunResult): string {
  return JSON.stringify(formatAnswer(result));
}

/** A question as it is shown: open, under way and settled, and what is asked before a deletion. */
export function cardAsSent(confirmation: Confirmation, { carrier, risk }: Scene): Card {
  const { name, node, tags, owner = "" } = carrier;
  const disks = (carrier.more?.disks ?? []) as GuestRisk["disks"];
  const asker = confirmation.requestedBy.name;
  const shown = JSON.stringify([
    confirmationCard(confirmation, [{ status: "running", disks, ...risk }]),
    workingCard(confirmation, asker),
    settledCard(confirmation, { heading: "Done" }),
    nameModalView([confirmation], confirmation.target.guest?.name ?? ""),
  ]);
  // Who has to type a name sees a little more of it.
  const names = [name, node, owner].map((text) => ({ text, longest: 100 }));
  const tagged = { text: tags.join(", "), longest: 200 };
  return { shown, data: [...names, tagged, { text: asker, longest: 400 }] };
}

/** What the channel is told of the audit log and of an event that somebody else made. */
export async function noticesAsSent(
  records: readonly AuditRecord[],
  event: string | undefined,
): Promise<string> {
  const sent: unknown[] = [];
  const web = {
    chat: {
      async postMessage(message: unknown) {
        sent.push(message);
        return { ok: true, channel: "C1", ts: "1.0" };
      },
    },
  } as unknown as WebClient;
  const clock = { now: () => Temporal.Instant.from("2031-03-03T09:00:00Z") };
  const deletions = { find: async () => undefined };
  const identity = { botId: "B1" };
  const delivery = createSlackDelivery({ web, deletions, clock, identity, channel: "C1" });
  const moment = { now: clock.now(), timeZone: "UTC" };
  const notices: Notice[] = records.flatMap((record) => {
    const message = noticeOf(record, "UTC");
    return message ? [{ key: `audit:${record.seq}`, recipient: "channel", message }] : [];
  });
  if (event !== undefined) notices.push(foreign(anEvent(event), moment));
  for (const notice of notices) {
    await delivery.send({ ...notice, state: "new", attempts: 0, createdAt: 0 });
  }
  return JSON.stringify(sent);
}

function anEvent(text: string): CalendarEvent {
  const startsAt = Temporal.Instant.from("2031-03-04T09:00:00Z");
  const parts = { etag: "1", cancelled: false, recurring: false, marks: { note: text } };
  return { id: "foreign", startsAt, title: text, creator: text, ...parts };
}

/** A time that each reader sees in their own zone, as cards write it. */
const ours = /<!date\^\d+\^[^<>|]*\|[^<>|]* UTC>/g;
const angled = /<[!@#]|<(?:https?|mailto):/;
const labelled = /\]\(|\]:/;
const mention = /@(?:channel|here|everyone)\b/i;
const hidden = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** Markup in what goes to Slack that nobody of ours has put there, or what hides in it. */
export function markupIn(sent: string): string | undefined {
  const hiding = hidden.exec(sent)?.[0];
  if (hiding !== undefined) return hiding;
  return findMarkup(JSON.parse(sent));
}

/** Where Slack reads mrkdwn, or Markdown; what it shows as it is cannot mark anything up. */
function findMarkup(value: unknown): string | undefined {
  if (typeof value === "string") return angled.exec(value.replace(ours, ""))?.[0];
  if (typeof value !== "object" || value === null) return undefined;
  if ("type" in value && (value.type === "plain_text" || value.type === "raw_text"))
    return undefined;
  if ("type" in value && "text" in value && value.type === "markdown") {
    const text = String(value.text);
    return [angled, labelled, mention].map((markup) => markup.exec(text)?.[0]).find(Boolean);
  }
  return Object.entries(value)
    .filter(([key]) => key !== "accessibility_label")
    .map(([, part]) => findMarkup(part))
    .find(Boolean);
}

/** So many characters in a row of an instruction are no coincidence. */
const tell = 14;

/** A piece of the injected text that a card shows beyond the data which it has to name. */
export function injectedInto({ shown, data }: Card, injected: string): string | undefined {
  const escaped = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  // What is set as code is a name, and no longer than one.
  let text = textsIn(JSON.parse(shown))
    .join("\n")
    .replace(/`[^`\n]{1,90}`/g, "…");
  // Longest first: a part of a name is not to leave the rest of it behind.
  const pieces = data
    .flatMap((value) => capsOf(value))
    .flatMap((value) => [escaped(value), escaped(value).replaceAll("`", "'"), value])
    .filter((value) => value.length > 3)
    .sort((a, b) => b.length - a.length);
  for (const piece of pieces) text = text.replaceAll(piece, "…");
  const wanted = onOneLine(injected);
  for (let at = 0; at + tell <= wanted.length; at += 1) {
    const piece = wanted.slice(at, at + tell);
    if (text.includes(piece) || text.includes(escaped(piece))) return piece;
  }
  return undefined;
}

/** A datum as far as a card may show it, cut wherever a card cuts it. */
function capsOf({ text, longest }: Datum): readonly string[] {
  const whole = onOneLine(text).slice(0, longest);
  return Array.from({ length: whole.length }, (_, index) => whole.slice(0, index + 1)).slice(12);
}

function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
