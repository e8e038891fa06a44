import type { WebClient } from "@slack/web-api";
import type { Logger } from "#src/log.ts";
import { escapeText } from "./format/escape.ts";

/** Where something is said to one person alone. */
export interface Spot {
  readonly userId: string;
  readonly channel: string;
  readonly threadTs?: string | undefined;
}

/** Says a sentence to one person alone. Never rejects: it may be lost. */
export type Tell = (spot: Spot, sentence: string) => Promise<void>;

/** A click is never ignored in silence: to whom it does not count, it is said why. */
export function createTell(web: WebClient, log: Logger): Tell {
  return async ({ userId, channel, threadTs }, sentence) => {
    const thread = threadTs ? { thread_ts: threadTs } : {};
    await web.chat
      .postEphemeral({ channel, user: userId, text: escapeText(sentence), ...thread })
      .catch((error: unknown) => log.warn({ err: error, channel }, "a sentence was not told"));
  };
}
