import type { ModalView } from "@slack/types";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { section, unformatted } from "./card.ts";
import { describeSummary } from "./confirmation-card.ts";

/** By which Slack tells us what was typed, and we tell Slack what is wrong with it. */
export const nameModal = {
  callbackId: "confirmation_name",
  blockId: "guest_name",
  actionId: "typed_name",
} as const;

/**
 * Asks for the name of the guest that would be lost, or for how many there are.
 *
 * @param place of the card that was pressed
 */
export function nameModalView(
  confirmations: readonly Confirmation[],
  name: string,
  place = "",
): ModalView {
  const ids = confirmations.map(({ id }) => id).join(",");
  return {
    type: "modal",
    callback_id: nameModal.callbackId,
    private_metadata: `${ids} ${place}`.trimEnd(),
    title: { type: "plain_text", text: "Confirm the deletion", emoji: false },
    submit: { type: "plain_text", text: "Delete", emoji: false },
    close: { type: "plain_text", text: "Cancel", emoji: false },
    blocks: [
      section(confirmations.map(describeSummary)),
      {
        type: "input",
        block_id: nameModal.blockId,
        label: {
          type: "plain_text",
          text: `Type ${unformatted(name, 100)} to confirm`,
          emoji: false,
        },
        element: { type: "plain_text_input", action_id: nameModal.actionId, max_length: 200 },
      },
    ],
  };
}
