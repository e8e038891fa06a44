import { type Decision, rank, stricter } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Action } from "./action-journal.ts";
import type { Confirmation } from "./confirmation-store.ts";
import { hashAction } from "./target-hash.ts";

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
