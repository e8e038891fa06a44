import type { ExpressionBuilder, Selectable, SelectQueryBuilder } from "kysely";
import type { Principal } from "#src/policy/principal.ts";
import { guestsIn, type Target } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { ConfirmationTable, Tables } from "#src/storage/schema.ts";
import type { ConfirmationRequest, Seat } from "./confirmation-store.ts";

type ConfirmationColumns = ExpressionBuilder<Tables, "confirmation">;

/** The condition of every answer, so that one statement judges and records it. */
export function isOpenAt(eb: ConfirmationColumns, place: string | undefined, now: number) {
  const shownNowhere = eb.and([eb("place", "is", null), eb("approvers_place", "is", null)]);
  return eb.and([
    eb("state", "=", "pending"),
    eb("expires_at", ">", now),
    eb.or([shownNowhere, eb("place", "=", place ?? ""), eb("approvers_place", "=", place ?? "")]),
  ]);
}

/** An answer from a card says where the card is, should nobody have come to write it down. */
export function placeSeen(eb: ConfirmationColumns, place: string | undefined) {
  return eb
    .case()
    .when("approvers_place", "is", null)
    .then(eb.fn.coalesce("place", eb.val(place ?? null)))
    .else(eb.ref("place"))
    .end();
}

/** What says that the seat is taken. */
export function approvalColumns(
  seat: Seat,
  by: Pick<Principal, "id" | "name">,
  at: number,
  place: string | undefined,
) {
  if (seat === "requester") return { requester_at: at, requester_place: place ?? null };
  const who = { approver_id: by.id, approver_name: by.name };
  return { ...who, approver_at: at, approver_place: place ?? null };
}

/** Of two open questions about one guest, only the newer one is what the person means. */
export async function supersede(db: Database, request: ConfirmationRequest): Promise<void> {
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

/**
 * The open question that the request is one with. Those that give way to it are superseded: they
 * are asked elsewhere of the requester alone, or of other people than the policy wants by now, or
 * they call a guest by a name that it has no more.
 */
export async function keepSame(
  db: Database,
  { hash, by, conversation, target }: ConfirmationRequest,
  open: SelectQueryBuilder<Tables, "confirmation", Selectable<ConfirmationTable>>,
): Promise<Selectable<ConfirmationTable> | undefined> {
  const same = await open.where("hash", "=", hash).execute();
  const isKept = (row: Selectable<ConfirmationTable>) =>
    row.needs === by &&
    (row.conversation === conversation || by !== "requester") &&
    namesIn(JSON.parse(row.target) as Target) === namesIn(target);
  const outdated = same.filter((row) => !isKept(row)).map(({ id }) => id);
  if (outdated.length > 0) {
    await db
      .updateTable("confirmation")
      .set({ state: "superseded" })
      .where("id", "in", outdated)
      .where("state", "=", "pending")
      .execute();
  }
  return same.find(isKept);
}

function namesIn(target: Target): string {
  return JSON.stringify(guestsIn(target).map(({ name }) => name));
}
