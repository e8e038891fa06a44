import type { KnownBlock } from "@slack/types";
import type { JsonObject } from "./slack-error.ts";
import type { Workspace } from "./workspace.ts";

/** A message as it stood when it was asked for; later edits make a new one. */
export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly user: string;
  /** Set on posts of apps. */
  readonly botId?: string;
  readonly subtype?: string;
  readonly clientMsgId?: string;
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  readonly metadata?: JsonObject;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly files?: readonly JsonObject[];
  readonly reactions?: readonly string[];
  /** Set while and after the message was streamed. */
  readonly stream?: MessageStream;
  /** Set on messages that only this user sees. */
  readonly onlyFor?: string;
}

export interface MessageStream {
  readonly state: "open" | "stopped" | "stopped_by_user";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly tasks: readonly JsonObject[];
}

/** What happened to a message, for those who tell the app of it. */
export type MessageChange =
  | { readonly kind: "posted"; readonly message: Message }
  | { readonly kind: "changed"; readonly message: Message; readonly previous: Message }
  | { readonly kind: "deleted"; readonly previous: Message };

export interface MessageStore {
  /** All that is not deleted, in order of time, ephemerals included. */
  all(): readonly Message[];
  find(channel: string, ts: string): Message | undefined;
  /** The root and its replies, in order of time; without ephemerals. */
  thread(channel: string, threadTs: string): readonly Message[];
  post(message: Omit<Message, "ts">): Message;
  /** `announce: false` keeps it from the app, as Slack does while a message streams. */
  change(message: Message, options?: { readonly announce: boolean }): Message;
  /** Takes it away; a root with replies becomes a tombstone, as Slack does it. */
  remove(message: Message): void;
}

export function createMessageStore(
  workspace: Workspace,
  announce: (change: MessageChange) => void,
): MessageStore {
  const messages = new Map<string, Message>();
  const keyOf = (channel: string, ts: string) => `${channel}/${ts}`;

  function find(channel: string, ts: string): Message | undefined {
    return messages.get(keyOf(channel, ts));
  }

  const self: MessageStore = {
    all: () => [...messages.values()],
    find,
    thread(channel, threadTs) {
      return [...messages.values()].filter(
        (message) =>
          message.channel === channel &&
          message.onlyFor === undefined &&
          (message.ts === threadTs || message.threadTs === threadTs),
      );
    },
    post(draft) {
      const message = { ...draft, ts: workspace.nextTs() };
      messages.set(keyOf(message.channel, message.ts), message);
      announce({ kind: "posted", message });
      return message;
    },
    change(message, options = { announce: true }) {
      const previous = find(message.channel, message.ts) ?? message;
      messages.set(keyOf(message.channel, message.ts), message);
      if (options.announce) announce({ kind: "changed", message, previous });
      return message;
    },
    remove(previous) {
      if (self.thread(previous.channel, previous.ts).length > 1) {
        self.change(tombstoneOf(previous));
        return;
      }
      messages.delete(keyOf(previous.channel, previous.ts));
      announce({ kind: "deleted", previous });
    },
  };
  return self;
}

/** What is left of a root whose replies stay. */
function tombstoneOf({ channel, ts }: Message): Message {
  const text = "This message was deleted.";
  return { channel, ts, threadTs: ts, user: "USLACKBOT", subtype: "tombstone", text, blocks: [] };
}

/** The message as Slack sends it; metadata only to those who ask for it. */
export function wireMessage(
  workspace: Workspace,
  message: Message,
  { includeMetadata = false } = {},
): JsonObject {
  const { botId, subtype, clientMsgId, blocks, threadTs, edited, files, reactions } = message;
  const { team, bot } = workspace;
  const authorTeam = workspace.users.get(message.user)?.teamId ?? team.id;
  return {
    type: "message",
    ...(subtype && { subtype }),
    user: message.user,
    ...(botId && { bot_id: botId, app_id: botId === bot.botId ? bot.appId : "A0OTHER" }),
    ...(clientMsgId && { client_msg_id: clientMsgId }),
    text: message.text,
    team: authorTeam,
    ...(authorTeam !== team.id && { user_team: authorTeam, source_team: authorTeam }),
    ts: message.ts,
    ...(blocks.length > 0 && { blocks }),
    ...(threadTs && { thread_ts: threadTs }),
    ...(edited && { edited }),
    ...(files && { files }),
    ...(reactions && { reactions: reactions.map((name) => ({ name, count: 1, users: [] })) }),
    ...(includeMetadata && message.metadata && { metadata: message.metadata }),
  };
}
