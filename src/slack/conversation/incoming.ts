import { z } from "zod";
import { maybeText } from "#src/slack/maybe-text.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import type { EngagedThreads, ThreadRef } from "#src/slack/threads.ts";

/** What a person said, and where the answer belongs. */
export interface SpokenMessage extends ThreadRef {
  readonly user: string;
  /** As Slack escapes it. */
  readonly text: string;
  readonly ts: string;
  /** In a conversation with us alone. */
  readonly direct: boolean;
  readonly mentionsUs: boolean;
  /** It begins with a mention of somebody else. */
  readonly addressesOthers: boolean;
  readonly hasFiles: boolean;
}

/** A message that was changed afterwards; without a text it was taken back. */
export interface Revision {
  readonly channel: string;
  readonly ts: string;
  readonly text?: string | undefined;
}

/** The kinds of message that people write; everything else is a notice of Slack's. */
const subtypes = ["file_share", "thread_broadcast"];

const authored = z.object({
  ts: z.string(),
  subtype: maybeText,
  user: maybeText,
  bot_id: maybeText,
  text: maybeText,
});

const spokenSchema = authored.extend({
  channel: z.string(),
  channel_type: maybeText,
  thread_ts: maybeText,
  files: z.array(z.unknown()).optional().catch(undefined),
});

const changedSchema = z.object({
  subtype: z.literal("message_changed"),
  channel: z.string(),
  message: authored,
  previous_message: authored.optional().catch(undefined),
});

const deletedSchema = z.object({
  subtype: z.literal("message_deleted"),
  channel: z.string(),
  deleted_ts: z.string(),
});

/** What a person said; undefined for what no person did, or we did. */
export function readSpoken(event: unknown, us: SlackIdentity): SpokenMessage | undefined {
  const { data } = spokenSchema.safeParse(event);
  if (!data || !isByPerson(data, us) || !isPlain(data.subtype)) return undefined;

  const { channel, ts, thread_ts: threadTs = ts, files } = data;
  const text = data.text ?? "";
  const mentioned = [...text.matchAll(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g)].map(([, id]) => id);
  const firstWord = /^\s*<@([A-Z0-9]+)/.exec(text)?.[1];
  return {
    user: data.user,
    text,
    channel,
    ts,
    threadTs,
    direct: data.channel_type === "im" || channel.startsWith("D"),
    mentionsUs: mentioned.includes(us.botUserId),
    addressesOthers: firstWord !== undefined && firstWord !== us.botUserId,
    hasFiles: (files?.length ?? 0) > 0,
  };
}

/** Whether an answer is expected: said to us alone, to us by name, or in a thread that we are in. */
export async function isForUs(
  message: SpokenMessage,
  threads: Pick<EngagedThreads, "isEngaged">,
): Promise<boolean> {
  if (message.direct || message.mentionsUs) return true;
  return !message.addressesOthers && (await threads.isEngaged(message));
}

/** What became of an earlier message of a person's; undefined for any other event. */
export function readRevision(event: unknown, us: SlackIdentity): Revision | undefined {
  const deleted = deletedSchema.safeParse(event).data;
  if (deleted) return { channel: deleted.channel, ts: deleted.deleted_ts };

  const changed = changedSchema.safeParse(event).data;
  if (!changed || !isByPerson(changed.message, us)) return undefined;
  const { channel, message, previous_message: before } = changed;
  // What starts a thread leaves a tombstone behind.
  if (message.subtype === "tombstone") return { channel, ts: message.ts };
  // Slack also tells of previews that it has added.
  if (before && before.text === message.text) return undefined;
  return { channel, ts: message.ts, text: message.text ?? "" };
}

function isPlain(subtype: string | undefined): boolean {
  return subtype === undefined || subtypes.includes(subtype);
}

/** Slack itself speaks as USLACK or USLACKBOT. */
function isByPerson<M extends z.infer<typeof authored>>(
  message: M,
  us: SlackIdentity,
): message is M & { readonly user: string } {
  const { user, bot_id } = message;
  return !!user && !bot_id && user !== us.botUserId && !user.startsWith("USLACK");
}
