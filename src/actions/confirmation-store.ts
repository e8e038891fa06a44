import { randomBytes } from "node:crypto";
import type { Clock } from "#src/clock.ts";
import type { Confirmer } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Target } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import { lock } from "#src/storage/lock.ts";
import type { ToolCall } from "./action-report.ts";
import {
  approvalColumns,
  isOpenAt,
  keepSame,
  placeSeen,
  supersede,
} from "./confirmation-queries.ts";
import { fromRow, toRow } from "./confirmation-row.ts";
import { isSameTarget } from "./target-hash.ts";

/**
 * `approved` and `denied` are people's answers; `refused` was approved and found to mean
 * something else by then; `superseded` gave way to a newer request of the same person for the
 * same guest; `expired` got no answer in time.
 */
export type ConfirmationState =
  | "pending"
  | "approved"
  | "denied"
  | "refused"
  | "superseded"
  | "expired";

/** As what somebody approves: as who asked for it, or as an approver, who is somebody else. */
export type Seat = "requester" | "approver";

/** An answer that counted towards carrying it out. */
export interface Approval {
  readonly seat: Seat;
  readonly by: Pick<Principal, "id" | "name">;
  readonly at: number;
  /** Where it was given, where that has a place. */
  readonly place?: string | undefined;
}

/** A change that waits for people, bound to who asked, to the exact call and to its target. */
export interface Confirmation {
  readonly id: string;
  readonly state: ConfirmationState;
  readonly call: ToolCall;
  readonly target: Target;
  /** Of the call, the requester and the target's identity. */
  readonly hash: string;
  /** The sentence that is approved; written by the tool, never by the model. */
  readonly summary: string;
  readonly conversation: string;
  readonly requestedBy: Pick<Principal, "id" | "name">;
  /** Epoch milliseconds, as every time here. */
  readonly requestedAt: number;
  readonly expiresAt: number;
  /** Who has to confirm it. */
  readonly by: Confirmer;
  /** Why it is asked, as the policy says it. */
  readonly reasons: readonly string[];
  /** Oldest first; where two have to approve, one of them may be there already. */
  readonly approvals: readonly Approval[];
  /** Whose answer ended it. */
  readonly decidedBy?: string | undefined;
  readonly decidedAt?: number | undefined;
  /**
   * Where the question is shown, in the front end's terms, once it is: in its conversation, and to
   * the approvers. Answers must come from there.
   */
  readonly place?: string | undefined;
  readonly approversPlace?: string | undefined;
}

export type ConfirmationRequest = Pick<
  Confirmation,
  | "call"
  | "target"
  | "hash"
  | "summary"
  | "conversation"
  | "requestedBy"
  | "requestedAt"
  | "by"
  | "reasons"
>;

/** `closed` did not count; `counted` leaves somebody to wait for; after `completed` it may be done. */
export type ApprovalResult = "closed" | "counted" | "completed";

export interface ConfirmationStore {
  /**
   * Keeps a request until it is answered or expires; the same request, still open, is kept once.
   * Where the same person asks for the same in another conversation, what waits for that person
   * alone comes along, and what waits for others stays where they have seen it.
   *
   * @param admit told, when nothing can come in between any more, how many other questions of the
   * same person are open, and the latest that somebody declined since the request: the same tool on
   * the same target, in whatever words the model had put it. What it throws undoes all of it, and
   * is thrown
   */
  add(
    request: ConfirmationRequest,
    admit?: (open: number, declined: Confirmation | undefined) => void,
  ): Promise<Confirmation>;
  find(id: string): Promise<Confirmation | undefined>;
  /** The open ones, oldest first, of one conversation or of all. */
  pending(conversation?: string): Promise<readonly Confirmation[]>;
  /**
   * Records that a person approves. Of any number of answers, on any number of processes, exactly
   * one counts for each seat, and exactly one completes it. The requester never counts as the
   * approver, nor anybody else as the requester. Whether somebody is an approver is for the caller
   * to judge. A question that is shown somewhere takes an answer from there only.
   */
  approve(
    id: string,
    seat: Seat,
    by: Pick<Principal, "id" | "name">,
    place: string | undefined,
  ): Promise<ApprovalResult>;
  /** Records that a person turns it down; false when it is not open there any more. */
  decline(
    id: string,
    by: Pick<Principal, "id" | "name">,
    place: string | undefined,
  ): Promise<boolean>;
  /** Says where the question is shown, as an open one. */
  show(id: string, place: string, to?: "conversation" | "approvers"): Promise<void>;
  /** Those that are shown at this place, whatever has become of them, oldest first. */
  shownAt(place: string): Promise<readonly Confirmation[]>;
  /** Those that are still shown as open and are not any more, oldest first. */
  outdated(): Promise<readonly Confirmation[]>;
  /** Says that it is no longer shown as open. */
  settle(id: string): Promise<void>;
  /** Says that what was approved could not be carried out as approved. */
  refuse(id: string): Promise<void>;
}

