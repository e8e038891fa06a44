import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { z } from "zod";
import { ModelError, type ModelErrorKind } from "#src/agent/model.ts";
import { maskSecrets } from "#src/log.ts";

const maxDetailLength = 300;

/** What the caller knows of the attempt that failed. */
interface Attempt {
  /** Whoever asked no longer wants the answer. */
  readonly aborted: boolean;
  readonly requests: number;
  readonly apiKey: string | undefined;
}

/**
 * What went wrong, in one of the port's kinds. The message may quote the server, never the key;
 * a server's reply is not kept as the cause, because it may repeat the key.
 */
export function toModelError(error: unknown, attempt: Attempt): ModelError {
  const { requests, apiKey } = attempt;
  const fail = (kind: ModelErrorKind, message: string, details: object = {}) =>
    new ModelError(kind, withoutSecrets(message, apiKey), { requests, ...details });

  if (attempt.aborted || error instanceof APIUserAbortError) {
    return fail("aborted", "The request was aborted.");
  }
  if (error instanceof ModelError) return fail(error.kind, error.message, { cause: error.cause });
  if (error instanceof APIConnectionTimeoutError) {
    return fail("timeout", "The connection timed out.", { cause: error });
  }
  if (error instanceof APIConnectionError || isTransportError(error)) {
    return fail("connection", `The connection failed: ${rootMessage(error)}`, { cause: error });
  }
  if (error instanceof APIError) {
    const { status, message } = error;
    const retryAfter = retryAfterOf(error);
    return fail(classify(error), `The server refused: ${message}`, { status, retryAfter });
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return fail("invalid-response", "The answer is not of the shape that was agreed.", {
      cause: error,
    });
  }
  return fail("invalid-response", "The answer could not be read.", { cause: error });
}

/** A server's own words for a failure, from an error reply or from within a stream. */
interface Refusal {
  readonly status?: number | undefined;
  readonly code?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly message: string;
}

/** The kind of failure that a server reports. */
export function classify({ status, code, type, message }: Refusal): ModelErrorKind {
  const words = `${code} ${type} ${message}`;
  if (/insufficient_quota|billing_hard_limit|credit balance/i.test(words) || status === 402) {
    return "quota";
  }
  if (status === 401 || status === 403 || /invalid_api_key/.test(words)) return "auth";
  if (status === 429 || /rate_limit/.test(words)) return "rate-limit";
  if (
    /context_length_exceeded|(maximum|available|exceeds?)\b.{0,60}\bcontext|context (length|window|size)|prompt is too long/i.test(
      words,
    )
  ) {
    return "context-length";
  }
  if (status === 408) return "timeout";
  // Conflicts and failures inside a stream, which carry no status, are the server's own.
  if (status === undefined || status === 409 || status >= 500) return "server";
  return "bad-request";
}

/** Milliseconds, from `Retry-After-Ms` or `Retry-After` in seconds; a date is not understood. */
function retryAfterOf({ headers }: APIError): number | undefined {
  const milliseconds = Number(headers?.get("retry-after-ms") || Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const seconds = Number(headers?.get("retry-after") || Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}

/** A connection that broke while the answer came: fetch reports it as a TypeError with a cause. */
function isTransportError(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error;
}

function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootMessage(error.cause);
}

function withoutSecrets(message: string, apiKey: string | undefined): string {
  return maskSecrets(message, apiKey ? [apiKey] : []).slice(0, maxDetailLength);
}
