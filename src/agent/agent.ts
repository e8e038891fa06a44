import type { ActionReport } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Usage } from "./model.ts";

export interface RunRequest {
  /** The conversation whose history goes along; runs of one conversation go one after another. */
  readonly conversation: string;
  readonly text: string;
  readonly principal: Principal;
  readonly signal: AbortSignal;
  /** Told what happens while it happens. Must not throw. */
  onEvent?(event: RunEvent): void;
}

export type RunEvent =
  | { readonly type: "text"; readonly delta: string }
  /** The text so far was not the answer: tool calls followed it. */
  | { readonly type: "turn-ended" }
  | { readonly type: "progress"; readonly tool: string; readonly message: string }
  | { readonly type: "action"; readonly report: ActionReport };

export interface RunResult {
  readonly status: "completed" | "limit" | "deadline" | "aborted" | "failed";
  /** The model's words, then what code knows to be true of the outcome. */
  readonly reply: string;
  readonly calls: readonly ActionReport[];
  readonly confirmations: readonly Confirmation[];
  /** The model that answered last. */
  readonly model: string;
  readonly modelCalls: number;
  readonly usage: Usage;
}

/** Turns a person's words into tool calls and an answer. */
export interface Agent {
  /** Never rejects for what a model or a tool did; the result says how it ended. */
  run(request: RunRequest): Promise<RunResult>;
  /** Tells the conversation what happened outside a run, such as an approved confirmation. */
  note(conversation: string, text: string): Promise<void>;
}
