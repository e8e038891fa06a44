import type { Temporal } from "temporal-polyfill";
import type { Outcome } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Target } from "#src/policy/target.ts";
import type { AnsweredCall, Exchange } from "./exchange.ts";
import type { TerminalNotice } from "./notices.ts";

interface Line {
  readonly input: string;
  readonly user: string;
  readonly now: Temporal.Instant;
  /** Milliseconds from the input to the last outcome. */
  readonly ms: number;
}

/**
 * One exchange as one JSON object for programs: the contract of `npm run chat -- --json`.
 *
 * @param confirmations the exchange's confirmations as they are after it
 */
export function toJsonRecord(
  { input, user, now, ms }: Line,
  { result, calls, reply }: Exchange,
  confirmations: readonly Confirmation[],
) {
  return {
    input,
    user,
    now: now.toString(),
    calls: calls.map(toCall),
    confirmations: confirmations.map(toConfirmation),
    reply,
    model: result.model,
    modelCalls: result.modelCalls,
    usage: result.usage,
    ms,
  };
}

/** A notice as one JSON object for programs; `to` is `channel` or `user:ID`. */
export function toNoticeRecord({ recipient, message, about, createdAt }: TerminalNotice) {
  const at = new Date(createdAt).toISOString();
  return { type: "notice", to: recipient, message, at, ...(about && { about }) };
}

function toCall({ call, decision, target, outcome, confirmation }: AnsweredCall) {
  return {
    tool: call.tool,
    args: call.input,
    decision,
    ...(target?.guest && { target: toTarget(target) }),
    outcome: { ...toOutcome(outcome), ...(confirmation && { confirmationId: confirmation.id }) },
  };
}

function toOutcome(outcome: Outcome) {
  const { kind } = outcome;
  const message = "message" in outcome ? { message: outcome.message } : {};
  const upid = "upid" in outcome && outcome.upid ? { upid: outcome.upid } : {};
  return { kind, ...message, ...upid };
}

function toTarget({ guest, at, deletion }: Target) {
  const when = at ?? deletion?.dueAt;
  return (
    guest && {
      vmid: guest.vmid,
      kind: guest.kind,
      name: guest.name,
      node: guest.node,
      ...(when && { at: when }),
    }
  );
}

function toConfirmation(confirmation: Confirmation) {
  const { id, call, target, summary, state, by, approvals } = confirmation;
  const expiresAt = new Date(confirmation.expiresAt).toISOString();
  return {
    id,
    tool: call.tool,
    target: toTarget(target),
    summary,
    state,
    expiresAt,
    ...(by !== "requester" && { by, approvedBy: approvals.map((given) => given.by.id) }),
  };
}
