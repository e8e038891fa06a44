import { type FakeContext, isStreaming } from "./context.ts";
import type { Answer, Deliveries, Delivery } from "./deliveries.ts";
import { findElement, typedValues } from "./elements.ts";
import type { Events } from "./events.ts";
import type { Interactions } from "./interactions.ts";
import type { Message } from "./messages.ts";
import { settleSubmission } from "./submissions.ts";
import { type FakeView, wireView } from "./views.ts";
import { secretId } from "./workspace.ts";

/** A message that somebody wrote, and the events that the app was sent of it. */
export interface Said {
  readonly message: Message;
  readonly channel: string;
  readonly ts: string;
  readonly deliveries: readonly Delivery[];
}

export interface SayOptions {
  /** Root of the thread to write in. */
  readonly thread?: string;
}

/** Which element is used: by `action_id`, by the text that it shows, or both. */
export interface ElementChoice {
  readonly actionId?: string;
  readonly text?: string;
  /** Sent instead of the value that the element has, as a forger would. */
  readonly value?: string;
}

/** Somebody in the workspace, doing what people do there. */
export interface Person {
  readonly id: string;
  /** The channel of the DM with the app. */
  readonly dm: string;
  says(channel: string, text: string, options?: SayOptions): Said;
  /** Writes with the app's mention in front. */
  mentions(channel: string, text: string, options?: SayOptions): Said;
  edits(said: { readonly channel: string; readonly ts: string }, text: string): readonly Delivery[];
  deletes(said: { readonly channel: string; readonly ts: string }): readonly Delivery[];
  sharesFile(channel: string, name: string, options?: SayOptions & { text?: string }): Said;
  /** Uses a button; the message may be an old snapshot. Throws if it is not there. */
  clicks(target: Message | FakeView, choice: ElementChoice): Delivery;
  /** Submits the view with texts by action id; resolves when Slack has acted on the answer. */
  submits(view: FakeView, values?: Readonly<Record<string, string>>): Promise<Submission>;
  closes(view: FakeView): Delivery | undefined;
  opensHome(tab?: "home" | "messages"): Delivery | undefined;
  /** Runs `/pve status` and the like, in a channel; default: the DM. */
  runs(line: string, channel?: string): Delivery;
  /** Presses the native Stop button of a thread. */
  pressesStop(channel: string, threadTs: string): Delivery | undefined;
}

/** What the user sees after a submission. */
export interface Submission {
  readonly delivery: Delivery;
  readonly answer: Answer;
  /** Texts by block id, when the app refused the input; the modal stays open then. */
  readonly errors: Readonly<Record<string, string>>;
}

export interface PersonDeps {
  readonly context: FakeContext;
  readonly deliveries: Deliveries;
  readonly events: Events;
  readonly interactions: Interactions;
}

/** @throws Error when there is no such user. */
export function createPerson(deps: PersonDeps, userId: string): Person {
  const { context, deliveries, events, interactions } = deps;
  const { workspace, messages, views } = context;
  const user = workspace.users.get(userId);
  if (!user) throw new Error(`There is no user ${userId} in the fake workspace.`);

  /** What the app was sent because of `act`. */
  function during<T>(act: () => T): { result: T; sent: readonly Delivery[] } {
    const before = deliveries.all.length;
    const result = act();
    return { result, sent: deliveries.all.slice(before) };
  }

  function post(channel: string, draft: Partial<Message>): Said {
    const { result: message, sent } = during(() => {
      const author = user?.isBot ? { botId: `B${userId.slice(1)}` } : { clientMsgId: secretId() };
      return messages.post({ channel, user: userId, text: "", blocks: [], ...author, ...draft });
    });
    return { message, channel, ts: message.ts, deliveries: sent };
  }

  function own({ channel, ts }: { readonly channel: string; readonly ts: string }): Message {
    const message = messages.find(channel, ts);
    if (!message) throw new Error(`There is no message ${ts} in ${channel}.`);
    return message;
  }

  const self: Person = {
    id: userId,
    get dm() {
      return workspace.dmWith(userId).id;
    },
    says: (channel, text, options = {}) => post(channel, { text, ...inThread(options) }),
    mentions(channel, text, options) {
      return self.says(channel, `<@${workspace.bot.userId}> ${text}`, options);
    },
    edits(said, text) {
      const edited = { user: userId, ts: workspace.nextTs() };
      return during(() => messages.change({ ...own(said), text, edited })).sent;
    },
    deletes: (said) => during(() => messages.remove(own(said))).sent,
    sharesFile(channel, name, { text = "", ...options } = {}) {
      const files = [{ id: workspace.nextId("F0"), name, mimetype: "text/plain", size: 1 }];
      return post(channel, { text, files, subtype: "file_share", ...inThread(options) });
    },

    clicks(target, choice) {
      const action = findElement(target.blocks, choice);
      return "ts" in target
        ? interactions.clickInMessage(user, target, action)
        : interactions.clickInView(user, target, action);
    },
    async submits(view, values = {}) {
      const delivery = interactions.submission(user, view, typedValues(view.blocks, values));
      const answer = await delivery.outcome;
      return { delivery, answer, errors: settleSubmission(context, view, answer) };
    },
    closes(view) {
      views.close(view);
      return view.sent.notify_on_close ? interactions.closing(user, view) : undefined;
    },
    opensHome(tab = "home") {
      const view = views.home(userId);
      return events.emit({
        type: "app_home_opened",
        user: userId,
        channel: self.dm,
        tab,
        event_ts: workspace.nextTs(),
        ...(view && tab === "home" && { view: wireView(workspace, view) }),
      });
    },
    runs(line, channel = self.dm) {
      const [command = "", ...words] = line.split(" ");
      return interactions.command(user, channel, command, words.join(" "));
    },
    pressesStop(channel, threadTs) {
      const streams = messages
        .thread(channel, threadTs)
        .filter((message) => isStreaming(context, message));
      for (const message of streams) stopStream(context, message);
      return events.emit({
        type: "agent_session_stopped",
        channel,
        user: userId,
        thread_ts: threadTs,
        streaming_message_ts: streams.map(({ ts }) => ts),
        event_ts: workspace.nextTs(),
      });
    },
  };
  return self;
}

function inThread({ thread }: SayOptions): { threadTs?: string } {
  return thread === undefined ? {} : { threadTs: thread };
}

function stopStream({ messages }: FakeContext, message: Message): void {
  if (!message.stream) return;
  const stream = { ...message.stream, state: "stopped_by_user" } as const;
  messages.change({ ...message, stream }, { announce: false });
}
