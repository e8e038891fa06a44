import type { WebClient } from "@slack/web-api";
import type { RunEvent } from "#src/agent/agent.ts";
import type { Logger } from "#src/log.ts";
import { codeText } from "#src/slack/format/escape.ts";
import { messageLength } from "#src/slack/format/limits.ts";
import { safeMarkdown } from "#src/slack/format/markdown.ts";
import { markdownMessage, type SlackMessage } from "#src/slack/format/message.ts";
import type { ThreadRef } from "#src/slack/threads.ts";
import type { Abilities } from "./abilities.ts";
import { createLiveMessage, type Recipient } from "./live-message.ts";
import { postInThread } from "./post.ts";

/** How an answer is shown while it comes about. Times are milliseconds. */
export interface ReplyTiming {
  /** Between two pieces of a stream. */
  readonly appendEvery: number;
  /** Between two edits of a message; Slack asks for no more than fifty a minute. */
  readonly editEvery: number;
  readonly streamLifetime: number;
  /**
   * Characters before a text is shown: what a model says before it calls a tool is short, is not
   * the answer, and cannot be taken back from a stream. Shorter answers come at once and as a whole.
   */
  readonly holdBack: number;
}

export const defaultReplyTiming: ReplyTiming = {
  appendEvery: 700,
  editEvery: 2_000,
  streamLifetime: 240_000,
  holdBack: 160,
};

/**
 * The answer to one message. While the run goes on, one message in the thread shows the text that
 * comes in, or how far a Proxmox task is; in the end that same message becomes the answer.
 */
export interface Reply {
  /** Never throws. */
  onEvent(event: RunEvent): void;
  /** Shows the answer for good. */
  finish(messages: readonly SlackMessage[]): Promise<void>;
  /** Shows instead of what has come about that it goes no further. */
  abandon(message: SlackMessage): Promise<void>;
}

interface Options {
  readonly web: WebClient;
  readonly abilities: Abilities;
  readonly log: Logger;
  readonly thread: ThreadRef;
  readonly recipient: Recipient;
  readonly timing: ReplyTiming;
  /** Told when the person stops the stream in Slack. */
  onStopped(): void;
}

export function createReply({ timing, ...options }: Options): Reply {
  const { web, log, thread } = options;
  const live = createLiveMessage({ ...options, streamLifetime: timing.streamLifetime });
  /** Of this turn; only the last turn's text is the answer. */
  let text = "";
  let progress: string | undefined;
  let shownAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let drawing: Promise<void> = Promise.resolve();
  let finished = false;
  /** Whether more has come in since it was drawn. */
  let stale = false;

  async function draw(): Promise<void> {
    stale = false;
    if (progress !== undefined) return live.replace(progressMessage(progress));
    const markdown = safeMarkdown(wholeWords(text));
    const fits = markdown.length <= messageLength;
    if (fits && markdown.length >= timing.holdBack) await live.show(markdown);
  }

  /** One call to Slack after another; none of them is worth failing for. */
  function inOrder(step: () => Promise<void>): Promise<void> {
    drawing = drawing.then(step).catch((error: unknown) => {
      log.warn({ err: error, ...thread }, "answer could not be shown while it came about");
    });
    return drawing;
  }

  function drawSoon() {
    stale = true;
    if (timer || finished) return;
    const pause = live.streams ? timing.appendEvery : timing.editEvery;
    timer = setTimeout(
      async () => {
        await inOrder(draw);
        shownAt = performance.now();
        timer = undefined;
        if (stale) drawSoon();
      },
      Math.max(0, shownAt + pause - performance.now()),
    );
  }

  function stopDrawing(): Promise<void> {
    finished = true;
    clearTimeout(timer);
    return drawing;
  }

  return {
    onEvent(event) {
      if (event.type === "turn-ended") {
        text = "";
        // What follows are calls, and a stream must not wait for them.
        void inOrder(live.endStream);
      }
      if (event.type === "text") {
        text += event.delta;
        progress = undefined;
        drawSoon();
      }
      if (event.type === "progress") {
        progress = event.message;
        drawSoon();
      }
    },

    async finish([first, ...others]) {
      await stopDrawing();
      if (first) await live.finish(first);
      for (const message of others) await postInThread(web, thread, message);
    },

    async abandon(message) {
      await stopDrawing();
      if (live.isShown) await live.finish(message);
    },
  };
}

/** Up to the last white space: how the last word goes on is not known yet. */
function wholeWords(text: string): string {
  return /^[\s\S]*\s/.exec(text)?.[0] ?? "";
}

function progressMessage(progress: string): SlackMessage {
  return markdownMessage(`Working on it: ${codeText(progress.slice(0, 200))}`);
}
