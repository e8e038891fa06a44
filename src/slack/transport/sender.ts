import { z } from "zod";
import { readSpoken, type SpokenMessage } from "#src/slack/conversation/incoming.ts";
import { maybeText } from "#src/slack/maybe-text.ts";
import type { SlackIdentity } from "#src/slack/services.ts";

/** Who caused what arrived, and where; empty where the payload does not say. */
export interface Sender {
  readonly person: string;
  readonly place: string;
  /** What they said, where it is a message. */
  readonly message?: SpokenMessage | undefined;
}

const withId = z.object({ id: maybeText }).optional().catch(undefined);

const written = z.object({ user: maybeText }).optional().catch(undefined);

const schema = z.object({
  event: z
    .looseObject({
      user: maybeText,
      channel: maybeText,
      // Of a message that was changed or deleted, nothing else says whose it is.
      message: written,
      previous_message: written,
    })
    .optional()
    .catch(undefined),
  user: withId,
  channel: withId,
  user_id: maybeText,
  channel_id: maybeText,
});

/** Reads who is behind an event, a click or a command; never by what a message says. */
export function readSender(body: unknown, identity: SlackIdentity): Sender {
  const { event, user, channel, user_id, channel_id } = schema.safeParse(body).data ?? {};
  return {
    person: authorOf(event) ?? user?.id ?? user_id ?? "",
    place: event?.channel ?? channel?.id ?? channel_id ?? "",
    message: event && readSpoken(event, identity),
  };
}

function authorOf(event: z.infer<typeof schema>["event"]): string | undefined {
  return event?.user ?? event?.message?.user ?? event?.previous_message?.user;
}
