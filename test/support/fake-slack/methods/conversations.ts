import { z } from "zod";
import {
  count,
  flag,
  type MethodTable,
  method,
  names,
} from "#test/support/fake-slack/arguments.ts";
import type { FakeContext } from "#test/support/fake-slack/context.ts";
import { type Message, wireMessage } from "#test/support/fake-slack/messages.ts";
import { KIND_OF_TYPE } from "#test/support/fake-slack/scopes.ts";
import { SlackError } from "#test/support/fake-slack/slack-error.ts";
import type { FakeChannel } from "#test/support/fake-slack/workspace.ts";
import { findChannel } from "./channels.ts";

const page = { cursor: z.string().optional(), limit: count.min(1).max(1_000).default(100) };
const range = {
  ...page,
  channel: z.string(),
  oldest: z.string().default("0"),
  latest: z.string().optional(),
  inclusive: flag.default(false),
  include_all_metadata: flag.default(false),
};
type Range = z.output<z.ZodObject<typeof range>>;

/** `conversations.*` and `reactions.add`. */
export function conversationMethods(context: FakeContext): MethodTable {
  const { workspace, messages } = context;
  const { bot, channels } = workspace;

  /** @throws SlackError `channel_not_found` or `not_in_channel` */
  function readable(id: string): FakeChannel {
    const channel = findChannel(workspace, id);
    if (!channel.members.has(bot.userId)) throw new SlackError("not_in_channel");
    return channel;
  }

  function wire(message: Message, args: Range) {
    const replies = messages.thread(message.channel, message.ts).slice(1);
    return {
      ...wireMessage(workspace, message, { includeMetadata: args.include_all_metadata }),
      ...(replies.length > 0 && {
        thread_ts: message.ts,
        reply_count: replies.length,
        latest_reply: replies.at(-1)?.ts,
      }),
    };
  }

  return {
    "conversations.open": method(
      { users: names.optional(), channel: z.string().optional(), return_im: flag.optional() },
      (args) => {
        if (args.channel) return { channel: { id: findChannel(workspace, args.channel).id } };
        const [user, ...others] = args.users ?? [];
        if (!user) throw new SlackError("users_list_not_supplied");
        if (others.length > 0) throw new SlackError("not_enough_users");
        if (!workspace.users.has(user)) throw new SlackError("user_not_found");
        return { channel: { id: workspace.dmWith(user).id } };
      },
    ),

    "conversations.info": method(
      {
        channel: z.string(),
        include_num_members: flag.optional(),
        include_locale: flag.optional(),
      },
      (args) => ({ channel: wireChannel(bot.userId, findChannel(workspace, args.channel)) }),
    ),

    "conversations.list": method(
      { ...page, types: names.default(["public_channel"]), exclude_archived: flag.default(false) },
      ({ types, exclude_archived, ...window }) => {
        const listed = [...channels.values()].filter((channel) => {
          const seen = channel.kind === "public" || channel.members.has(bot.userId);
          return (
            seen &&
            types.some((type) => KIND_OF_TYPE[type] === channel.kind) &&
            !(exclude_archived && channel.archived)
          );
        });
        const { items, ...rest } = paged(listed, window);
        return { channels: items.map((channel) => wireChannel(bot.userId, channel)), ...rest };
      },
    ),

    "conversations.history": method(range, (args) => {
      const { id } = readable(args.channel);
      const roots = within(messages.all(), args).filter((message) => {
        const inChannel = message.channel === id && !message.onlyFor;
        return inChannel && (!message.threadTs || message.subtype === "thread_broadcast");
      });
      const { items, ...rest } = paged(roots.toReversed(), args);
      return { messages: items.map((message) => wire(message, args)), ...rest };
    }),

    "conversations.replies": method({ ...range, ts: z.string() }, (args) => {
      const { id } = readable(args.channel);
      const root = messages.find(id, args.ts);
      const thread = messages.thread(id, root?.threadTs ?? args.ts);
      if (thread.length === 0) throw new SlackError("thread_not_found");
      const { items, ...rest } = paged(within(thread, args), args);
      return { messages: items.map((message) => wire(message, args)), ...rest };
    }),

    "conversations.members": method({ ...page, channel: z.string() }, (args) => {
      const { items, ...rest } = paged([...findChannel(workspace, args.channel).members], args);
      return { members: items, ...rest };
    }),

    "conversations.join": method({ channel: z.string() }, (args) => {
      const channel = findChannel(workspace, args.channel);
      if (channel.kind !== "public") throw new SlackError("method_not_supported_for_channel_type");
      channel.members.add(bot.userId);
      return { channel: wireChannel(bot.userId, channel) };
    }),

    "reactions.add": method(
      { channel: z.string(), timestamp: z.string(), name: z.string() },
      ({ channel, timestamp, name }) => {
        const message = messages.find(readable(channel).id, timestamp);
        if (!message) throw new SlackError("message_not_found");
        const reactions = message.reactions ?? [];
        if (reactions.includes(name)) throw new SlackError("already_reacted");
        messages.change({ ...message, reactions: [...reactions, name] }, { announce: false });
        return {};
      },
    ),
  };
}

function wireChannel(botUserId: string, channel: FakeChannel) {
  const { id, name, kind, members, archived } = channel;
  const isChannel = kind === "public" || kind === "private";
  return {
    id,
    ...(kind !== "im" && { name }),
    ...(kind === "im" && { user: [...members].find((member) => member !== botUserId) }),
    is_channel: kind === "public",
    is_group: kind === "private",
    is_im: kind === "im",
    is_mpim: kind === "mpim",
    is_private: kind !== "public",
    is_archived: archived,
    ...(isChannel && { is_member: members.has(botUserId), num_members: members.size }),
  };
}

function within(messages: readonly Message[], args: Range): readonly Message[] {
  const latest = args.latest ?? "9999999999.000000";
  return messages.filter(({ ts }) => {
    const edge = ts === args.oldest || ts === latest;
    return edge ? args.inclusive : Number(ts) > Number(args.oldest) && Number(ts) < Number(latest);
  });
}

/** A page of the items; the cursor is the place of the first one. */
function paged<Item>(
  items: readonly Item[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const start = Number(cursor ?? 0);
  const end = start + limit;
  const more = end < items.length;
  return {
    items: items.slice(start, end),
    has_more: more,
    response_metadata: { next_cursor: more ? String(end) : "" },
  };
}
