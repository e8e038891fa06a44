import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { SlackMessage } from "#src/slack/format/message.ts";
import type { ThreadRef } from "#src/slack/threads.ts";

const posted = z.object({ ts: z.string() });

/** Posts in the thread; foreign links show no previews. Returns the message's timestamp. */
export async function postInThread(
  web: WebClient,
  { channel, threadTs }: ThreadRef,
  { text, blocks }: SlackMessage,
): Promise<string> {
  const answer = await web.chat.postMessage({
    channel,
    thread_ts: threadTs,
    text,
    blocks: [...blocks],
    unfurl_links: false,
    unfurl_media: false,
  });
  return posted.parse(answer).ts;
}
