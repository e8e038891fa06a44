import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createConversationQueue } from "#src/agent/conversation-queue.ts";
import type { Logger } from "#src/log.ts";
import { type Face, pagesOf, questionsCard } from "#src/slack/cards/questions-card.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { type ConversationPlace, conversationPlace, placeOf } from "#src/slack/place.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import { isUneditable, isUnreachable } from "#src/slack/slack-error.ts";
import type { CardFaces } from "./card-faces.ts";
import { type Audience, cardMetadata, findPosted } from "./find-posted.ts";

/** The cards as messages of Slack. */
export interface PostedCards {
  /**
   * Shows open questions of one conversation there, and to the approvers where they are asked, as
   * few messages as hold them; one that is shown already stays where it is.
   *
   * @param isSought whether a question may be there already, posted by a process that then died, or
   * by a call whose answer was lost.
   */
  post(
    asked: readonly Confirmation[],
    isSought: (confirmation: Confirmation) => boolean,
  ): Promise<void>;
  /** Shows who has answered so far, unless that is shown already. */
  refresh(confirmation: Confirmation): Promise<void>;
  /** Edits the cards as far as that is possible. Never rejects. */
  tryEdit(places: readonly string[], face: Face): Promise<void>;
  /** Edits the cards for the last time, or says it anew beside them, and remembers that. */
  settle(confirmation: Confirmation, message: SlackMessage): Promise<void>;
}

interface Deps {
  readonly web: WebClient;
  readonly identity: SlackIdentity;
  readonly confirmations: Pick<ConfirmationStore, "find" | "show" | "settle">;
  readonly faces: CardFaces;
  /** Where the approvers are asked. */
  readonly channel: string;
  readonly log: Logger;
  /** Told when a card shows how its question ended. Must not reject. */
  onSettled?: ((confirmation: Confirmation) => Promise<void>) | undefined;
}

const posted = z.object({ channel: z.string(), ts: z.string() });

/** One of the places where a question belongs, and the card there, once there is one. */
interface Spot {
  readonly confirmation: Confirmation;
  readonly to: Audience;
  readonly where: ConversationPlace;
  readonly place: string | undefined;
}

export function createPostedCards(deps: Deps): PostedCards {
  const { web, identity, confirmations, faces, channel, log } = deps;
  /** An edit never comes after a later one. */
  const turns = createConversationQueue();
  /** How many approvals the cards of a question show. */
  const shown = new Map<string, number>();

  function spotsOf(confirmation: Confirmation): readonly Spot[] {
    const { conversation, by, place, approversPlace } = confirmation;
    const spots: Spot[] = [];
    const where = conversationPlace(conversation);
    if (where) spots.push({ confirmation, to: "conversation", where, place });
    if (by !== "requester") {
      spots.push({ confirmation, to: "approvers", where: { channel }, place: approversPlace });
    }
    return spots;
  }

  /** @returns the place of the message */
  async function say({ where, to }: Spot, page: readonly Face[]): Promise<string> {
    const { text, blocks } = questionsCard(page);
    const answer = await web.chat.postMessage({
      channel: where.channel,
      text,
      blocks: [...blocks],
      metadata: cardMetadata(
        page.map(({ confirmation }) => confirmation.id),
        to,
      ),
      unfurl_links: false,
      unfurl_media: false,
      ...(where.threadTs && { thread_ts: where.threadTs }),
    });
    const posting = posted.parse(answer);
    return placeOf(posting.channel, posting.ts);
  }

  async function postMissing(
    asked: readonly Confirmation[],
    isSought: (confirmation: Confirmation) => boolean,
  ): Promise<void> {
    const now = await Promise.all(asked.map(({ id }) => confirmations.find(id)));
    const open = now.filter((confirmation) => confirmation?.state === "pending");
    const missing = open.flatMap((confirmation) => (confirmation ? spotsOf(confirmation) : []));
    const unposted: Spot[] = [];
    await all(
      missing.filter(({ place }) => place === undefined),
      async (spot) => {
        const { confirmation, where, to } = spot;
        const isThere = isSought(confirmation);
        const place = isThere && (await findPosted(web, where, confirmation, to, identity.botId));
        if (place) await confirmations.show(confirmation.id, place, to);
        else unposted.push(spot);
      },
    );
    const byAudience = Map.groupBy(unposted, ({ to }) => to);
    await all([...byAudience.values()], postTogether);
  }

  async function postTogether(spots: readonly Spot[]): Promise<void> {
    const [spot] = spots;
    if (!spot) return;
    const pages = pagesOf(await faces.of(spots.map(({ confirmation }) => confirmation)));
    for (const page of pages) {
      const place = await say(spot, page);
      await all(page, ({ confirmation }) => confirmations.show(confirmation.id, place, spot.to));
    }
  }

  async function showProgress({ id }: Confirmation): Promise<void> {
    const before = await confirmations.find(id);
    if (!before || shown.get(id) === before.approvals.length) return;
    const [face] = await faces.of([before]);
    const confirmation = await confirmations.find(id);
    if (!face || confirmation?.state !== "pending") return;
    await all(cardsOf(confirmation), (place) => faces.edit(place, face));
    shown.set(id, before.approvals.length);
    await restoreEnding(confirmation);
  }

  /** Has the end shown again, should another process have shown it just before we edited. */
  async function restoreEnding({ id, place, approversPlace }: Confirmation): Promise<void> {
    if ((await confirmations.find(id))?.state === "pending") return;
    if (place !== undefined) await confirmations.show(id, place);
    else if (approversPlace !== undefined)
      await confirmations.show(id, approversPlace, "approvers");
  }

  async function showEnding(face: Face): Promise<void> {
    const { confirmation } = face;
    const { id } = confirmation;
    await all(spotsOf(confirmation), async (spot) => {
      const { place } = spot;
      if (place === undefined) return;
      await faces.edit(place, face).catch((error) => sayInstead(spot, face, error));
    });
    await confirmations.settle(id);
    shown.delete(id);
    faces.forget(id);
  }

  /** Says what the card cannot be made to say. */
  async function sayInstead(spot: Spot, face: Face, obstacle: unknown): Promise<void> {
    if (!isUneditable(obstacle) && !isUnreachable(obstacle)) throw obstacle;
    const { id } = spot.confirmation;
    log.info({ err: obstacle, confirmation: id, place: spot.place }, "a card cannot be edited");
    if (isUneditable(obstacle)) await say(spot, [face]).catch(ignoreUnreachable);
  }

  return {
    post(asked, isSought) {
      const [first] = asked;
      if (!first) return Promise.resolve();
      return turns.enter(`post ${first.conversation}`, () => postMissing(asked, isSought));
    },

    refresh: (confirmation) => turns.enter(confirmation.id, () => showProgress(confirmation)),

    async tryEdit(places, face) {
      await all(places, (place) => faces.edit(place, face)).catch((error: unknown) => {
        log.info({ err: error, places }, "a card does not show how far it has come");
      });
    },

    async settle(confirmation, message) {
      if (cardsOf(confirmation).length === 0) return;
      await turns.enter(confirmation.id, () => showEnding({ confirmation, message }));
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

function ignoreUnreachable(error: unknown): void {
  if (!isUnreachable(error)) throw error;
}
