import { z } from "zod";
import { maybeText } from "./maybe-text.ts";
import { placeOf } from "./place.ts";

/** A click on a message's button: by whom, on which message, and what the button carries. */
export interface Click {
  readonly userId: string;
  /** The button's own; empty where it has none. */
  readonly value: string;
  readonly channel: string;
  readonly threadTs?: string | undefined;
  /** The message's place as Slack has it. */
  readonly place: string;
  /** Opens one modal within three seconds. */
  readonly triggerId: string;
}

const schema = z.object({
  user: z.object({ id: z.string() }),
  trigger_id: maybeText,
  channel: z.object({ id: z.string() }).optional().catch(undefined),
  container: z.object({
    channel_id: maybeText,
    message_ts: z.string(),
    thread_ts: maybeText,
  }),
  actions: z.tuple([z.object({ value: maybeText })], z.unknown()),
});

/** Undefined for what is no click on a message. Who clicked is what Slack says of the user alone. */
export function readClick(body: unknown): Click | undefined {
  const { data } = schema.safeParse(body);
  const channel = data?.channel?.id ?? data?.container.channel_id;
  if (!data || !channel) return undefined;
  const { message_ts, thread_ts } = data.container;
  return {
    userId: data.user.id,
    value: data.actions[0].value ?? "",
    channel,
    threadTs: thread_ts,
    place: placeOf(channel, message_ts),
    triggerId: data.trigger_id ?? "",
  };
}

/** To whom of another organization a click does not count. */
export const onlyColleagues = "Only people of this workspace may answer.";
