import type { ModalView } from "@slack/types";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { guestLabel } from "#src/actions/guest-target.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import { localTime, plain, section } from "#src/slack/cards/card.ts";
import { fromValue, toValue } from "./deletion-card.ts";
import type { DeletionRef } from "./standing.ts";

/** By which Slack tells us what was picked, and we tell Slack what is wrong with it. */
export const postponeModal = {
  callbackId: "deletion_postpone_to",
  blockId: "deletion_time",
  actionId: "picked_time",
} as const;

/** The time that somebody picked, and for which deletion. */
export interface PickedTime {
  readonly userId: string;
  readonly ref: DeletionRef;
  /** The thread of the notice whose button was pressed. */
  readonly thread: NoticeThread;
  readonly at: Temporal.Instant;
}

interface NoticeThread {
  readonly channel: string;
  readonly threadTs: string;
}

/** What Slack gives back with what was picked: the deletion, the channel and the thread. */
const metadataSchema = z.tuple([z.string(), z.string(), z.string()]);

const submissionSchema = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        [postponeModal.blockId]: z.object({
          [postponeModal.actionId]: z.object({ selected_date_time: z.number().int().nullish() }),
        }),
      }),
    }),
  }),
});

/** Asks for another time, and offers `suggested`; Slack shows both in each person's own zone. */
export function postponeModalView(
  deletion: Deletion,
  { channel, threadTs }: NoticeThread,
  suggested: Temporal.Instant,
): ModalView {
  const due = localTime(deletion.dueAt.epochMilliseconds);
  return {
    type: "modal",
    callback_id: postponeModal.callbackId,
    private_metadata: JSON.stringify([toValue(deletion), channel, threadTs]),
    title: { type: "plain_text", text: "Postpone a deletion", emoji: false },
    submit: { type: "plain_text", text: "Postpone", emoji: false },
    close: { type: "plain_text", text: "Leave as it is", emoji: false },
    blocks: [
      section([`${plain(guestLabel(deletion.guest))} is due ${due}.`]),
      {
        type: "input",
        block_id: postponeModal.blockId,
        label: { type: "plain_text", text: "Delete it at, in your own time zone", emoji: false },
        element: {
          type: "datetimepicker",
          action_id: postponeModal.actionId,
          initial_date_time: Math.floor(suggested.epochMilliseconds / 1000),
        },
      },
    ],
  };
}

/** Undefined for what is not our modal. */
export function readPickedTime(body: unknown): PickedTime | undefined {
  const { data } = submissionSchema.safeParse(body);
  if (!data) return undefined;
  const { private_metadata, state } = data.view;
  const [value, channel, threadTs] = metadataSchema.parse(JSON.parse(private_metadata));
  const ref = fromValue(value);
  const picked = state.values[postponeModal.blockId][postponeModal.actionId].selected_date_time;
  if (!ref || typeof picked !== "number") return undefined;
  return {
    userId: data.user.id,
    ref,
    thread: { channel, threadTs },
    at: Temporal.Instant.fromEpochMilliseconds(picked * 1000),
  };
}
