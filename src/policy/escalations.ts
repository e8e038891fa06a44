import type { Decision, PolicyRequest } from "./policy.ts";
import { owns } from "./principal.ts";
import { guestsIn } from "./target.ts";

/** What makes a person have to look again; what is not said does not count. */
export interface Escalations {
  /** A guest has one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** A guest is not the requester's own. */
  readonly notOwner?: boolean | undefined;
  /** A guest is being used, and would be interrupted. */
  readonly busy?: boolean | undefined;
  /** There is no backup of what could be lost. */
  readonly noBackup?: boolean | undefined;
  /** The whole request acts on more guests than this. */
  readonly moreThan?: number | undefined;
  /** The requester's own words do not name the guest. */
  readonly notNamed?: boolean | undefined;
}

/**
 * What the escalations add to a decision about a change: one that holds asks whoever asked, two
 * that hold at once ask two people. Facts that they need and that are not known are one of them.
 */
export function escalate(escalations: Escalations, request: PolicyRequest): Decision | undefined {
  if (request.effect === "read") return undefined;
  const unknown = unknownFacts(escalations, request);
  const reasons = reasonsToAsk(escalations, request);
  if (unknown.length > 0) reasons.push(`It is not known ${unknown.join(", nor ")}.`);
  if (reasons.length === 0) return undefined;
  return { kind: "confirm", by: reasons.length > 1 ? "two-persons" : "requester", reasons };
}

function reasonsToAsk(escalations: Escalations, request: PolicyRequest): string[] {
  const { target, principal, facts = {}, targets } = request;
  const { tags = [], notOwner, busy, noBackup, moreThan, notNamed } = escalations;
  const guests = guestsIn(target);
  const count = Math.max(targets, guests.length);
  const tagged = tags.filter((tag) => guests.some((guest) => guest.tags.includes(tag)));
  const foreign = guests.filter(({ owner }) => !owns(principal, owner));
  const reasons: readonly (readonly [unknown, string])[] = [
    [tagged.length > 0, `It has the tag ${tagged.join(" and ")}.`],
    [notOwner && foreign.length > 0, `It does not belong to ${principal.name}.`],
    [busy && interrupts(request) && facts.busy, "It is being used."],
    [noBackup && interrupts(request) && facts.hasBackup === false, "There is no backup of it."],
    [moreThan !== undefined && count > moreThan, `It concerns ${count} guests.`],
    [
      notNamed && guests.length > 0 && facts.namedByRequester === false,
      `${principal.name} has not named it.`,
    ],
  ];
  return reasons.flatMap(([holds, reason]) => (holds === true ? [reason] : []));
}

function unknownFacts(escalations: Escalations, request: PolicyRequest): string[] {
  const { target, facts = {} } = request;
  if (guestsIn(target).length === 0) return [];
  const { busy, noBackup, notNamed } = escalations;
  const needed: readonly (readonly [unknown, unknown, string])[] = [
    [busy && interrupts(request), facts.busy, "whether it is being used"],
    [noBackup && interrupts(request), facts.hasBackup, "whether there is a backup of it"],
    [notNamed, facts.namedByRequester, "whether the person has named it"],
  ];
  return needed.flatMap(([needs, fact, what]) =>
    needs === true && fact === undefined ? [what] : [],
  );
}

/** Whether something that runs, or that is stored, could be lost by it. */
function interrupts({ effect }: PolicyRequest): boolean {
  return effect === "disruptive" || effect === "destructive";
}
