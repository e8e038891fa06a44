import { z } from "zod";
import { flag, json, type MethodTable, method } from "#test/support/fake-slack/arguments.ts";
import { type DraftContent, takeContent } from "#test/support/fake-slack/content.ts";
import { type FakeContext, isStreaming } from "#test/support/fake-slack/context.ts";
import { type Message, wireMessage } from "#test/support/fake-slack/messages.ts";
import { SlackError } from "#test/support/fake-slack/slack-error.ts";
import { findChannel, postableChannel } from "./channels.ts";

/** Longer texts are refused by `chat.update`. */
const UPDATE_TEXT_LIMIT = 4_000;
/** Longest `markdown_text`. */
export const MARKDOWN_LIMIT = 12_000;

export const metadata = json(
  z.object({ event_type: z.string().min(1), event_payload: z.record(z.string(), z.unknown()) }),
);

const content = {
  text: z.string().optional(),
  markdown_text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.unknown().optional(),
  parse: z.enum(["none", "full", "client"]).optional(),
  link_names: flag.optional(),
};

const post = {
  ...content,
  channel: z.string(),
  thread_ts: z.string().optional(),
  unfurl_links: flag.optional(),
  unfurl_media: flag.optional(),
  mrkdwn: flag.optional(),
  metadata: metadata.optional(),
  reply_broadcast: flag.optional(),
  username: z.string().optional(),
  icon_emoji: z.string().optional(),
  icon_url: z.string().optional(),
};

/** `chat.*` but for streams. */
export function chatMethods(context: FakeContext): MethodTable {
  const { workspace, messages, sessions, recorder } = context;
  const author = { user: workspace.bot.userId, botId: workspace.bot.botId };

  return {
    "chat.postMessage": method(post, (args) => {
      const channel = postableChannel(context, args.channel);
      const shown = takeContent(recorder, "chat.postMessage", withMarkdown(args));
      const message = messages.post({
        ...author,
        ...shown,
        ...placeIn(context, channel.id, args.thread_ts),
        ...(args.metadata && { metadata: args.metadata }),
        ...(args.reply_broadcast && { subtype: "thread_broadcast" }),
      });
      if (message.threadTs) sessions.setStatus(message.channel, message.threadTs, "", []);
      return posted(context, message);
    }),

    "chat.postEphemeral": method({ ...post, user: z.string() }, (args) => {
      const channel = postableChannel(context, args.channel);
      if (!channel.members.has(args.user)) throw new SlackError("user_not_in_channel");
      const shown = takeContent(recorder, "chat.postEphemeral", withMarkdown(args));
      const place = placeIn(context, channel.id, args.thread_ts);
      const { ts } = messages.post({ ...author, ...shown, ...place, onlyFor: args.user });
      return { message_ts: ts };
    }),

    "chat.update": method(
      {
        ...content,
        channel: z.string(),
        ts: z.string(),
        metadata: metadata.optional(),
        reply_broadcast: flag.optional(),
      },
      (args) => {
        const before = ownMessage(context, args.channel, args.ts, "cant_update_message");
        if (isStreaming(context, before)) throw new SlackError("streaming_state_conflict");
        if ((args.text ?? "").length > UPDATE_TEXT_LIMIT) throw new SlackError("msg_too_long");
        const shown = takeContent(recorder, "chat.update", withMarkdown(args));
        const edited = shown.blocks.length === 0 && { user: before.user, ts: workspace.nextTs() };
        const message = messages.change({
          ...before,
          ...shown,
          ...(edited && { edited }),
          ...(args.metadata && { metadata: args.metadata }),
        });
        return { ...posted(context, message), text: message.text };
      },
    ),

    "chat.delete": method({ channel: z.string(), ts: z.string() }, ({ channel, ts }) => {
      messages.remove(ownMessage(context, channel, ts, "cant_delete_message"));
      return { channel, ts };
    }),

    "chat.getPermalink": method({ channel: z.string(), message_ts: z.string() }, (args) => {
      const { id } = findChannel(workspace, args.channel);
      if (!messages.find(id, args.message_ts)) throw new SlackError("message_not_found");
      const page = `https://${workspace.team.domain}.slack.com/archives/${id}`;
      return { channel: id, permalink: `${page}/p${args.message_ts.replace(".", "")}` };
    }),
  };
}

/** `markdown_text` becomes the markdown block that Slack makes of it. */
function withMarkdown(args: DraftContent & { readonly markdown_text?: string | undefined }) {
  const { markdown_text: markdown, text, blocks } = args;
  if (markdown === undefined) return args;
  if (text !== undefined || blocks !== undefined) throw new SlackError("markdown_text_conflict");
  if (markdown.length > MARKDOWN_LIMIT) throw new SlackError("msg_too_long");
  return { text: markdown, blocks: [{ type: "markdown", text: markdown }] };
}

/** @throws SlackError `thread_not_found` when the root is gone. */
function placeIn({ messages }: FakeContext, channel: string, threadTs: string | undefined) {
  if (threadTs === undefined) return { channel };
  const root = messages.find(channel, threadTs);
  if (!root) throw new SlackError("thread_not_found");
  return { channel, threadTs: root.threadTs ?? root.ts };
}

/** @throws SlackError `message_not_found`, or `code` when it is another's. */
export function ownMessage(
  { workspace, messages }: FakeContext,
  channelId: string,
  ts: string,
  code: string,
): Message {
  const channel = findChannel(workspace, channelId);
  const message = messages.find(channel.id, ts);
  if (!message || message.onlyFor) throw new SlackError("message_not_found");
  if (message.botId !== workspace.bot.botId) throw new SlackError(code);
  return message;
}

function posted({ workspace }: FakeContext, message: Message) {
  return {
    channel: message.channel,
    ts: message.ts,
    message: wireMessage(workspace, message, { includeMetadata: true }),
  };
}
