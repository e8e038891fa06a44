import { TaskCancelledError } from "cockatiel";
import { z } from "zod";

interface FailureDetails {
  /** Of the HTTP answer; undefined when there was none. */
  readonly status?: number | undefined;
  /** Google's word for it, such as `rateLimitExceeded`, or the network's, such as `ECONNRESET`. */
  readonly reason?: string | undefined;
  /** Milliseconds for which Google wants to be left alone. */
  readonly retryAfter?: number | undefined;
}

/**
 * A request that did not succeed, with nothing in it but what a log may hold. The errors of
 * Google's library carry the request, and with it the access token or the signed assertion.
 */
export class GoogleFailure extends Error {
  override readonly name = "GoogleFailure";
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(message: string, { status, reason, retryAfter }: FailureDetails = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

const headers = z.custom<{ get(name: string): string | null }>(
  (value) => typeof (value as { get?: unknown } | null)?.get === "function",
);

/** An error of the library: what it says, and the answer if there was one. */
const libraryError = z.object({
  message: z.string(),
  /** Of the library itself, such as `TimeoutError`. */
  code: z.string().optional().catch(undefined),
  /** Of the connection, which fetch has in the cause of its error. */
  cause: z
    .object({ cause: z.object({ code: z.string() }) })
    .optional()
    .catch(undefined),
  response: z.object({ status: z.number(), headers, data: z.unknown() }).optional(),
});

/** Of the API; the token endpoint has a text in place of the object. */
const errorBody = z.object({
  error: z.union([
    z.string(),
    z.object({
      message: z.string().catch(""),
      errors: z.array(z.object({ reason: z.string() })).catch([]),
    }),
  ]),
});

/** What is left of an error of the library, or of a timeout, when all that is secret is gone. */
export function failureOf(error: unknown): GoogleFailure {
  if (error instanceof GoogleFailure) return error;
  if (error instanceof TaskCancelledError) {
    return new GoogleFailure("no answer in time", { reason: "timeout" });
  }
  const { data: known } = libraryError.safeParse(error);
  if (!known) return new GoogleFailure("an error of a kind that is not known");
  const { response, cause, code } = known;
  if (!response) {
    const reason = cause?.cause.code ?? code;
    return new GoogleFailure(`no answer: ${reason ?? "connection failed"}`, { reason });
  }
  const { status } = response;
  const body = errorBody.safeParse(response.data).data?.error;
  const reason = typeof body === "string" ? body : body?.errors[0]?.reason;
  const message = typeof body === "object" ? body.message.slice(0, 300) : "";
  const retryAfter = millisecondsOf(response.headers.get("retry-after"));
  return new GoogleFailure(`${status} ${reason ?? ""} ${message}`.trim(), {
    status,
    reason,
    retryAfter,
  });
}

/** Google gives seconds; a date, which HTTP allows as well, is taken for a minute. */
function millisecondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : 60_000;
}
