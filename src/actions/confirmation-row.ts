import type { Selectable } from "kysely";
import type { Confirmer } from "#src/policy/policy.ts";
import type { Target } from "#src/policy/target.ts";
import type { ConfirmationTable } from "#src/storage/schema.ts";
import type { Approval, Confirmation, ConfirmationState } from "./confirmation-store.ts";

type Row = Selectable<ConfirmationTable>;

/** The row of a question that nobody has answered yet. */
export function toRow(confirmation: Confirmation): Row {
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
    decided_by: null,
    decided_at: null,
    vmid: target.guest?.vmid ?? null,
    needs: confirmation.by,
    reasons: JSON.stringify(confirmation.reasons),
    requester_at: null,
    requester_place: null,
    approver_id: null,
    approver_name: null,
    approver_at: null,
    approver_place: null,
    place: null,
    approvers_place: null,
    settled: 0,
  };
}

/** Trusts the JSON, which is our own; whoever altered it is found out by the hash. */
export function fromRow(row: Row, now: number): Confirmation {
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
    by: row.needs as Confirmer,
    reasons: JSON.parse(row.reasons) as readonly string[],
    approvals: approvalsIn(row),
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    place: row.place ?? undefined,
    approversPlace: row.approvers_place ?? undefined,
  };
}

/** In the order in which they were given. */
function approvalsIn(row: Row): readonly Approval[] {
  const { requester_at, requester_place, approver_id, approver_name, approver_at } = row;
  const approvals: Approval[] = [];
  if (requester_at !== null) {
    const by = { id: row.requested_by, name: row.requested_by_name };
    approvals.push({
      seat: "requester",
      by,
      at: requester_at,
      place: requester_place ?? undefined,
    });
  }
  if (approver_id !== null && approver_at !== null) {
    const by = { id: approver_id, name: approver_name ?? approver_id };
    const place = row.approver_place ?? undefined;
    approvals.push({ seat: "approver", by, at: approver_at, place });
  }
  return approvals.sort((one, other) => one.at - other.at);
}
