import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Principal } from "#src/policy/principal.ts";
import { guestsIn } from "#src/policy/target.ts";
import { approverRole, type Demand, type Seat, seatsOf } from "./rights.ts";

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
  /** Where people see it, once they do. */
  place?: string | undefined;
  state: "open" | "answered" | "replaced";
  /** How many answers to it are under way, any of which may have counted by now. */
  underWay: number;
  /** The moment of the click that turned it down, and that by which it had counted. */
  declined?: { readonly since: number; readonly by: number } | undefined;
  /** Who has to approve it, as it says. */
  readonly asks: Demand;
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
  /** Whether people would say that it is the same as an older one, wherever that was asked. */
  repeats(older: Question): boolean;
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
  readonly number: number;
  readonly now: number;
}

export function createQuestion(
  confirmation: Confirmation,
  conversation: string,
  { number, now }: Asked,
): Question {
  const { id, call, target, requestedBy, by } = confirmation;
  const seats = seatsOf(by);
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
    state: "open",
    underWay: 0,
    asks: by,
    acts: new Map(),
    conversation,
    vmid: target.guest?.vmid,
    replaces: (older) =>
      older.requester === question.requester &&
      older.conversation === question.conversation &&
      older.tool === question.tool &&
      older.vmid === question.vmid &&
      question.vmid !== undefined,
    repeats: (older) =>
      older.requester === question.requester &&
      older.tool === question.tool &&
      older.fingerprints.join() === question.fingerprints.join() &&
      older.deletionId === question.deletionId &&
      older.dueAt === question.dueAt &&
      older.withoutBackup === question.withoutBackup,
  };
  return question;
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
