import type { GuestList } from "./guest-selector.ts";
import { judge } from "./judge.ts";
import type { Decision, PolicyRequest, PurePolicy, Rule } from "./policy.ts";
import { createPolicy } from "./policy.ts";
import { noGuests, type PolicyDocument } from "./policy-document.ts";
import type { Principals } from "./principal.ts";
import { refuseObstacles } from "./protection.ts";
import { readOnlyRefusal, secure } from "./safeguards.ts";

/** The steps of a deletion that lead to the loss of its guest. */
const stepsOfDeletion = new Set([
  "shut_down_before_deletion",
  "cut_power_before_deletion",
  "back_up_before_deletion",
  "delete_guest",
]);

/** What brings a deletion that has begun to a good end, also where nothing new may begin. */
const endings = new Set(["finish_deletion", "start_again_after_veto", "unmark_spared_guest"]);

/** Whether a tool only ends what a deletion has begun, and takes nothing from anybody. */
export function endsDeletion(tool: string): boolean {
  return endings.has(tool);
}

/**
 * The rules for carrying out a deletion that a person confirmed: nothing but that, not on a guest
 * that has become undeletable since, and not for somebody who may not ask for it any more.
 *
 * @param objectionTo why the person may not have this guest deleted any more; undefined when still
 */
export function createDeletionRules(
  objectionTo: (request: PolicyRequest) => string | undefined,
  protectedGuests: GuestList = noGuests,
): readonly Rule[] {
  return [
    // Also what comes before: nobody shuts a guest down that cannot be deleted in the end.
    ({ target }) => refuseObstacles(target, protectedGuests),
    (request) => {
      const objection = stepsOfDeletion.has(request.tool) ? objectionTo(request) : undefined;
      return objection === undefined ? undefined : { kind: "deny", reason: objection };
    },
    ({ target }) => (target.deletion ? { kind: "allow" } : undefined),
  ];
}

/** What a document says about carrying out deletions. */
export function deletionPolicyOf(document: PolicyDocument, principals: Principals): PurePolicy {
  const objectionTo = (request: PolicyRequest) => {
    const decision = decideAgain(document, principals, request);
    if (decision.kind !== "deny") return undefined;
    return `${request.principal.name} may not delete guests any more: ${decision.reason}`;
  };
  return createPolicy([
    ({ tool }) => (document.readOnly && !endsDeletion(tool) ? readOnlyRefusal : undefined),
    ...createDeletionRules(objectionTo, document.protectedGuests),
  ]);
}

/** What the person would hear who asked for the deletion now. */
function decideAgain(
  document: PolicyDocument,
  { known }: Principals,
  { principal, now, target: { guest } }: PolicyRequest,
): Decision {
  const person = known.find(({ id }) => id === principal.id);
  const asked = {
    tool: "schedule_deletion",
    effect: "destructive",
    target: guest ? { guest } : {},
    principal: person ?? principal,
    now,
    targets: 1,
  } as const;
  // Whom the policy knows by a group only is judged when asking; the guest is judged anyway.
  return person ? judge(document, asked).decision : secure(document, asked, { kind: "allow" });
}
