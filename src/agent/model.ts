import type { Temporal } from "temporal-polyfill";
import type { Principal } from "#src/policy/principal.ts";

/** One entry of a session's history; append-only, in the order in which things were said. */
export type Item =
  | {
      readonly type: "user";
      readonly text: string;
      /** Who said it: the id of a principal; absent in what was written down before that was noted. */
      readonly by?: string | undefined;
    }
  | { readonly type: "assistant"; readonly text: string }
  | {
      readonly type: "tool-call";
      readonly callId: string;
      readonly name: string;
      /** The arguments as the model wrote them: JSON, one hopes. */
      readonly argumentsJson: string;
    }
  | { readonly type: "tool-result"; readonly callId: string; readonly output: string }
  /** What a reasoning model wants back unread; only the API that made it gets it. */
  | { readonly type: "reasoning"; readonly api: string; readonly payload: unknown }
  /** Something that happened outside the turn, such as a confirmation that was approved. */
  | { readonly type: "event"; readonly text: string };

export type ToolCallItem = Extract<Item, { type: "tool-call" }>;

/** A tool as the model is told of it. */
export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One guest in the few words that every request carries. */
export interface GuestLine {
  readonly vmid: number;
  readonly kind: "ct" | "vm";
  readonly name?: string | undefined;
  readonly node: string;
  readonly status: string;
  readonly tags: readonly string[];
  readonly owner?: string | undefined;
}

/** What the model should know of the moment; rebuilt for each run and never stored. */
export interface RunContext {
  readonly now: Temporal.Instant;
  readonly principal: Principal;
  /** Absent when the inventory could not be read or is too large to carry along. */
  readonly guests?: readonly GuestLine[] | undefined;
  /** Why `guests` is absent, or what is missing from it. */
  readonly inventoryNote?: string | undefined;
}

export interface ModelRequest {
  readonly instructions: string;
  readonly items: readonly Item[];
  readonly context: RunContext;
  readonly tools: readonly ToolDescription[];
  /** `none` on the last turn: the model has to answer. */
  readonly toolChoice: "auto" | "none";
  readonly signal: AbortSignal;
  /** Told each piece of the answer as it comes. */
  onText?(delta: string): void;
}

export interface Usage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** The server did not count, so we did, roughly. */
  readonly estimated: boolean;
}

export interface ModelResponse {
  /** Assistant, tool-call and reasoning items, in order. */
  readonly items: readonly Item[];
  readonly finish: "stop" | "tool-calls" | "length" | "refusal";
  readonly usage: Usage;
  /** Which model answered; another than the one asked when it fell back. */
  readonly model: string;
  /** Requests that this answer took, failed attempts included. */
  readonly requests: number;
  /** Set when another model than the configured one answered; a sentence for the person. */
  readonly fallbackNotice?: string | undefined;
}

/** A language model, or what stands in for one. */
export interface Model {
  readonly id: string;
  /** @throws ModelError and nothing else. */
  respond(request: ModelRequest): Promise<ModelResponse>;
}

export type ModelErrorKind =
  | "timeout"
  | "connection"
  | "rate-limit"
  | "auth"
  | "quota"
  | "bad-request"
  | "context-length"
  | "invalid-response"
  | "server"
  | "aborted";

interface ModelErrorDetails extends ErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfter?: number | undefined;
  readonly requests?: number;
}

/** A model that gave no usable answer. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;
  /** From the server's `Retry-After`, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** Requests that were made before it gave up. */
  readonly requests: number;

  constructor(kind: ModelErrorKind, message: string, details: ModelErrorDetails = {}) {
    super(message, details);
    this.kind = kind;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
    this.requests = details.requests ?? 0;
  }
}
