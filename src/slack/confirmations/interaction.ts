import { z } from "zod";
import { nameModal } from "#src/slack/cards/name-modal.ts";
import { maybeText } from "#src/slack/maybe-text.ts";
import { placeOf } from "./place.ts";

/** A click on a card's button: by whom, on which message, and which confirmation it names. */
export interface Click {
  readonly userId: string;
  readonly confirmationId: string;
  readonly channel: string;
  readonly threadTs?: string | undefined;
  /** The card's place as Slack has it. */
  readonly place: string;
  /** Opens one modal within three seconds. */
  readonly triggerId: string;
}

/** The modal that was filled in: by whom, and what was typed. */
export interface TypedName {
  readonly userId: string;
  readonly confirmationId: string;
  readonly name: string;
}

const clickSchema = z.object({
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

const submissionSchema = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        [nameModal.blockId]: z.object({
          [nameModal.actionId]: z.object({ value: z.string().nullish() }),
        }),
      }),
    }),
  }),
});

/** Undefined for what is no click on a message. Who clicked is what Slack says of the user alone. */
export function readClick(body: unknown): Click | undefined {
  const { data } = clickSchema.safeParse(body);
  const channel = data?.channel?.id ?? data?.container.channel_id;
  if (!data || !channel) return undefined;
  const { message_ts, thread_ts } = data.container;
  return {
    userId: data.user.id,
    confirmationId: data.actions[0].value ?? "",
    channel,
    threadTs: thread_ts,
    place: placeOf(channel, message_ts),
    triggerId: data.trigger_id ?? "",
  };
}

/** Undefined for what is not our modal. */
export function readTypedName(body: unknown): TypedName | undefined {
  const { data } = submissionSchema.safeParse(body);
  if (!data) return undefined;
  const { private_metadata, state } = data.view;
  const name = state.values[nameModal.blockId][nameModal.actionId].value ?? "";
  return { userId: data.user.id, confirmationId: private_metadata, name };
}
