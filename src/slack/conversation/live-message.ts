import type { WebClient } from "@slack/web-api";
import type { Logger } from "#src/log.ts";
import { markdownMessage, type SlackMessage } from "#src/slack/format/message.ts";
import { slackErrorOf } from "#src/slack/slack-error.ts";
import type { ThreadRef } from "#src/slack/threads.ts";
import type { Abilities } from "./abilities.ts";
import { postInThread } from "./post.ts";

/** One message that shows an answer while it comes about. Calls must not overlap. */
export interface LiveMessage {
  /** Whether there is anything to see yet. */
  readonly isShown: boolean;
  /** Whether text is streamed, or would be; else each change is an edit. */
  readonly streams: boolean;
  /** Shows Markdown that goes on where the Markdown before it ended. */
  show(markdown: string): Promise<void>;
  /** Shows this instead. */
  replace(message: SlackMessage): Promise<void>;
  /** Ends the stream, if there is one; what it showed stays. */
  endStream(): Promise<void>;
  /** Shows this for good, in a new message where the old one cannot be edited any more. */
  finish(message: SlackMessage): Promise<void>;
}

/** For whom a stream is shown; Slack asks for it outside of direct messages. */
export interface Recipient {
  readonly teamId: string;
  readonly user: string;
}

interface Options {
  readonly web: WebClient;
  readonly abilities: Abilities;
  readonly log: Logger;
  readonly thread: ThreadRef;
  readonly recipient: Recipient;
  /** Milliseconds after which a stream is ended: Slack kills it after five minutes. */
  readonly streamLifetime: number;
  /** Told when the person stops the stream in Slack. */
  onStopped(): void;
}

type State =
  | { readonly kind: "nothing" }
  | { readonly kind: "streaming"; readonly ts: string; readonly endsAt: number; sent: string }
  | { readonly kind: "posted"; readonly ts: string };

export function createLiveMessage(options: Options): LiveMessage {
  const { web, abilities, log, thread, recipient, streamLifetime, onStopped } = options;
  const { channel } = thread;
  let state: State = { kind: "nothing" };
  /** One stream for a message: when it has ended, edits follow. */
  let mayStream = true;

  async function startStream(markdown: string): Promise<boolean> {
    mayStream = false;
    const started = await abilities.use("chat.startStream", () =>
      web.chat.startStream({
        channel,
        thread_ts: thread.threadTs,
        recipient_team_id: recipient.teamId,
        recipient_user_id: recipient.user,
        markdown_text: markdown,
      }),
    );
    if (!started?.ts) return false;
    const endsAt = performance.now() + streamLifetime;
    state = { kind: "streaming", ts: started.ts, endsAt, sent: markdown };
    return true;
  }

  async function append(stream: Extract<State, { kind: "streaming" }>, markdown: string) {
    const { ts, sent } = stream;
    const more = markdown.slice(sent.length);
    if (more === "") return;
    try {
      await web.chat.appendStream({ channel, ts, markdown_text: more });
      stream.sent = markdown;
    } catch (error) {
      const code = slackErrorOf(error);
      log.info({ err: error, channel, ts }, "stream ended early");
      if (code === "stopped_by_user") onStopped();
      // Anything else may have left it open, and an open stream cannot be edited.
      if (code !== "message_not_in_streaming_state") await endStream();
      state = { kind: "posted", ts };
    }
  }

  async function endStream(): Promise<void> {
    if (state.kind !== "streaming") return;
    const { ts } = state;
    state = { kind: "posted", ts };
    await web.chat.stopStream({ channel, ts }).catch((error: unknown) => {
      log.info({ err: error, channel, ts }, "stream had ended before");
    });
  }

  async function replace(message: SlackMessage): Promise<void> {
    await endStream();
    if (state.kind !== "posted") {
      state = { kind: "posted", ts: await postInThread(web, thread, message) };
      return;
    }
    const { text, blocks } = message;
    await web.chat.update({ channel, ts: state.ts, text, blocks: [...blocks] });
  }

  async function show(markdown: string): Promise<void> {
    if (state.kind === "streaming" && performance.now() > state.endsAt) await endStream();
    if (state.kind === "streaming") return append(state, markdown);
    if (state.kind === "nothing" && mayStream && (await startStream(markdown))) return;
    await replace(markdownMessage(markdown.trimEnd()));
  }

  return {
    get isShown() {
      return state.kind !== "nothing";
    },
    get streams() {
      const open = state.kind === "streaming";
      return open || (state.kind === "nothing" && mayStream && abilities.has("chat.startStream"));
    },
    show,
    replace,
    endStream,

    async finish(message) {
      const markdown = onlyMarkdown(message);
      if (state.kind === "streaming" && continues(markdown, state.sent)) {
        await append(state, markdown);
        if (state.kind === "streaming") return endStream();
      }
      try {
        await replace(message);
      } catch (error) {
        if (state.kind === "nothing") throw error;
        log.warn({ err: error, ...thread }, "message could not be edited");
        await postInThread(web, thread, message);
      }
    },
  };
}

function continues(markdown: string | undefined, sent: string): markdown is string {
  return markdown !== undefined && (markdown.startsWith(sent) || markdown === sent.trimEnd());
}

function onlyMarkdown({ blocks: [block, ...others] }: SlackMessage): string | undefined {
  return block?.type === "markdown" && others.length === 0 ? block.text : undefined;
}
