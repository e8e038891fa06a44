import type { Principal } from "#src/policy/principal.ts";
import type { ActionJournal, SubmitContext } from "./action-journal.ts";
import type { ActionReport, AnswerResult } from "./action-report.ts";
import type { Confirmation, ConfirmationStore, Seat } from "./confirmation-store.ts";
import { objectionToDecline, standingOf, takesAnswerFrom } from "./who-answers.ts";

/** Whether the policy in force names somebody as an approver; "unknown" when that cannot be told. */
export type IsApprover = (principal: Principal) => boolean | "unknown";

interface Deps {
  readonly confirmations: ConfirmationStore;
  readonly journal: ActionJournal;
  readonly isApprover: IsApprover;
  /**
   * Plans an approved call again, in the name of who asked, and acts if it still is what was
   * approved and who approved it still may.
   */
  carryOutApproved(
    confirmation: Confirmation,
    context: AnswerContext,
    requester: Principal,
  ): Promise<ActionReport>;
}

/** An answer's context: who answers, where and when. */
export interface AnswerContext extends SubmitContext {
  /**
   * Who somebody is at this moment; without it nobody but the principal is known, so that only
   * requesters can answer.
   */
  personOf?(id: string): Promise<Principal>;
  /** Told that the last answer has come; nothing is done about it before this has ended. */
  onAccepted?(): Promise<void>;
}

export interface ConfirmationAnswers {
  /** Why an approval of the context's principal would not count; undefined when it would. */
  objectionTo(id: string, context: SubmitContext): Promise<string | undefined>;
  /** The open questions that wait for this person, and those that the person asked; oldest first. */
  openFor(principal: Principal): Promise<readonly Confirmation[]>;
  /**
   * The context's principal approves. What has all its approvals is carried out if it still is the
   * same; until then the outcome is `awaiting-confirmation`.
   */
  approve(id: string, context: AnswerContext): Promise<AnswerResult>;
  /** The context's principal turns it down; for the requester that is to withdraw it. */
  decline(id: string, context: AnswerContext): Promise<AnswerResult>;
}

const noSuchQuestion = "There is no such question; it may be of another installation.";
const nobodyKnown =
  "It cannot be told here who asked for this; please answer it where it was asked.";

/** An answer that may count, as long as nothing changes before it is recorded. */
interface Admitted {
  readonly confirmation: Confirmation;
  readonly seat: Seat;
  readonly requester: Principal;
}

/** Takes people's answers: judges who answers first, claims the record then, acts last. */
export function createConfirmationAnswers(deps: Deps): ConfirmationAnswers {
  const { confirmations, journal, isApprover, carryOutApproved } = deps;

  const answererOf = (principal: Principal) => ({ principal, isApprover: isApprover(principal) });

  async function judge(confirmation: Confirmation, context: SubmitContext, answer: Answer) {
    const { principal, place } = context;
    const answerer = answererOf(principal);
    const stranger = objectionToDecline(confirmation, answerer);
    if (stranger) return refuse(confirmation, context, stranger);
    const isOpen = confirmation.state === "pending" && takesAnswerFrom(confirmation, place);
    if (!isOpen) return whyClosed(confirmation);
    const standing = answer === "approve" ? standingOf(confirmation, answerer) : undefined;
    if (!standing) return { seat: "requester" } as const;
    return "seat" in standing ? standing : refuse(confirmation, context, standing.objection);
  }

  async function refuse(
    confirmation: Confirmation,
    context: SubmitContext,
    message: string,
    approver = context.principal,
  ) {
    const action = { ...toAction(confirmation, context), approver };
    await journal.record(action, "confirmation-refused", { message });
    return message;
  }

  /** Changes nothing. A sentence says why the answer does not count. */
  async function admit(
    id: string,
    context: AnswerContext,
    answer: Answer,
  ): Promise<Admitted | string> {
    const confirmation = await confirmations.find(id);
    if (!confirmation) return noSuchQuestion;
    const judged = await judge(confirmation, context, answer);
    if (typeof judged === "string") return judged;
    const { principal } = context;
    const { requestedBy } = confirmation;
    const requester =
      requestedBy.id === principal.id ? principal : await context.personOf?.(requestedBy.id);
    return requester ? { confirmation, requester, ...judged } : nobodyKnown;
  }

  /** Why an approval that was admitted did not count after all: another answer came first. */
  async function refuseLate({ confirmation, requester }: Admitted, context: AnswerContext) {
    const { principal } = context;
    const now = await confirmations.find(confirmation.id);
    if (!now) return noSuchQuestion;
    const standing = now.state === "pending" ? standingOf(now, answererOf(principal)) : undefined;
    const reason = standing && "objection" in standing ? standing.objection : whyClosed(now);
    // The log has this approval already, where others than the requester are asked.
    if (now.by === "requester") return reason;
    return refuse(now, { ...context, principal: requester }, reason, principal);
  }

  /** Written before the answer counts, so that no approval is without its entry. */
  async function recordGiven({ confirmation, requester }: Admitted, context: AnswerContext) {
    if (confirmation.by === "requester") return;
    const { principal } = context;
    const action = toAction(confirmation, { ...context, principal: requester });
    await journal.record({ ...action, approver: principal }, "confirmation-given");
  }

  return {
    async objectionTo(id, context) {
      const confirmation = await confirmations.find(id);
      if (!confirmation) return noSuchQuestion;
      const judged = await judge(confirmation, context, "approve");
      return typeof judged === "string" ? judged : undefined;
    },

    async openFor(principal) {
      const answerer = answererOf(principal);
      const isFor = (confirmation: Confirmation) =>
        confirmation.requestedBy.id === principal.id ||
        "seat" in standingOf(confirmation, answerer);
      return (await confirmations.pending()).filter(isFor);
    },

    async approve(id, context) {
      const admitted = await admit(id, context, "approve");
      if (typeof admitted === "string") return { accepted: false, reason: admitted };
      await recordGiven(admitted, context);
      const { principal, place } = context;
      const result = await confirmations.approve(id, admitted.seat, principal, place);
      if (result === "closed") {
        return { accepted: false, reason: await refuseLate(admitted, context) };
      }
      const confirmation = await confirmations.find(id);
      if (!confirmation) return { accepted: false, reason: noSuchQuestion };
      if (result === "counted") return { accepted: true, report: reportOnWaiting(confirmation) };
      const report = await carryOutApproved(confirmation, context, admitted.requester);
      return { accepted: true, report };
    },

    async decline(id, context) {
      const admitted = await admit(id, context, "decline");
      if (typeof admitted === "string") return { accepted: false, reason: admitted };
      const { principal, place } = context;
      if (!(await confirmations.decline(id, principal, place))) {
        const now = await confirmations.find(id);
        return { accepted: false, reason: now ? whyClosed(now) : noSuchQuestion };
      }
      const { confirmation, requester } = admitted;
      const message = `Declined by ${principal.name}; nothing was done.`;
      const action = toAction(confirmation, { ...context, principal: requester });
      await journal.record({ ...action, approver: principal }, "confirmation-declined", {
        message,
      });
      const { call, target, summary } = confirmation;
      const outcome = { kind: "denied", message } as const;
      return { accepted: true, report: { call, decision: "confirm", target, summary, outcome } };
    },
  };
}

type Answer = "approve" | "decline";

function reportOnWaiting(confirmation: Confirmation): ActionReport {
  const { call, target, summary } = confirmation;
  const outcome = { kind: "awaiting-confirmation", confirmation } as const;
  return { call, decision: "confirm", target, summary, outcome };
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
