import { createHash } from "node:crypto";
import { z } from "zod";
import { maybeText } from "#src/slack/maybe-text.ts";
import type { SlackIdentity, SlackSettings } from "#src/slack/services.ts";
import { isToStop } from "./stopping.ts";

/** What is to be done with a payload of Slack's. */
export type Judgement =
  | { readonly kind: "ignored"; readonly reason: string }
  | {
      readonly kind: "taken";
      /** The same for whatever must happen only once, however often it is delivered. */
      readonly key: string;
      /** One after another within a lane; {@link atOnce} waits for nothing. */
      readonly lane: string;
      /** Its acknowledgement carries the listener's answer, so it cannot be acknowledged first. */
      readonly answersInAck: boolean;
    };

/** The lane of what must not wait: clicks, commands, and whatever stops a run. */
export const atOnce = "";

export interface JudgeOptions {
  readonly identity: SlackIdentity;
  readonly externals: SlackSettings["externals"];
}

const inner = z.object({
  user: maybeText,
  bot_id: maybeText,
  subtype: maybeText,
  ts: maybeText,
  thread_ts: maybeText,
});
const eventSchema = inner.extend({
  type: z.string(),
  channel: maybeText,
  user_team: maybeText,
  source_team: maybeText,
  team: maybeText,
  message: inner.optional().catch(undefined),
  previous_message: inner.optional().catch(undefined),
});
type SlackEvent = z.infer<typeof eventSchema>;

const eventBody = z.object({
  event: eventSchema,
  team_id: maybeText,
  event_id: maybeText,
  authorizations: z
    .array(z.object({ team_id: maybeText }))
    .optional()
    .catch(undefined),
});

const interactionBody = z.object({
  type: z.enum(["block_actions", "view_submission", "view_closed", "shortcut", "message_action"]),
  user: z.object({ id: z.string().min(1), team_id: maybeText }),
  team: z.object({ id: maybeText }).optional().catch(undefined),
  trigger_id: maybeText,
});

const commandBody = z.object({
  command: z.string(),
  user_id: z.string().min(1),
  team_id: maybeText,
  trigger_id: maybeText,
});

/** The user ids of Slack itself. */
const systemUsers = new Set(["USLACK", "USLACKBOT"]);
/** What people write; every other subtype is a notice of Slack's or of a program. */
const written = new Set<string | undefined>([undefined, "file_share", "thread_broadcast"]);
const changed = new Set<string | undefined>(["message_changed", "message_deleted"]);

/**
 * Tells what a payload is and whether anybody has to hear of it. Reads only what it needs, so that
 * a payload with more, less or other fields than documented is still taken.
 */
export function judge(body: unknown, options: JudgeOptions): Judgement {
  const event = eventBody.safeParse(body);
  if (event.success) return judgeEvent(body, event.data, options);
  const interaction = interactionBody.safeParse(body);
  if (interaction.success) {
    const { type, trigger_id } = interaction.data;
    return takeAtOnce(actKey(body, trigger_id), type === "view_submission");
  }
  const command = commandBody.safeParse(body);
  if (command.success) return takeAtOnce(actKey(body, command.data.trigger_id));
  return ignore("unknown payload");
}

/**
 * Whether whoever sent it is of another organization. Such a click is let through, because a
 * click is never ignored in silence; its listener refuses it in words.
 */
export function isFromOutside(body: unknown, { teamId, enterpriseId }: SlackIdentity): boolean {
  const team = senderTeam(body);
  return team !== undefined && team !== teamId && team !== enterpriseId;
}

function senderTeam(body: unknown): string | undefined {
  const event = eventBody.safeParse(body).data?.event;
  if (event) return event.user_team ?? event.source_team ?? event.team;
  const interaction = interactionBody.safeParse(body).data;
  if (interaction) return interaction.user.team_id ?? interaction.team?.id;
  return commandBody.safeParse(body).data?.team_id;
}

function judgeEvent(
  body: unknown,
  { event, team_id, event_id, authorizations }: z.infer<typeof eventBody>,
  { identity, externals }: JudgeOptions,
): Judgement {
  const teams = [team_id, ...(authorizations ?? []).map((authorization) => authorization.team_id)];
  if (!teams.includes(identity.teamId)) return ignore("another workspace");
  if (!isByPerson(event, identity)) return ignore("not by a person");
  if (externals === "refuse" && isFromOutside(body, identity)) {
    return ignore("another organization");
  }
  const byEvent = takeAtOnce(`${isToStop(body) ? "stop" : "ev"}:${event_id ?? digest(body)}`);
  if (!isMessage(event) || changed.has(event.subtype)) return byEvent;
  if (!written.has(event.subtype)) return ignore("a notice");
  const { channel, ts, thread_ts } = event;
  if (!channel || !ts) return byEvent;
  return {
    kind: "taken",
    // A mention arrives as two events, which have the message in common and not the event id.
    key: `msg:${identity.teamId}:${channel}:${ts}`,
    lane: `${identity.teamId}/${channel}/${thread_ts ?? ts}`,
    answersInAck: false,
  };
}

function isMessage({ type }: SlackEvent): boolean {
  return type === "message" || type === "app_mention";
}

/** Of a message that was changed or deleted, it is the message's author that counts. */
function isByPerson(event: SlackEvent, identity: SlackIdentity): boolean {
  const author = changed.has(event.subtype)
    ? (event.previous_message ?? event.message ?? event)
    : event;
  const { user, bot_id } = author;
  if (isMessage(event) && !user) return false;
  return !bot_id && user !== identity.botUserId && !systemUsers.has(user ?? "");
}

function ignore(reason: string): Judgement {
  return { kind: "ignored", reason };
}

function actKey(body: unknown, triggerId: string | undefined): string {
  return `${isToStop(body) ? "stop" : "act"}:${triggerId ?? digest(body)}`;
}

function takeAtOnce(key: string, answersInAck = false): Judgement {
  return { kind: "taken", key, lane: atOnce, answersInAck };
}

/** What stands in for an id that is missing. */
function digest(body: unknown): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}
