import { z } from "zod";
import { nameModal } from "#src/slack/cards/name-modal.ts";

/** The modal that was filled in: by whom, and what was typed. */
export interface TypedName {
  readonly userId: string;
  /** What was asked about, all at once. */
  readonly confirmationIds: readonly string[];
  /** Of the card that was pressed. */
  readonly place?: string | undefined;
  readonly name: string;
}

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

/** Undefined for what is not our modal. */
export function readTypedName(body: unknown): TypedName | undefined {
  const { data } = submissionSchema.safeParse(body);
  if (!data) return undefined;
  const { private_metadata, state } = data.view;
  const name = state.values[nameModal.blockId][nameModal.actionId].value ?? "";
  const [ids = "", place] = private_metadata.split(" ");
  return { userId: data.user.id, confirmationIds: ids.split(","), place: place || undefined, name };
}
