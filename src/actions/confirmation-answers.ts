import type { ActionJournal, SubmitContext } from "./action-journal.ts";
import type { ActionReport, AnswerResult } from "./action-report.ts";
import {
  type Confirmation,
  type ConfirmationStore,
  takesAnswerFrom,
} from "./confirmation-store.ts";

interface Deps {
  readonly confirmations: ConfirmationStore;
  readonly journal: ActionJournal;
  /** Plans an approved call again and acts if it still is what was approved. */
  carryOutApproved(confirmation: Confirmation, context: SubmitContext): Promise<ActionReport>;
}

/** An answer's context: who answers, where and when. */
export interface AnswerContext extends SubmitContext {
  /** Told that the answer counts, before anything is done about it. */
  onAccepted?(): void;
}

export interface ConfirmationAnswers {
  /** Why an answer of the context's principal would not count; undefined when it would. */
  objectionTo(id: string, context: SubmitContext): Promise<string | undefined>;
  /** The context's principal approves; what was approved is carried out if it still is the same. */
  approve(id: string, context: AnswerContext): Promise<AnswerResult>;
  /** The context's principal turns it down. */
  decline(id: string, context: AnswerContext): Promise<AnswerResult>;
}

const noSuchQuestion = "There is no such question; it may be of another installation.";

/** Takes people's answers: judges who answers first, claims the record then, acts last. */
export function createConfirmationAnswers(deps: Deps): ConfirmationAnswers {
  const { confirmations, journal, carryOutApproved } = deps;

  async function objectionTo(id: string, context: SubmitContext): Promise<string | undefined> {
    const confirmation = await confirmations.find(id);
    if (!confirmation) return noSuchQuestion;

    const { principal, place } = context;
    if (principal.id !== confirmation.requestedBy.id) {
      const reason = `Only ${confirmation.requestedBy.name}, who asked for this, may answer it.`;
      const action = { ...toAction(confirmation, context), approver: principal };
      await journal.record(action, "confirmation-refused", { message: reason });
      return reason;
    }
    const isOpen = confirmation.state === "pending" && takesAnswerFrom(confirmation, place);
    return isOpen ? undefined : whyClosed(confirmation);
  }

  /** The confirmation that the answer counts for, or the sentence why it does not count. */
  async function take(id: string, answer: "approved" | "denied", context: AnswerContext) {
    const objection = await objectionTo(id, context);
    if (objection) return objection;
    const counts = await confirmations.answer(id, answer, context.principal, context.place);
    const confirmation = await confirmations.find(id);
    if (!confirmation) return noSuchQuestion;
    if (!counts) return whyClosed(confirmation);
    context.onAccepted?.();
    return confirmation;
  }

  return {
    objectionTo,

    async approve(id, context) {
      const taken = await take(id, "approved", context);
      if (typeof taken === "string") return { accepted: false, reason: taken };
      return { accepted: true, report: await carryOutApproved(taken, context) };
    },

    async decline(id, context) {
      const taken = await take(id, "denied", context);
      if (typeof taken === "string") return { accepted: false, reason: taken };

      const message = `Declined by ${context.principal.name}; nothing was done.`;
      const action = { ...toAction(taken, context), approver: context.principal };
      await journal.record(action, "confirmation-declined", { message });
      const { call, target, summary } = taken;
      const outcome = { kind: "denied", message } as const;
      return { accepted: true, report: { call, decision: "confirm", target, summary, outcome } };
    },
  };
}

function toAction({ id, call, target }: Confirmation, context: SubmitContext) {
  return { id, call, target, context, decision: "confirm" } as const;
}

function whyClosed({ state, decidedBy }: Confirmation): string {
  const by = decidedBy ? ` by ${decidedBy}` : "";
  switch (state) {
    case "approved":
      return `This was already confirmed${by}.`;
    case "denied":
      return `This was already declined${by}.`;
    case "superseded":
      return "A newer request has taken this one's place.";
    case "refused":
      return `This was confirmed${by}, but could not be carried out any more; please ask again.`;
    case "pending":
      return "This question is asked in another place; please answer it there.";
    case "expired":
      return "This question has expired; please ask again.";
  }
}
