import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { Logger } from "#src/log.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { confirmationCard } from "#src/slack/cards/confirmation-card.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { type ConversationPlace, conversationPlace, messageAt, placeOf } from "#src/slack/place.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import { isUneditable, isUnreachable } from "#src/slack/slack-error.ts";
import { type Audience, cardMetadata, findPosted } from "./find-posted.ts";

/** The cards as messages of Slack. */
export interface PostedCards {
  /**
   * Shows an open question in its conversation, and to the approvers where they are asked, once
   * each: one that is shown already stays where it is.
   *
   * @param sought whether it may be there already, posted by a process that then died, or by a
   * call whose answer was lost.
   */
  post(confirmation: Confirmation, sought: boolean): Promise<void>;
  /** Shows who has answered so far, unless that is shown already. */
  refresh(confirmation: Confirmation): Promise<void>;
  /** Edits the cards as far as that is possible. Never rejects. */
  tryEdit(places: readonly string[], message: SlackMessage): Promise<void>;
  /** Edits the cards for the last time, or says it anew beside them, and remembers that. */
  settle(confirmation: Confirmation, message: SlackMessage): Promise<void>;
}

interface Deps {
  readonly web: WebClient;
  readonly identity: SlackIdentity;
  readonly confirmations: Pick<ConfirmationStore, "find" | "show" | "settle">;
  /** Where the approvers are asked. */
  readonly channel: string;
  readonly log: Logger;
  /** What is known of each guest that it is about, in the target's order. */
  readFacts(confirmation: Confirmation): Promise<readonly GuestRisk[]>;
  /** Told when a card shows how its question ended. Must not reject. */
  onSettled?(confirmation: Confirmation): Promise<void>;
}

const posted = z.object({ channel: z.string(), ts: z.string() });

/** One of the places where a question belongs, and the card there, once there is one. */
interface Spot {
  readonly to: Audience;
  readonly where: ConversationPlace;
  readonly place: string | undefined;
}

export function createPostedCards(deps: Deps): PostedCards {
  const { web, identity, confirmations, channel, log, readFacts } = deps;
  const underWay = new Map<string, Promise<void>>();
  const inTurn = createTurns();
  /** How many approvals the cards of a question show. */
  const shown = new Map<string, number>();

  function spotsOf({ conversation, by, place, approversPlace }: Confirmation): readonly Spot[] {
    const spots: Spot[] = [];
    const where = conversationPlace(conversation);
    if (where) spots.push({ to: "conversation", where, place });
    if (by !== "requester") {
      spots.push({ to: "approvers", where: { channel }, place: approversPlace });
    }
    return spots;
  }

  async function say({ where, to }: Spot, message: SlackMessage, id: string): Promise<string> {
    const answer = await web.chat.postMessage({
      channel: where.channel,
      text: message.text,
      blocks: [...message.blocks],
      metadata: cardMetadata(id, to),
      unfurl_links: false,
      unfurl_media: false,
      ...(where.threadTs && { thread_ts: where.threadTs }),
    });
    const posting = posted.parse(answer);
    return placeOf(posting.channel, posting.ts);
  }

  async function postUnlessShown({ id }: Confirmation, sought: boolean): Promise<void> {
    const confirmation = await confirmations.find(id);
    if (confirmation?.state !== "pending") return;
    const missing = spotsOf(confirmation).filter(({ place }) => place === undefined);
    if (missing.length === 0) return;
    const card = confirmationCard(confirmation, await readFacts(confirmation));
    await all(missing, async (spot) => {
      const { where, to } = spot;
      const found = sought && (await findPosted(web, where, confirmation, to, identity.botId));
      await confirmations.show(id, found || (await say(spot, card, id)), to);
    });
  }

  async function edit(place: string, { text, blocks }: SlackMessage): Promise<void> {
    await web.chat.update({ ...messageAt(place), text, blocks: [...blocks] });
  }

  async function showProgress({ id }: Confirmation): Promise<void> {
    const before = await confirmations.find(id);
    if (!before || shown.get(id) === before.approvals.length) return;
    const facts = await readFacts(before);
    const confirmation = await confirmations.find(id);
    if (confirmation?.state !== "pending") return;
    const card = confirmationCard(confirmation, facts);
    await all(cardsOf(confirmation), (place) => edit(place, card));
    shown.set(id, confirmation.approvals.length);
    await restoreEnding(confirmation);
  }

  /** Has the end shown again, should another process have shown it just before we edited. */
  async function restoreEnding({ id, place, approversPlace }: Confirmation): Promise<void> {
    if ((await confirmations.find(id))?.state === "pending") return;
    if (place !== undefined) await confirmations.show(id, place);
    else if (approversPlace !== undefined)
      await confirmations.show(id, approversPlace, "approvers");
  }

  async function showEnding(confirmation: Confirmation, message: SlackMessage): Promise<void> {
    const { id } = confirmation;
    await all(spotsOf(confirmation), async (spot) => {
      const { place } = spot;
      if (place === undefined) return;
      await edit(place, message).catch((error) => sayInstead(id, spot, message, error));
    });
    await confirmations.settle(id);
    shown.delete(id);
  }

  /** Says what the card cannot be made to say. */
  async function sayInstead(
    id: string,
    spot: Spot,
    message: SlackMessage,
    obstacle: unknown,
  ): Promise<void> {
    if (!isUneditable(obstacle) && !isUnreachable(obstacle)) throw obstacle;
    log.info({ err: obstacle, confirmation: id, place: spot.place }, "a card cannot be edited");
    if (isUneditable(obstacle)) await say(spot, message, id).catch(ignoreUnreachable);
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

    refresh: (confirmation) => inTurn(confirmation.id, () => showProgress(confirmation)),

    async tryEdit(places, message) {
      await all(places, (place) => edit(place, message)).catch((error: unknown) => {
        log.info({ err: error, places }, "a card does not show how far it has come");
      });
    },

    async settle(confirmation, message) {
      if (cardsOf(confirmation).length === 0) return;
      await inTurn(confirmation.id, () => showEnding(confirmation, message));
      await deps.onSettled?.(confirmation);
    },
  };
}

/** Where the cards of a question are. */
export function cardsOf({ place, approversPlace }: Confirmation): readonly string[] {
  return [place, approversPlace].filter((card) => card !== undefined);
}

/** Does it for each of them, whatever becomes of the others. @throws the first error */
async function all<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(things.map(work));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** One after another for each key, so that an edit never comes after a later one. */
function createTurns() {
  const last = new Map<string, Promise<void>>();
  return (key: string, work: () => Promise<void>): Promise<void> => {
    const before = last.get(key) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(work);
    last.set(key, turn);
    const forget = () => {
      if (last.get(key) === turn) last.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  };
}

function ignoreUnreachable(error: unknown): void {
  if (!isUnreachable(error)) throw error;
}
