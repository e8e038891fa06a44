import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { Agent } from "#src/agent/agent.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { conversationPlace, isOfSlack } from "#src/slack/place.ts";
import type { Answering } from "./answering.ts";
import type { PostedCards } from "./posted-cards.ts";

/** Keeps the cards and the questions in step, whatever happened to either. */
export interface CardKeeper {
  /**
   * Shows questions of one conversation that were just asked, together. Never rejects: what fails is
   * tried again.
   */
  post(asked: readonly Confirmation[]): Promise<void>;
  /**
   * Shows what is open and was never shown, and who has answered so far; takes the buttons from what
   * is not open any more.
   */
  tidy(): Promise<void>;
}

interface Deps {
  readonly cards: Pick<PostedCards, "post" | "refresh" | "settle">;
  readonly answering: Pick<Answering, "isBusyWith">;
  readonly confirmations: Pick<ConfirmationStore, "pending" | "outdated">;
  /** How a question looks by what the stores say of it. */
  look(confirmation: Confirmation): Promise<SlackMessage>;
  readonly agent: Pick<Agent, "note">;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createCardKeeper(deps: Deps): CardKeeper {
  const { cards, answering, confirmations, look, agent, clock, log } = deps;
  const startedAt = clock.now().epochMilliseconds;
  const failed = new Set<string>();

  /** Asked before this process was there, or its post failed: the card may be there or not. */
  function isUncertain({ id, requestedAt }: Confirmation): boolean {
    return requestedAt < startedAt || failed.has(id);
  }

  async function post(asked: readonly Confirmation[]): Promise<void> {
    const ids = asked.map(({ id }) => id);
    try {
      await cards.post(asked, isUncertain);
      for (const id of ids) failed.delete(id);
    } catch (error) {
      for (const id of ids) failed.add(id);
      log.warn({ err: error, confirmations: ids }, "confirmations could not be shown");
    }
  }

  async function refresh(confirmation: Confirmation): Promise<void> {
    await cards.refresh(confirmation).catch((error: unknown) => {
      const { id } = confirmation;
      log.warn({ err: error, confirmation: id }, "a card does not show who has answered");
    });
  }

  async function settle(confirmation: Confirmation): Promise<void> {
    const { id, conversation, state, summary } = confirmation;
    try {
      await cards.settle(confirmation, await look(confirmation));
    } catch (error) {
      log.warn({ err: error, confirmation: id }, "a card could not be brought up to date");
      return;
    }
    if (state === "expired") {
      await agent.note(conversation, `Nobody confirmed this in time; nothing was done: ${summary}`);
    }
  }

  return {
    post,
    async tidy() {
      const open = (await confirmations.pending()).filter(isOfSlack);
      const unseen = open.filter((each) => isHidden(each) && isUncertain(each));
      const together = Map.groupBy(unseen, ({ conversation }) => conversation);
      for (const asked of together.values()) await post(asked);
      for (const confirmation of open) {
        if (confirmation.approvals.length > 0) await refresh(confirmation);
      }
      for (const confirmation of await confirmations.outdated()) {
        if (isOfSlack(confirmation) && !answering.isBusyWith(confirmation.id))
          await settle(confirmation);
      }
    },
  };
}

/** Not everybody who has to answer can see it. */
function isHidden({ conversation, by, place, approversPlace }: Confirmation): boolean {
  const hasPlace = conversationPlace(conversation) !== undefined;
  return (hasPlace && place === undefined) || (by !== "requester" && approversPlace === undefined);
}
