import { z } from "zod";
import { json, type MethodTable, method } from "#test/support/fake-slack/arguments.ts";
import type { FakeContext } from "#test/support/fake-slack/context.ts";
import { SlackError } from "#test/support/fake-slack/slack-error.ts";
import { findChannel } from "./channels.ts";

export const agentStatus = z.enum(["active", "processing", "suspended", "closed"]);

const looks = {
  icon_emoji: z.string().optional(),
  icon_url: z.string().optional(),
  username: z.string().optional(),
};
const title = z.string().max(200);

/** `assistant.threads.*` and `agents.sessions.*`. */
export function agentMethods(
  context: FakeContext,
  subscriptions: ReadonlySet<string>,
): MethodTable {
  const { workspace, messages, sessions, recorder } = context;

  /** @throws SlackError `channel_not_found` or `invalid_thread_ts` */
  function thread(channelId: string, threadTs: string): string {
    const { id } = findChannel(workspace, channelId);
    if (!messages.find(id, threadTs)) throw new SlackError("invalid_thread_ts");
    return id;
  }

  return {
    "assistant.threads.setStatus": method(
      {
        ...looks,
        channel_id: z.string(),
        thread_ts: z.string(),
        status: z.string(),
        loading_messages: json(z.array(z.string()).max(10)).optional(),
      },
      (args) => {
        const channel = thread(args.channel_id, args.thread_ts);
        sessions.setStatus(channel, args.thread_ts, args.status, args.loading_messages ?? []);
        recorder.changed();
        return {};
      },
    ),

    "assistant.threads.setTitle": method(
      { channel_id: z.string(), thread_ts: z.string(), title: z.string() },
      (args) => {
        const channel = thread(args.channel_id, args.thread_ts);
        sessions.change(channel, args.thread_ts, { title: args.title });
        return {};
      },
    ),

    "assistant.threads.setSuggestedPrompts": method(
      {
        channel_id: z.string(),
        thread_ts: z.string().optional(),
        title: z.string().optional(),
        prompts: json(
          z
            .array(z.object({ title: z.string().min(1), message: z.string().min(1) }))
            .min(1)
            .max(4),
        ),
      },
      (args) => {
        const { id } = findChannel(workspace, args.channel_id);
        if (args.thread_ts) thread(id, args.thread_ts);
        const { thread_ts: threadTs, title: heading, prompts } = args;
        sessions.prompts.push({ channel: id, threadTs, title: heading, prompts });
        return {};
      },
    ),

    "agents.sessions.setStatus": method(
      {
        ...looks,
        channel_id: z.string(),
        thread_ts: z.string(),
        status: agentStatus,
        title: title.optional(),
        initiator_user_id: z.string().optional(),
      },
      (args) => {
        const channel = thread(args.channel_id, args.thread_ts);
        const changed = sessions.change(channel, args.thread_ts, {
          agentStatus: args.status,
          ...(args.title && { title: args.title.replaceAll(":", "_") }),
        });
        return {
          agent_status: changed.agentStatus,
          title: changed.title,
          ...(!subscriptions.has("agent_session_stopped") && {
            warning: "missing_agent_session_stopped_event_subscription",
          }),
        };
      },
    ),

    "agents.sessions.rename": method(
      { channel_id: z.string(), thread_ts: z.string(), title },
      (args) => {
        const channel = thread(args.channel_id, args.thread_ts);
        const session = sessions.of(channel, args.thread_ts);
        if (!session.agentStatus) throw new SlackError("not_authorized");
        const named = args.title.replaceAll(":", "_");
        sessions.change(channel, args.thread_ts, { title: named });
        return { title: named };
      },
    ),
  };
}
