import type { Decision } from "#src/policy/policy.ts";
import type { Target } from "#src/policy/target.ts";
import type { Confirmation } from "./confirmation-store.ts";

export interface ToolCall {
  readonly tool: string;
  readonly input: unknown;
}

/** How a call ended, or what it waits for. Messages are for people and for the model. */
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
  /** The plan's sentence; absent when there was no plan. */
  readonly summary?: string | undefined;
  readonly outcome: Outcome;
}

/** What came of a person's answer to a confirmation. */
export type AnswerResult =
  /** It counted; the report says what followed. */
  | { readonly accepted: true; readonly report: ActionReport }
  /** It did not count, and the confirmation is as it was before. */
  | { readonly accepted: false; readonly reason: string };
