import type { Target } from "#src/policy/target.ts";
import type { ToolCall } from "./action-executor.ts";

export type ConfirmationState = "pending" | "approved" | "denied" | "refused" | "expired";

/** A change that waits for a person, bound to who asked, to the exact call and to its target. */
export interface Confirmation {
  readonly id: string;
  readonly state: ConfirmationState;
  readonly call: ToolCall;
  readonly target: Target;
  readonly targetHash: string;
  /** The sentence that is approved; written by the tool, never by the model. */
  readonly summary: string;
  readonly conversation: string;
  readonly requestedBy: { readonly id: string; readonly name: string };
  /** Epoch milliseconds, as every time here. */
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly decidedBy?: string | undefined;
  readonly decidedAt?: number | undefined;
}
