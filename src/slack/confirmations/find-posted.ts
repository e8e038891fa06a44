import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { type ConversationPlace, placeOf } from "#src/slack/place.ts";

/** By which a card is found again. Only in our own messages: anybody can write such metadata. */
const eventType = "pve_confirmation";

const page = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().optional(),
      metadata: z
        .object({
          event_type: z.string(),
          event_payload: z.object({ id: z.string(), to: z.string().default("conversation") }),
        })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
type Message = z.infer<typeof page>["messages"][number];

/** Whom a card is for: who asked, where that was, or the approvers in their channel. */
export type Audience = "conversation" | "approvers";

/** Of two hundred messages each; a question is open for an hour at most. */
const mostPages = 50;

/** What marks a message as the card of these confirmations. */
export function cardMetadata(ids: readonly string[], to: Audience) {
  return { event_type: eventType, event_payload: { id: ids.join(" "), to } };
}

/** The place of a card that was posted and of which nobody could write down where. */
export async function findPosted(
  web: WebClient,
  { channel, threadTs }: ConversationPlace,
  { id, requestedAt }: Confirmation,
  to: Audience,
  botId: string,
): Promise<string | undefined> {
  const isCard = ({ bot_id, metadata }: Message) =>
    bot_id === botId &&
    metadata?.event_type === eventType &&
    metadata.event_payload.id.split(" ").includes(id) &&
    metadata.event_payload.to === to;
  const oldest = String(Math.floor(requestedAt / 1000) - 60);
  let cursor: string | undefined;
  for (let read = 0; read < mostPages; read++) {
    const from = {
      channel,
      oldest,
      limit: 200,
      include_all_metadata: true,
      ...(cursor && { cursor }),
    };
    const answer = threadTs
      ? await web.conversations.replies({ ...from, ts: threadTs })
      : await web.conversations.history(from);
    const { messages, response_metadata } = page.parse(answer);
    const found = messages.find(isCard);
    if (found) return placeOf(channel, found.ts);
    cursor = response_metadata?.next_cursor;
    if (!cursor) return undefined;
  }
  return undefined;
}
