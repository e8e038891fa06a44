import type { Scope, Truth } from "./observer.ts";
import { alwaysAllowed, effectsOfTools } from "./rights.ts";

/** Notes that a request changes a guest, or asks about it. */
export function concern({ seen }: Scope, fingerprint: string | undefined): void {
  if (fingerprint !== undefined) seen?.concerned.add(fingerprint);
}

/** Whether a change must not begin now. */
export function isStopped(tool: string, { freeze }: Truth): boolean {
  return freeze !== undefined && tool in effectsOfTools && !alwaysAllowed.includes(tool);
}

/** While everything is frozen, nothing goes on that could have known of it. */
export function judgeFrozen(
  tool: string,
  fingerprint: string | undefined,
  { seen }: Scope,
  truth: Truth,
): readonly string[] {
  if (!seen || !isStopped(tool, truth)) return [];
  const known = [seen.freeze, seen.frozenLooks.get(fingerprint ?? "")];
  return known.includes(truth.freeze) ? ["everything is frozen"] : [];
}

const hour = 3_600_000;

/** Within an hour no more destructive acts are carried out than the limit says. */
export function judgeHour(tool: string, actionId: string, truth: Truth): readonly string[] {
  const { destructive, rights, now } = truth;
  if (effectsOfTools[tool] !== "destructive") return [];
  destructive.set(actionId, now());
  const { destructivePerHour: most = Infinity } = rights.limits ?? {};
  const count = [...destructive.values()].filter((at) => at > now() - hour).length;
  return count > most ? [`these are ${count} within an hour, and ${most} may be`] : [];
}
