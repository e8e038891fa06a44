import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import type { Clock } from "#src/clock.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Target } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import { lock } from "#src/storage/lock.ts";
import type { ConfirmationTable } from "#src/storage/schema.ts";
import type { ToolCall } from "./action-report.ts";

/**
 * `approved` and `denied` are a person's answers; `refused` was approved and found to mean
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

/** A change that waits for a person, bound to who asked, to the exact call and to its target. */
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
  readonly decidedBy?: string | undefined;
  readonly decidedAt?: number | undefined;
  /** Where the question is shown, in the front end's terms, once it is; answers must come from there. */
  readonly place?: string | undefined;
}

export type ConfirmationRequest = Pick<
  Confirmation,
  "call" | "target" | "hash" | "summary" | "conversation" | "requestedBy" | "requestedAt"
>;

export interface ConfirmationStore {
  /** Keeps a request until it is answered or expires; the same request, still open, is kept once. */
  add(request: ConfirmationRequest): Promise<Confirmation>;
  find(id: string): Promise<Confirmation | undefined>;
  /** The open ones, oldest first, of one conversation or of all. */
  pending(conversation?: string): Promise<readonly Confirmation[]>;
  /**
   * Records a person's answer. False when it is not open any more: of any number of answers, on
   * any number of processes, exactly one gets true. A question that is shown somewhere takes an
   * answer from there only.
   */
  answer(
    id: string,
    answer: "approved" | "denied",
    by: Principal,
    place: string | undefined,
  ): Promise<boolean>;
  /** Says where the question is shown. */
  show(id: string, place: string): Promise<void>;
  /** Those that are still shown as open and are not any more, oldest first. */
  outdated(): Promise<readonly Confirmation[]>;
  /** Says that it is no longer shown as open. */
  settle(id: string): Promise<void>;
  /** Says that what was approved could not be carried out as approved. */
  refuse(id: string): Promise<void>;
}

/** Whether an answer given at `place` can count: what is shown somewhere is answered there only. */
export function takesAnswerFrom(
  { place: shownAt }: Pick<Confirmation, "place">,
  place: string | undefined,
): boolean {
  return shownAt === undefined || shownAt === place;
}

/** How long a question stays open. */
const confirmationLifetime = { minutes: 5 } as const;

export function createConfirmationStore(db: Database, clock: Clock): ConfirmationStore {
  const now = () => clock.now().epochMilliseconds;

  const open = (on: Database = db) =>
    on
      .selectFrom("confirmation")
      .selectAll()
      .where("state", "=", "pending")
      .where("expires_at", ">", now())
      .orderBy("requested_at");

  return {
    async add(request) {
      return db.transaction().execute(async (transaction) => {
        await lock(transaction, "request-confirmation", now());
        await supersede(transaction, request);
        const same = await open(transaction)
          .where("hash", "=", request.hash)
          .where("conversation", "=", request.conversation)
          .executeTakeFirst();
        if (same) return fromRow(same, now());

        const expiresAt = clock.now().add(confirmationLifetime).epochMilliseconds;
        const id = randomBytes(12).toString("base64url");
        const confirmation: Confirmation = { id, state: "pending", expiresAt, ...request };
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

    async answer(id, answer, by, place) {
      const result = await db
        .updateTable("confirmation")
        // An answer from a card says where the card is, should nobody have come to write it down.
        .set((eb) => ({
          state: answer,
          decided_by: by.name,
          decided_at: now(),
          place: eb.fn.coalesce("place", eb.val(place ?? null)),
        }))
        .where("id", "=", id)
        .where("state", "=", "pending")
        .where("expires_at", ">", now())
        .where((where) => where.or([where("place", "is", null), where("place", "=", place ?? "")]))
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async show(id, place) {
      await db.updateTable("confirmation").set({ place }).where("id", "=", id).execute();
    },

    async outdated() {
      const rows = await db
        .selectFrom("confirmation")
        .selectAll()
        .where("place", "is not", null)
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

/** Of two open questions about one guest, only the newer one is what the person means. */
async function supersede(db: Database, request: ConfirmationRequest): Promise<void> {
  const { call, target, hash, conversation, requestedBy } = request;
  await db
    .updateTable("confirmation")
    .set({ state: "superseded" })
    .where("state", "=", "pending")
    .where("conversation", "=", conversation)
    .where("requested_by", "=", requestedBy.id)
    .where("tool", "=", call.tool)
    .where("vmid", "=", target.guest?.vmid ?? null)
    .where("hash", "!=", hash)
    .execute();
}

function toRow(confirmation: Confirmation): Selectable<ConfirmationTable> {
  const { id, state, call, target, hash, summary, conversation, requestedBy } = confirmation;
  return {
    id,
    state,
    tool: call.tool,
    input: JSON.stringify(call.input),
    target: JSON.stringify(target),
    hash,
    summary,
    conversation,
    requested_by: requestedBy.id,
    requested_by_name: requestedBy.name,
    requested_at: confirmation.requestedAt,
    expires_at: confirmation.expiresAt,
    decided_by: confirmation.decidedBy ?? null,
    decided_at: confirmation.decidedAt ?? null,
    vmid: target.guest?.vmid ?? null,
    place: confirmation.place ?? null,
    settled: 0,
  };
}

/** Trusts the JSON, which is our own; whoever altered it is found out by the hash. */
function fromRow(row: Selectable<ConfirmationTable>, now: number): Confirmation {
  const expired = row.state === "pending" && row.expires_at <= now;
  return {
    id: row.id,
    state: expired ? "expired" : (row.state as ConfirmationState),
    call: { tool: row.tool, input: JSON.parse(row.input) },
    target: JSON.parse(row.target) as Target,
    hash: row.hash,
    summary: row.summary,
    conversation: row.conversation,
    requestedBy: { id: row.requested_by, name: row.requested_by_name },
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    place: row.place ?? undefined,
  };
}
