import { type Decision, rank, stricter } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Action } from "./action-journal.ts";
import type { AnswerContext, IsApprover } from "./confirmation-answers.ts";
import type { Confirmation } from "./confirmation-store.ts";
import { hashAction } from "./target-hash.ts";
import { ToolError } from "./tool.ts";

type Confirming = Extract<Decision, { kind: "confirm" }>;

/** What is asked is never less than what was decided first: the plan is that of then. */
export function stricterConfirmation(first: Decision, again: Decision): Confirming {
  const confirming = stricter(first, again);
  if (confirming.kind !== "confirm") throw new Error(`decided to ${confirming.kind}`);
  return confirming;
}

/** A model that asks for the same again would tire people until they approve. */
export function notAgain({ decidedBy }: Confirmation, { name }: Principal): string {
  return `${decidedBy ?? "Somebody"} has declined exactly this, so it is not asked again until ${name} says something new.`;
}

/** Why an approved action must not go on: it means something else by now, or it is forbidden. */
export function objectionToPlan(
  { call, context, target, decided }: Action & { readonly decided: Decision },
  { hash, by }: Confirmation,
): string | undefined {
  if (decided.kind === "deny") return decided.reason;
  if (hashAction(call, context.principal.id, target) !== hash) {
    return "What this was for has changed since you were asked, so nothing was done. Please ask again.";
  }
  const approved: Decision = { kind: "confirm", by, reasons: [] };
  if (rank(decided) <= rank(approved)) return undefined;
  return "Others have to approve this by now, so nothing was done. Please ask again.";
}

/** Who approved it besides the requester, as that person is known now. */
export async function approverOf({ approvals }: Confirmation, context: AnswerContext) {
  const given = approvals.find(({ seat }) => seat === "approver")?.by;
  if (!given || given.id === context.principal.id) return given && context.principal;
  const approver = await context.personOf?.(given.id);
  if (!approver) throw new ToolError(`It cannot be told here who ${given.name} is by now.`);
  return approver;
}

/** Time may have passed since the approval, where another one was waited for. */
export function objectionToApprover(
  approver: Principal | undefined,
  isApprover: IsApprover,
): string | undefined {
  if (!approver || isApprover(approver) === true) return undefined;
  return `${approver.name} approved this and may not do so any more, so nothing was done. Please ask again.`;
}

/** Why an action must not begin that was decided, and approved where that was asked for. */
export function objectionToBeginning(decided: Decision, now: Decision): string | undefined {
  if (now.kind === "deny") return now.reason;
  if (rank(now) <= rank(decided)) return undefined;
  return "The policy asks for more by now, so nothing was done. Please ask again.";
}
