import type { Confirmer } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Approval, Confirmation, Seat } from "./confirmation-store.ts";

/** Whether an answer given at `place` can count: what is shown somewhere is answered there only. */
export function takesAnswerFrom(
  { place: shownAt, approversPlace }: Pick<Confirmation, "place" | "approversPlace">,
  place: string | undefined,
): boolean {
  const places = [shownAt, approversPlace].filter((shown) => shown !== undefined);
  return places.length === 0 || places.some((shown) => shown === place);
}

/** Whose approvals it takes. */
const seatsFor: Readonly<Record<Confirmer, readonly Seat[]>> = {
  requester: ["requester"],
  approver: ["approver"],
  "two-persons": ["requester", "approver"],
};

/** Whose approval is still missing. */
export function openSeats({ by, approvals }: Pick<Confirmation, "by" | "approvals">) {
  return seatsFor[by].filter((seat) => approvals.every((given) => given.seat !== seat));
}

/** Whoever answers, as the policy sees this person at that moment. */
export interface Answerer {
  readonly principal: Pick<Principal, "id">;
  /** Whether the policy names the person as an approver; "unknown" when that cannot be told. */
  readonly isApprover: boolean | "unknown";
}

/** What an answer comes to: it may be given, an approval in a seat, or it does not count. */
export type Standing = { readonly seat: Seat } | { readonly objection: string };

/**
 * As what somebody may approve: the requester as that only, and anybody else as an approver only,
 * so that nobody counts twice.
 */
export function standingOf(confirmation: Confirmation, answerer: Answerer): Standing {
  const { by, requestedBy } = confirmation;
  const seat = answerer.principal.id === requestedBy.id ? "requester" : "approver";
  if (seat === "requester" && by === "approver") {
    return {
      objection:
        "You have asked for this, so somebody else has to approve it. You may withdraw it.",
    };
  }
  const objection = seat === "approver" ? objectionToApprover(confirmation, answerer) : undefined;
  if (objection) return { objection };
  const given = confirmation.approvals.find((approval) => approval.seat === seat);
  return given ? { objection: alreadyGiven(given, confirmation, answerer) } : { seat };
}

/** Why somebody may not turn it down; the requester always may, and an approver where one is asked. */
export function objectionToDecline(
  confirmation: Confirmation,
  answerer: Answerer,
): string | undefined {
  if (answerer.principal.id === confirmation.requestedBy.id) return undefined;
  return objectionToApprover(confirmation, answerer);
}

function objectionToApprover(
  { by, requestedBy, reasons }: Confirmation,
  { isApprover }: Answerer,
): string | undefined {
  if (by === "requester") return `Only ${requestedBy.name}, who asked for this, may answer it.`;
  if (isApprover === true) return undefined;
  if (isApprover === "unknown") {
    return "It cannot be told right now whether you may approve this; please try again in a moment.";
  }
  const why = reasons.map((reason) => ` ${reason}`).join("");
  return `Only an approver may answer this, and the policy does not name you as one.${why}`;
}

function alreadyGiven({ by }: Approval, confirmation: Confirmation, { principal }: Answerer) {
  const who = by.id === principal.id ? "You have" : `${by.name} has`;
  return `${who} approved this already. ${describeWaiting(confirmation)}`;
}

/** Who has to answer, in a sentence for a card. */
export function describeAnswerers({ by, requestedBy }: Pick<Confirmation, "by" | "requestedBy">) {
  const { name } = requestedBy;
  if (by === "requester") return `Only ${name}, who asked for this, may answer it.`;
  if (by === "approver") return `An approver other than ${name} has to approve it.`;
  return `Two people have to approve it: ${name}, who asked for this, and an approver.`;
}

/** How far it has come, and for whom it waits: "Approved by Bob; waits for an approver." */
export function describeWaiting(confirmation: Confirmation): string {
  const { approvals, requestedBy, by } = confirmation;
  const names = approvals.map((approval) => approval.by.name).join(" and ");
  const awaited = openSeats(confirmation).map((seat) =>
    seat === "requester"
      ? requestedBy.name
      : by === "approver"
        ? `an approver other than ${requestedBy.name}`
        : "an approver",
  );
  const waits = `aits for ${awaited.join(" and ")}.`;
  return names ? `Approved by ${names}; w${waits}` : `W${waits}`;
}
