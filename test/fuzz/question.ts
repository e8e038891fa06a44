import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { plainText } from "#src/plain-text.ts";
import type { Principal } from "#src/policy/principal.ts";
import { type GuestTarget, guestsIn } from "#src/policy/target.ts";
import type { Scope } from "./observer.ts";
import {
  aboutDeletionsAlone,
  approverRole,
  effectsOfTools,
  type Seat,
  seatsFor,
  verdictOf,
} from "./rights.ts";

/** How long a question may be answered, in milliseconds; others have to come across it first. */
const lifetime = 5 * 60_000;
const lifetimeForOthers = 60 * 60_000;

/** A question as people saw it, and what has become of it by what people did. */
export interface Question {
  readonly id: string;
  /** By which a trace names it: ids differ from run to run. */
  readonly number: number;
  readonly tool: string;
  readonly requester: string;
  /** Of the guests that it names. */
  readonly fingerprints: readonly string[];
  readonly deletionId?: string | undefined;
  /** Epoch milliseconds; absent for what happens at once or as soon as it is confirmed. */
  readonly dueAt?: number | undefined;
  readonly withoutBackup: boolean;
  readonly openUntil: number;
  /** What it says that is not true of what it is about. */
  readonly faults: readonly string[];
  /** Where people see it, once they do. */
  place?: string | undefined;
  state: "open" | "answered" | "replaced";
  /** Whose approvals it takes. */
  readonly seats: readonly Seat[];
  /** Clicks of approval by which a seat could have been taken; not those that came to nothing. */
  readonly approvals: Approval[];
  /** Whom the audit log named as the approver of an act. */
  readonly named: Set<string>;
  /** Acts that its approval has led to, by guest. */
  readonly acts: Map<string, number>;
  /** Whether it takes the place of an older one: same person, conversation, tool and VMID. */
  replaces(older: Question): boolean;
  readonly conversation: string;
  readonly vmid?: number | undefined;
}

/** Of several clicks for one seat at the same moment one counts, and which one shows later. */
export interface Approval {
  readonly seat: Seat;
  readonly by: string;
}

/** Those who may have taken a seat so far. */
export function takersOf({ approvals }: Question, seat: Seat): readonly string[] {
  return approvals.flatMap((approval) => (approval.seat === seat ? approval.by : []));
}

interface Asked {
  readonly scope: Scope | undefined;
  readonly number: number;
  readonly now: number;
}

export function createQuestion(
  confirmation: Confirmation,
  conversation: string,
  { scope, number, now }: Asked,
): Question {
  const { id, call, target, requestedBy } = confirmation;
  const { role = "" } = scope?.person ?? {};
  const seats = scope ? seatsFor(scope.rights, call.tool, role) : [];
  const question: Question = {
    id,
    seats,
    approvals: [],
    named: new Set(),
    number,
    tool: call.tool,
    requester: requestedBy.id,
    fingerprints: guestsIn(target).map(({ fingerprint }) => fingerprint),
    deletionId: target.deletion?.id,
    dueAt: target.at && !target.asSoonAsConfirmed ? Date.parse(target.at) : undefined,
    withoutBackup: target.withoutBackup === true,
    openUntil: now + (seats.includes("approver") ? lifetimeForOthers : lifetime),
    faults: faultsOf(confirmation, scope),
    state: "open",
    acts: new Map(),
    conversation,
    vmid: target.guest?.vmid,
    replaces: (older) =>
      older.requester === question.requester &&
      older.conversation === question.conversation &&
      older.tool === question.tool &&
      older.vmid === question.vmid &&
      question.vmid !== undefined,
  };
  return question;
}

/** What is wrong with a question in the moment in which it is shown. */
function faultsOf(confirmation: Confirmation, scope: Scope | undefined): readonly string[] {
  const { call, target, summary, requestedBy, conversation } = confirmation;
  if (!scope) return ["a question that nobody's words led to"];
  const faults: string[] = [];
  if (requestedBy.id !== scope.person.id) faults.push("a question in another person's name");
  if (!effectsOfTools[call.tool]) faults.push(`a question for an unknown tool, ${call.tool}`);
  if (conversation === "") faults.push("a question without a conversation");
  if (aboutDeletionsAlone.includes(call.tool)) return faults;
  for (const guest of guestsIn(target)) {
    const { fingerprint } = guest;
    const looks = scope.looks.get(fingerprint) ?? [];
    if (!looks.some((seen) => summary.includes(labelOf({ ...guest, ...seen })))) {
      faults.push(`a question about ${fingerprint} that does not name it as it was: ${summary}`);
    }
    const { person, rights } = scope;
    const mayBeAsked = looks.some(
      (seen) => verdictOf(rights, { tool: call.tool, person, guest: seen }) !== "never",
    );
    if (!mayBeAsked) faults.push(`a question for what ${person.id} may not do`);
  }
  return faults;
}

function labelOf({ name, kind, vmid, node }: GuestTarget): string {
  return `${plainText(name, 64)} (${kind.toUpperCase()} ${vmid} on ${node})`;
}

export interface Answer {
  readonly person: Principal;
  readonly place: string | undefined;
  readonly kind: "approve" | "decline";
  readonly now: number;
}

/** As what this person answers it. */
export function seatOf({ requester }: Question, { id }: Principal): Seat {
  return id === requester ? "requester" : "approver";
}

export function whyNotAnswerable(
  question: Question | undefined,
  { person, place, kind, now }: Answer,
): string | undefined {
  if (!question) return "there is no such question";
  const seat = seatOf(question, person);
  const withdraws = seat === "requester" && kind === "decline";
  if (!withdraws && !question.seats.includes(seat)) return "somebody else was asked";
  if (seat === "approver" && person.role !== approverRole) return "an approver was asked";
  if (now >= question.openUntil) return "it has expired";
  if (question.state !== "open") return `it was ${question.state} before`;
  if (question.place !== undefined && question.place !== place) return "it is asked elsewhere";
  return undefined;
}
