import { escalate } from "./escalations.ts";
import { type GuestList, isListed } from "./guest-selector.ts";
import { type Decision, type Effect, type PolicyRequest, stricter } from "./policy.ts";
import type { Limits, PolicyDocument } from "./policy-document.ts";
import { refuseObstacles } from "./protection.ts";
import { objectionToRight } from "./roles.ts";
import { type GuestTarget, guestsIn } from "./target.ts";

interface Safeguard {
  /** What it is called in the policy file. */
  readonly name: string;
  /** @param sofar what was decided without it */
  judge(document: PolicyDocument, request: PolicyRequest, sofar: Decision): Decision | undefined;
}

/** The refusal of every change while the policy is read-only. */
export const readOnlyRefusal: Decision = {
  kind: "deny",
  reason: "The policy allows nothing but reading at the moment (read_only).",
};

/**
 * A decision after all safeguards: as strict as it was, or stricter. None of them concerns reading.
 *
 * @param note told what each one says that says something
 */
export function secure(
  document: PolicyDocument,
  request: PolicyRequest,
  decision: Decision,
  note: (name: string, said: Decision) => void = () => {},
): Decision {
  if (request.effect === "read") return decision;
  return safeguards.reduce((sofar, safeguard) => {
    const said = safeguard.judge(document, request, sofar);
    if (said) note(safeguard.name, said);
    return said ? stricter(sofar, said) : sofar;
  }, decision);
}

/** What holds whatever the rules and the roles say, in this order. */
const safeguards: readonly Safeguard[] = [
  {
    name: "read_only",
    judge: ({ readOnly }) => (readOnly ? readOnlyRefusal : undefined),
  },
  { name: "denied_guests", judge: refuseDenied },
  { name: "allowed_guests", judge: refuseNotAllowed },
  {
    name: "protected",
    judge: (document, { effect, target }) =>
      effect === "destructive" ? refuseObstacles(target, document.protectedGuests) : undefined,
  },
  { name: "owners and holds", judge: refuseWithoutRight },
  { name: "always confirmed", judge: haveConfirmed },
  { name: "escalations", judge: ({ escalations }, request) => escalate(escalations, request) },
  { name: "limits", judge: limit },
];

/**
 * Tools that a person confirms like what is destructive: they bring a whole guest into being, or
 * open the way to its end for others.
 */
const confirmedTools = new Set(["restore_guest", "transfer_guest", "release_hold"]);

function refuseWithoutRight({ roles }: PolicyDocument, request: PolicyRequest) {
  const reason = objectionToRight(roles, request);
  return reason === undefined ? undefined : ({ kind: "deny", reason } as const);
}

/** Whether a person confirms it whatever the rules and the roles say. */
export function isAlwaysConfirmed({
  tool,
  effect,
}: Pick<PolicyRequest, "tool"> & { readonly effect?: Effect | undefined }): boolean {
  return effect === "destructive" || confirmedTools.has(tool);
}

function haveConfirmed(_: PolicyDocument, request: PolicyRequest): Decision | undefined {
  if (!isAlwaysConfirmed(request)) return undefined;
  return { kind: "confirm", by: "requester", reasons: [] };
}

function refuseDenied({ deniedGuests }: PolicyDocument, { target }: PolicyRequest) {
  const denied = guestsIn(target).filter((guest) => isListed(deniedGuests, guest));
  return refuse(denied, "is among the guests that the policy keeps out of reach (denied_guests)");
}

function refuseNotAllowed({ allowedGuests }: PolicyDocument, { target }: PolicyRequest) {
  if (!allowedGuests) return undefined;
  const list: GuestList = allowedGuests;
  const missing = guestsIn(target).filter((guest) => !isListed(list, guest));
  return refuse(missing, "is not among the guests that the policy allows (allowed_guests)");
}

function refuse(guests: readonly GuestTarget[], why: string): Decision | undefined {
  if (guests.length === 0) return undefined;
  const sentences = guests.map(({ name, vmid }) => `${name} (VMID ${vmid}) ${why}.`);
  return { kind: "deny", reason: sentences.join(" ") };
}

function limit(
  { limits }: PolicyDocument,
  { effect, target, targets, usage, approved }: PolicyRequest,
  sofar: Decision,
): Decision | undefined {
  const { targetsPerRequest = Infinity } = limits;
  const { destructivePerHour = Infinity } = limits;
  const { destructiveInLastHour = 0, openConfirmations = 0 } = usage ?? {};
  const count = Math.max(targets, guestsIn(target).length);
  const deny = (reason: string) => ({ kind: "deny", reason }) as const;
  if (count > targetsPerRequest) {
    return deny(
      `This concerns ${count} guests at once, and the policy allows ${targetsPerRequest}. Ask for fewer.`,
    );
  }
  if (effect === "destructive" && destructiveInLastHour >= destructivePerHour) {
    return deny(
      `The policy allows ${destructivePerHour} destructive acts within an hour, and there were ${destructiveInLastHour}. Try again later.`,
    );
  }
  const asks = sofar.kind === "confirm" && !approved;
  return asks ? refuseManyOpen(limits, openConfirmations) : undefined;
}

/** The refusal of one more question beside so many open ones; undefined where it may be asked. */
export function refuseManyOpen(
  { openConfirmationsPerUser: most = Infinity }: Limits,
  open: number,
): Extract<Decision, { kind: "deny" }> | undefined {
  if (open < most) return undefined;
  const reason = `${open} of your questions are still open, and the policy allows ${most}. Answer those first.`;
  return { kind: "deny", reason };
}
