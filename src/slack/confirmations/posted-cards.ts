import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { Logger } from "#src/log.ts";
import type { GuestRisk } from "#src/proxmox/guest.ts";
import { confirmationCard } from "#src/slack/cards/confirmation-card.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { type ConversationPlace, conversationPlace, messageAt, placeOf } from "#src/slack/place.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import { isUneditable, isUnreachable } from "#src/slack/slack-error.ts";
import { cardMetadata, findPosted } from "./find-posted.ts";

/** The cards as messages of Slack. */
export interface PostedCards {
  /**
   * Shows an open question in its conversation, once: one that is shown already stays where it is.
   *
   * @param sought whether it may be there already, posted by a process that then died, or by a
   * call whose answer was lost.
   */
  post(confirmation: Confirmation, sought: boolean): Promise<void>;
  /** Edits the card as far as that is possible. Never rejects. */
  tryEdit(place: string, message: SlackMessage): Promise<void>;
  /** Edits the card for the last time, or says it anew in the thread, and remembers that. */
  settle(confirmation: Confirmation, message: SlackMessage): Promise<void>;
}

interface Deps {
  readonly web: WebClient;
  readonly identity: SlackIdentity;
  readonly confirmations: Pick<ConfirmationStore, "find" | "show" | "settle">;
  readonly log: Logger;
  readFacts(confirmation: Confirmation): Promise<GuestRisk>;
  /** Told when a card shows how its question ended. Must not reject. */
  onSettled?(confirmation: Confirmation): Promise<void>;
}

const posted = z.object({ channel: z.string(), ts: z.string() });

export function createPostedCards(deps: Deps): PostedCards {
  const { web, identity, confirmations, log, readFacts } = deps;
  const underWay = new Map<string, Promise<void>>();

  async function say(where: ConversationPlace, message: SlackMessage, id: string): Promise<string> {
    const answer = await web.chat.postMessage({
      channel: where.channel,
      text: message.text,
      blocks: [...message.blocks],
      metadata: cardMetadata(id),
      unfurl_links: false,
      unfurl_media: false,
      ...(where.threadTs && { thread_ts: where.threadTs }),
    });
    const { channel, ts } = posted.parse(answer);
    return placeOf(channel, ts);
  }

  async function postUnlessShown({ id }: Confirmation, sought: boolean): Promise<void> {
    const confirmation = await confirmations.find(id);
    if (confirmation?.state !== "pending" || confirmation.place !== undefined) return;
    const where = conversationPlace(confirmation.conversation);
    if (!where) return;
    const found = sought && (await findPosted(web, where, confirmation, identity.botId));
    const place =
      found ||
      (await say(where, confirmationCard(confirmation, await readFacts(confirmation)), id));
    await confirmations.show(id, place);
  }

  async function edit(place: string, { text, blocks }: SlackMessage): Promise<void> {
    await web.chat.update({ ...messageAt(place), text, blocks: [...blocks] });
  }

  /** Says what the card cannot be made to say. */
  async function sayInstead(
    { id, conversation, place = "" }: Confirmation,
    message: SlackMessage,
    obstacle: unknown,
  ): Promise<void> {
    const where = conversationPlace(conversation) ?? { channel: messageAt(place).channel };
    if (!isUneditable(obstacle) && !isUnreachable(obstacle)) throw obstacle;
    log.info({ err: obstacle, confirmation: id, place }, "a card cannot be edited");
    if (isUneditable(obstacle)) await say(where, message, id).catch(ignoreUnreachable);
  }

  return {
    post(confirmation, sought) {
      const { id } = confirmation;
      const posting =
        underWay.get(id) ??
        postUnlessShown(confirmation, sought).finally(() => underWay.delete(id));
      underWay.set(id, posting);
      return posting;
    },

    tryEdit: (place, message) =>
      edit(place, message).catch((error: unknown) => {
        log.info({ err: error, place }, "a card does not show how far it has come");
      }),

    async settle(confirmation, message) {
      const { id, place } = confirmation;
      if (place === undefined) return;
      await edit(place, message).catch((error) => sayInstead(confirmation, message, error));
      await confirmations.settle(id);
      await deps.onSettled?.(confirmation);
    },
  };
}

function ignoreUnreachable(error: unknown): void {
  if (!isUnreachable(error)) throw error;
}