/**
 * How long a question stays open. Who asked is still there and answers at once; an approver has to
 * come across it first, and nobody loses anything while a request lies there, because everything is
 * judged again when it is approved.
 */
const lifetimes = {
  requester: { minutes: 5 },
  approver: { hours: 1 },
  "two-persons": { hours: 1 },
} as const;

export function createConfirmationStore(db: Database, clock: Clock): ConfirmationStore {
  const now = () => clock.now().epochMilliseconds;

  const open = (on: Database = db) =>
    on
      .selectFrom("confirmation")
      .selectAll()
      .where("state", "=", "pending")
      .where("expires_at", ">", now())
      .orderBy("requested_at");

  async function declinedSince(on: Database, request: ConfirmationRequest) {
    const { call, target, requestedBy, requestedAt } = request;
    const rows = await on
      .selectFrom("confirmation")
      .selectAll()
      .where("requested_by", "=", requestedBy.id)
      .where("tool", "=", call.tool)
      .where("state", "=", "denied")
      .where("decided_at", ">", requestedAt)
      .orderBy("decided_at", "desc")
      .execute();
    const declined = rows.map((row) => fromRow(row, now()));
    return declined.find((one) => isSameTarget(one.target, target));
  }

  return {
    async add(request, admit) {
      return db.transaction().execute(async (transaction) => {
        await lock(transaction, "request-confirmation", now());
        await supersede(transaction, request);
        const kept = await keepSame(transaction, request, open(transaction));
        if (kept) return fromRow(kept, now());
        const others = open(transaction).where("requested_by", "=", request.requestedBy.id);
        admit?.((await others.execute()).length, await declinedSince(transaction, request));

        const expiresAt = clock.now().add(lifetimes[request.by]).epochMilliseconds;
        const id = randomBytes(12).toString("base64url");
        const asked = { id, state: "pending", expiresAt, approvals: [] } as const;
        const confirmation: Confirmation = { ...asked, ...request };
        await transaction.insertInto("confirmation").values(toRow(confirmation)).execute();
        return confirmation;
      });
    },

    async find(id) {
      const row = await db
        .selectFrom("confirmation")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row && fromRow(row, now());
    },

    async pending(conversation) {
      const rows = await open()
        .$if(conversation !== undefined, (query) =>
          query.where("conversation", "=", conversation ?? ""),
        )
        .execute();
      return rows.map((row) => fromRow(row, now()));
    },

    async approve(id, seat, by, place) {
      const given = await db
        .updateTable("confirmation")
        .set((eb) => {
          const isLast = eb.or([
            eb("needs", "!=", "two-persons"),
            eb(seat === "requester" ? "approver_at" : "requester_at", "is not", null),
          ]);
          return {
            ...approvalColumns(seat, by, now(), place),
            state: eb.case().when(isLast).then("approved").else("pending").end(),
            decided_by: eb.case().when(isLast).then(by.name).else(null).end(),
            decided_at: eb.case().when(isLast).then(now()).else(null).end(),
            place: placeSeen(eb, place),
          };
        })
        .where("id", "=", id)
        .where("needs", "in", [seat, "two-persons"])
        .where("requested_by", seat === "requester" ? "=" : "!=", by.id)
        .where(seat === "requester" ? "requester_at" : "approver_at", "is", null)
        .where((eb) => isOpenAt(eb, place, now()))
        .returning("state")
        .executeTakeFirst();
      if (!given) return "closed";
      return given.state === "approved" ? "completed" : "counted";
    },

    async decline(id, by, place) {
      const result = await db
        .updateTable("confirmation")
        .set((eb) => ({
          state: "denied",
          decided_by: by.name,
          decided_at: now(),
          place: placeSeen(eb, place),
        }))
        .where("id", "=", id)
        .where((eb) => isOpenAt(eb, place, now()))
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async show(id, place, to = "conversation") {
      const shown = to === "approvers" ? { approvers_place: place } : { place };
      const change = { ...shown, settled: 0 };
      await db.updateTable("confirmation").set(change).where("id", "=", id).execute();
    },

    async shownAt(place) {
      const rows = await db
        .selectFrom("confirmation")
        .selectAll()
        .where((eb) => eb.or([eb("place", "=", place), eb("approvers_place", "=", place)]))
        .orderBy("requested_at")
        .orderBy("id")
        .execute();
      return rows.map((row) => fromRow(row, now()));
    },

    async outdated() {
      const rows = await db
        .selectFrom("confirmation")
        .selectAll()
        .where((eb) => eb.or([eb("place", "is not", null), eb("approvers_place", "is not", null)]))
        .where("settled", "=", 0)
        .where((where) =>
          where.or([where("state", "!=", "pending"), where("expires_at", "<=", now())]),
        )
        .orderBy("requested_at")
        .execute();
      return rows.map((row) => fromRow(row, now()));
    },

    async settle(id) {
      await db.updateTable("confirmation").set({ settled: 1 }).where("id", "=", id).execute();
    },

    async refuse(id) {
      await db.updateTable("confirmation").set({ state: "refused" }).where("id", "=", id).execute();
    },
  };
}
