import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { Agent } from "#src/agent/agent.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { settledCard } from "#src/slack/cards/settled-card.ts";
import { conversationPlace, isOfSlack } from "#src/slack/place.ts";
import type { Answering } from "./answering.ts";
import type { PostedCards } from "./posted-cards.ts";
import { recordedSettlement } from "./recorded-outcome.ts";

/** Keeps the cards and the questions in step, whatever happened to either. */
export interface CardKeeper {
  /** Shows a question that was just asked. Never rejects: what fails is tried again. */
  post(confirmation: Confirmation): Promise<void>;
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
  readonly audit: Pick<AuditLog, "tail">;
  readonly agent: Pick<Agent, "note">;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createCardKeeper(deps: Deps): CardKeeper {
  const { cards, answering, confirmations, audit, agent, clock, log } = deps;
  const startedAt = clock.now().epochMilliseconds;
  const failed = new Set<string>();

  /** Asked before this process was there, or its post failed: the card may be there or not. */
  function isUncertain({ id, requestedAt }: Confirmation): boolean {
    return requestedAt < startedAt || failed.has(id);
  }

  async function post(confirmation: Confirmation): Promise<void> {
    const { id } = confirmation;
    try {
      await cards.post(confirmation, isUncertain(confirmation));
      failed.delete(id);
    } catch (error) {
      failed.add(id);
      log.warn({ err: error, confirmation: id }, "a confirmation could not be shown");
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
      const settlement = await recordedSettlement(confirmation, audit);
      await cards.settle(confirmation, settledCard(confirmation, settlement));
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
      const open = await confirmations.pending();
      for (const confirmation of open.filter(isOfSlack)) {
        if (isHidden(confirmation) && isUncertain(confirmation)) await post(confirmation);
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
