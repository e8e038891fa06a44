import { z } from "zod";
import { json, type MethodTable, method } from "#test/support/fake-slack/arguments.ts";
import { checkBlocks } from "#test/support/fake-slack/blocks/check-blocks.ts";
import { noteFindings, withIds } from "#test/support/fake-slack/content.ts";
import { type FakeContext, isStreaming } from "#test/support/fake-slack/context.ts";
import { type Message, wireMessage } from "#test/support/fake-slack/messages.ts";
import { type JsonObject, SlackError } from "#test/support/fake-slack/slack-error.ts";
import { agentStatus } from "./agents.ts";
import { postableChannel } from "./channels.ts";
import { MARKDOWN_LIMIT, metadata, ownMessage } from "./chat.ts";

const chunk = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("markdown_text"), text: z.string() }),
  z.strictObject({
    type: z.literal("task_update"),
    id: z.string(),
    title: z.string(),
    status: z.enum(["pending", "in_progress", "complete", "error"]),
    details: z.string().optional(),
    output: z.string().optional(),
    sources: z.array(z.record(z.string(), z.unknown())).optional(),
  }),
  z.strictObject({ type: z.literal("plan_update"), title: z.string() }),
  z.strictObject({ type: z.literal("blocks"), blocks: z.array(z.unknown()) }),
]);

const streamed = {
  channel: z.string(),
  markdown_text: z.string().optional(),
  chunks: json(z.array(z.unknown())).optional(),
};
type Streamed = {
  readonly markdown_text?: string | undefined;
  readonly chunks?: readonly unknown[] | undefined;
};

/** `chat.startStream`, `chat.appendStream` and `chat.stopStream`. */
export function streamMethods(context: FakeContext): MethodTable {
  const { workspace, messages, sessions, recorder } = context;

  /** What the message is once the chunks are in it. */
  function extend(name: string, message: Message, args: Streamed): Message {
    const extended = readChunks(args).reduce(addChunk, message);
    noteFindings(recorder, name, { text: args.markdown_text ?? "" });
    noteFindings(recorder, name, { blocks: (args.chunks ?? []) as JsonObject[] });
    return extended;
  }

  return {
    "chat.startStream": method(
      {
        ...streamed,
        thread_ts: z.string(),
        recipient_team_id: z.string().optional(),
        recipient_user_id: z.string().optional(),
        task_display_mode: z.enum(["timeline", "plan"]).optional(),
        icon_emoji: z.string().optional(),
        icon_url: z.string().optional(),
        username: z.string().optional(),
      },
      (args) => {
        const channel = postableChannel(context, args.channel);
        const root = messages.find(channel.id, args.thread_ts);
        if (!root) throw new SlackError("thread_not_found");
        if (channel.kind !== "im") checkRecipient(args);
        const draft: Message = {
          channel: channel.id,
          ts: "",
          threadTs: root.threadTs ?? root.ts,
          user: workspace.bot.userId,
          botId: workspace.bot.botId,
          text: "",
          blocks: [],
          stream: { state: "open", startedAt: workspace.now(), tasks: [] },
        };
        sessions.setStatus(channel.id, draft.threadTs ?? "", "", []);
        const { ts } = messages.post(extend("chat.startStream", draft, args));
        return { channel: channel.id, ts };
      },
    ),

    "chat.appendStream": method({ ...streamed, ts: z.string() }, (args) => {
      const message = openStream(context, args.channel, args.ts);
      if (isEmpty(args)) throw new SlackError("no_text");
      messages.change(extend("chat.appendStream", message, args), { announce: false });
      return { channel: message.channel, ts: message.ts };
    }),

    "chat.stopStream": method(
      {
        ...streamed,
        ts: z.string(),
        blocks: z.unknown().optional(),
        metadata: metadata.optional(),
        session_status: agentStatus.optional(),
      },
      (args) => {
        const message = openStream(context, args.channel, args.ts);
        const extended = extend("chat.stopStream", message, args);
        const below = checkBlocks(args.blocks ?? [], "message");
        noteFindings(recorder, "chat.stopStream", { blocks: below });
        const stopped = messages.change({
          ...extended,
          blocks: [...extended.blocks, ...withIds(below)],
          ...(args.metadata && { metadata: args.metadata }),
          stream: { ...(extended.stream ?? NO_STREAM), state: "stopped" },
        });
        if (args.session_status && message.threadTs) {
          sessions.change(message.channel, message.threadTs, { agentStatus: args.session_status });
        }
        const { channel, ts } = stopped;
        return { channel, ts, message: wireMessage(workspace, stopped) };
      },
    ),
  };
}

const NO_STREAM = { startedAt: 0, tasks: [] };

function isEmpty({ markdown_text: text, chunks }: Streamed): boolean {
  return !text && (chunks ?? []).length === 0;
}

function checkRecipient(args: {
  readonly recipient_team_id?: string | undefined;
  readonly recipient_user_id?: string | undefined;
}): void {
  if (!args.recipient_team_id) throw new SlackError("missing_recipient_team_id");
  if (!args.recipient_user_id) throw new SlackError("missing_recipient_user_id");
}

/** @throws SlackError `stopped_by_user`, or `message_not_in_streaming_state` once it is over. */
function openStream(context: FakeContext, channel: string, ts: string): Message {
  const message = ownMessage(context, channel, ts, "message_not_owned_by_app");
  if (message.stream?.state === "stopped_by_user") throw new SlackError("stopped_by_user");
  if (!isStreaming(context, message)) throw new SlackError("message_not_in_streaming_state");
  return message;
}

function readChunks({ markdown_text: text, chunks }: Streamed): readonly z.output<typeof chunk>[] {
  if (text && text.length > MARKDOWN_LIMIT) throw new SlackError("msg_too_long");
  const parsed = z.array(chunk).safeParse(chunks ?? []);
  if (!parsed.success) throw new SlackError("invalid_chunks");
  return text ? [{ type: "markdown_text", text }, ...parsed.data] : parsed.data;
}

function addChunk(message: Message, each: z.output<typeof chunk>): Message {
  if (each.type === "markdown_text") return { ...message, text: message.text + each.text };
  if (each.type === "blocks") {
    const blocks = withIds(checkBlocks(each.blocks, "message"));
    return { ...message, blocks: [...message.blocks, ...blocks] };
  }
  const stream = message.stream ?? { ...NO_STREAM, state: "open" as const };
  const isSame = (task: JsonObject) => each.type === "task_update" && task.id === each.id;
  const tasks = [...stream.tasks.filter((task) => !isSame(task)), each];
  return { ...message, stream: { ...stream, tasks } };
}
