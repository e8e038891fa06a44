import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { ActionReport, Outcome } from "#src/actions/action-report.ts";
import type { AnswerContext } from "#src/actions/confirmation-answers.ts";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import { describeAnswered } from "#src/actions/describe-answered.ts";
import type { Place } from "#src/actions/in-order.ts";
import type { Agent } from "#src/agent/agent.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import {
  type Settlement,
  settledCard,
  settlementOf,
  workingCard,
} from "#src/slack/cards/settled-card.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { createCardEdits } from "./card-edits.ts";
import { cardsOf, type PostedCards } from "./posted-cards.ts";

type Waiting = Extract<Outcome, { kind: "awaiting-confirmation" }>;

/** A person's answer to a question, given at `place`. */
export interface Answer {
  readonly kind: "approve" | "decline";
  readonly confirmation: Confirmation;
  readonly userId: string;
  readonly place: string;
  /** The key of the click, by which the audit log finds what it led to. */
  readonly origin: string;
  /** Ends what waits for Proxmox. */
  readonly signal: AbortSignal;
  /** Its turn among what the same click approves. */
  readonly turn: Place;
  /** Told that it is to be carried out, which may take minutes. */
  onAccepted?(): void;
}

export interface Answering {
  /**
   * Has the answer carried out; the card shows how far it has come and, in the end, the outcome.
   *
   * @returns why the answer does not count; undefined when it did.
   */
  give(answer: Answer): Promise<string | undefined>;
  /** Whether an answer is being carried out right now, so that its card is taken care of. */
  isBusyWith(confirmationId: string): boolean;
}

interface Deps {
  readonly executor: Pick<ActionExecutor, "approve" | "decline">;
  readonly confirmations: Pick<ConfirmationStore, "find">;
  readonly agent: Pick<Agent, "note">;
  readonly users: SlackUsers;
  readonly clock: Clock;
  readonly cards: Pick<PostedCards, "refresh" | "tryEdit" | "settle">;
  readonly log: Logger;
  /** Milliseconds between two edits of a card. */
  readonly editEvery: number;
}

export function createAnswering(deps: Deps): Answering {
  const { executor, confirmations, agent, users, clock, cards, log, editEvery } = deps;
  /** How many answers are being carried out, by confirmation: of two clicks one may count. */
  const busy = new Map<string, number>();
  const count = (id: string, change: 1 | -1) => busy.set(id, (busy.get(id) ?? 0) + change);

  async function carryOut(answer: Answer) {
    const { kind, confirmation, userId, place, origin, signal } = answer;
    const { id, conversation } = confirmation;
    const principal = await users.principalOf(userId);
    // The first card may be answered before anybody has come to write down where it is.
    const places = [...new Set([...cardsOf(confirmation), place])];
    const edits = createCardEdits({
      every: editEvery,
      edit: (message) => cards.tryEdit(places, { confirmation, message }),
    });
    const earlier = confirmation.approvals.map(({ by }) => by.name);
    const names = [...new Set([...earlier, principal.name])].join(" and ");
    const showProgress = (progress?: string) =>
      edits.show(workingCard(confirmation, names, progress));
    const onAccepted = async () => {
      answer.onAccepted?.();
      const { before } = answer.turn;
      if (before) {
        showProgress("It waits for those before it.");
        await before;
      }
      showProgress();
    };
    const context: AnswerContext = {
      principal,
      personOf: users.principalOf,
      askedAt: clock.now(),
      conversation,
      place,
      origin,
      signal,
      ...(kind === "approve" && { onAccepted, onProgress: showProgress }),
    };
    try {
      return await executor[kind](id, context);
    } finally {
      answer.turn.carriedOut();
      await edits.end();
    }
  }

  async function showOutcome({ kind, confirmation, place }: Answer, report: ActionReport) {
    if (report.outcome.kind === "awaiting-confirmation") return showWaiting(report.outcome);
    const decided = (await confirmations.find(confirmation.id)) ?? confirmation;
    const settlement: Settlement =
      kind === "decline"
        ? { heading: "Declined", message: "Nothing was done." }
        : settlementOf(report);
    await cards
      .settle(decided, settledCard(decided, settlement))
      // The next round over what is outdated tries again.
      .catch((error: unknown) =>
        log.warn({ err: error, place }, "a card does not show its outcome"),
      );
  }

  async function showWaiting({ confirmation }: Waiting) {
    const { id } = confirmation;
    // The next round over what is open tries again.
    await cards.refresh(confirmation).catch((error: unknown) => {
      log.warn({ err: error, confirmation: id }, "a card does not show who has answered");
    });
  }

  return {
    async give(answer) {
      const { id, conversation } = answer.confirmation;
      count(id, 1);
      try {
        const result = await carryOut(answer);
        if (!result.accepted) return result.reason;
        await showOutcome(answer, result.report);
        await agent.note(
          conversation,
          describeAnswered(answer.confirmation, result.report.outcome),
        );
        return undefined;
      } finally {
        if (count(id, -1).get(id) === 0) busy.delete(id);
      }
    },
    isBusyWith: (id) => busy.has(id),
  };
}
