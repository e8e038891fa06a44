import type { Clock } from "#src/clock.ts";
import type { Decision, Policy, PolicyRequest } from "#src/policy/policy.ts";
import type { Limits } from "#src/policy/policy-document.ts";
import { refuseManyOpen } from "#src/policy/safeguards.ts";
import type { Action, ActionJournal } from "./action-journal.ts";
import type { Confirmation, ConfirmationStore } from "./confirmation-store.ts";
import { countTargets } from "./guest-target.ts";
import { notAgain, stricterConfirmation } from "./judged-again.ts";
import { hashAction } from "./target-hash.ts";
import { type Plan, ToolError } from "./tool.ts";

interface Deps {
  readonly policy: Policy;
  readonly limits?: (() => Limits) | undefined;
  readonly confirmations: Pick<ConfirmationStore, "add">;
  readonly journal: Pick<ActionJournal, "record">;
  readonly clock: Clock;
}

/** A change that people have to confirm, as the policy says. */
interface Change extends Action {
  readonly plan: Plan;
  readonly request: PolicyRequest;
  readonly decided: Decision;
}

/** The question, or why it is not asked. */
export type Asked = { readonly confirmation: Confirmation } | { readonly refusal: string };

/** Asks people to confirm a change: puts the question down, for them to find it. */
export function createAsking({ policy, limits, confirmations, journal, clock }: Deps) {
  return async (change: Change): Promise<Asked> => {
    const { call, target, plan, context, request } = change;
    const { principal, conversation, askedAt } = context;
    const hash = hashAction(call, principal.id, target);
    // A turn's calls are judged before any of them has asked, and what is open counts.
    const targets = countTargets(context, target);
    const decided = await policy.evaluate({ ...request, now: clock.now(), targets });
    if (decided.kind === "deny") return { refusal: decided.reason };
    const { by, reasons } = stricterConfirmation(change.decided, decided);
    const question = {
      call,
      target,
      hash,
      summary: plan.summary,
      conversation,
      requestedBy: { id: principal.id, name: principal.name },
      requestedAt: askedAt.epochMilliseconds,
      by,
      reasons,
    };
    try {
      const confirmation = await confirmations.add(question, (open, declined) => {
        if (declined) throw new NotAskedError(notAgain(declined, principal));
        const refusal = refuseManyOpen(limits?.() ?? {}, open);
        if (refusal) throw new NotAskedError(refusal.reason);
      });
      await journal.record({ ...change, id: confirmation.id }, "confirmation-requested");
      return { confirmation };
    } catch (error) {
      if (error instanceof NotAskedError) return { refusal: error.message };
      throw error;
    }
  };
}

/** Said when nothing can come in between any more, so that of several at once each one counts. */
class NotAskedError extends ToolError {}
