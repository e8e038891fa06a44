import type { Decision } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Target } from "#src/policy/target.ts";
import type { Confirmation } from "./confirmation-store.ts";
import type { Tool, ToolContext } from "./tool.ts";

export interface ToolCall {
  readonly tool: string;
  readonly input: unknown;
}

export type Outcome =
  | { readonly kind: "done"; readonly output: unknown; readonly upid?: string | undefined }
  | { readonly kind: "unchanged"; readonly message: string }
  | { readonly kind: "awaiting-confirmation"; readonly confirmation: Confirmation }
  | { readonly kind: "denied"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string; readonly upid?: string | undefined };

/** What became of one call, from the first decision to the end. */
export interface ActionReport {
  readonly call: ToolCall;
  /** `error` when the call could not be planned, so that there was nothing to decide. */
  readonly decision: Decision["kind"] | "error";
  /** Known whenever the guest was, also where the call was refused. */
  readonly target?: Target | undefined;
  readonly outcome: Outcome;
}

/** What the front end and the conversation add to a call. */
export interface SubmitContext extends ToolContext {
  /** The conversation that the call comes from; its confirmations belong there. */
  readonly conversation: string;
  /** Hash of the prompt that the model was given. */
  readonly promptVersion?: string | undefined;
}

/** A call that was planned and decided, and of which nothing was carried out yet. */
export interface PreparedAction {
  readonly effect: Tool["effect"];
  /** Goes on as decided: refuses, asks for confirmation, or acts. Call it once. */
  carryOut(): Promise<ActionReport>;
}

/**
 * The only door to the cluster: plan, policy, confirmation, audit, apply, in that order.
 *
 * The agent, the scheduler and the API all come through here, so no caller can skip a step.
 * Refusals and failures are values; nothing here rejects, except when the audit log cannot be
 * written, and then nothing was done.
 */
export interface ActionExecutor {
  readonly tools: readonly Tool[];
  /** Plans and decides without changing anything, so that a turn's calls are all judged first. */
  prepare(call: ToolCall, context: SubmitContext): Promise<PreparedAction>;
  /** {@link prepare} and carry out in one go. */
  submit(call: ToolCall, context: SubmitContext): Promise<ActionReport>;
  /** Carries out what was left awaiting confirmation, if it still means the same. */
  approve(id: string, approver: Principal, context: SubmitContext): Promise<ActionReport>;
  /** Turns down what was left awaiting confirmation. */
  decline(id: string, approver: Principal): Promise<ActionReport>;
}
