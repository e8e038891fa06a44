import type { FakeContext } from "./context.ts";
import type { Message } from "./messages.ts";
import type { Call } from "./recorder.ts";
import type { FakeView } from "./views.ts";

/** Which message is meant; what is left out may be anything. */
export interface MessageFilter {
  readonly channel?: string;
  /** Root of the thread; the root itself counts as part of it. */
  readonly thread?: string;
  /** Default: the app. */
  readonly from?: string;
  /** Looked for in the text and in the blocks. */
  readonly matching?: string | RegExp;
}

/** What tests ask about the workspace. Snapshots: they do not change later. */
export interface Queries {
  /** Not deleted, seen by everybody, in order of time. */
  messages(filter?: MessageFilter): readonly Message[];
  lastMessage(filter?: MessageFilter): Message | undefined;
  /** Messages that only this user sees. */
  ephemerals(userId: string): readonly Message[];
  /** The modal that the user sees. */
  openView(userId: string): FakeView | undefined;
  home(userId: string): FakeView | undefined;
  /** Calls of the Web API, of one method or all. */
  calls(method?: string): readonly Call[];
  /** The status that Slack shows in the thread; empty when none. */
  status(channel: string, threadTs: string): string;
  /** Each waits for up to 20 seconds, or `timeoutMs`. */
  waitForMessage(filter: MessageFilter, timeoutMs?: number): Promise<Message>;
  waitForEphemeral(userId: string, timeoutMs?: number): Promise<Message>;
  waitForView(userId: string, timeoutMs?: number): Promise<FakeView>;
  waitForHome(userId: string, timeoutMs?: number): Promise<FakeView>;
  waitForCall(method: string, timeoutMs?: number): Promise<Call>;
}

export function createQueries(context: FakeContext): Queries {
  const { workspace, messages, views, sessions, recorder } = context;

  const self: Queries = {
    messages({ channel, thread, from = workspace.bot.userId, matching } = {}) {
      return messages.all().filter((message) => {
        if (message.onlyFor || message.user !== from) return false;
        if (channel !== undefined && message.channel !== channel) return false;
        if (thread !== undefined && (message.threadTs ?? message.ts) !== thread) return false;
        return matching === undefined || matches(message, matching);
      });
    },
    lastMessage: (filter) => self.messages(filter).at(-1),
    ephemerals: (userId) => messages.all().filter(({ onlyFor }) => onlyFor === userId),
    openView: views.open,
    home: views.home,
    calls(method) {
      return recorder.calls.filter((call) => method === undefined || call.method === method);
    },
    status: (channel, threadTs) => sessions.of(channel, threadTs).status,
    waitForMessage(filter, timeoutMs) {
      const what = `a message ${describe(filter)}`;
      return recorder.eventually(what, () => self.lastMessage(filter), timeoutMs);
    },
    waitForEphemeral(userId, timeoutMs) {
      const read = () => self.ephemerals(userId).at(-1);
      return recorder.eventually(`an ephemeral message for ${userId}`, read, timeoutMs);
    },
    waitForView(userId, timeoutMs) {
      return recorder.eventually(`a modal for ${userId}`, () => self.openView(userId), timeoutMs);
    },
    waitForHome(userId, timeoutMs) {
      return recorder.eventually(`the home of ${userId}`, () => self.home(userId), timeoutMs);
    },
    waitForCall(method, timeoutMs) {
      return recorder.eventually(`a call of ${method}`, () => self.calls(method).at(-1), timeoutMs);
    },
  };
  return self;
}

function matches({ text, blocks }: Message, pattern: string | RegExp): boolean {
  const shown = `${text}\n${JSON.stringify(blocks)}`;
  return typeof pattern === "string" ? shown.includes(pattern) : shown.search(pattern) >= 0;
}

function describe({ matching, ...filter }: MessageFilter): string {
  return `${JSON.stringify(filter)} ${matching === undefined ? "" : `matching ${matching}`}`.trim();
}
