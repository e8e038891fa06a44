import { newErrorId, PublicError, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import type { Outcome, ToolCall } from "./action-report.ts";

type Failure = Extract<Outcome, { kind: "failed" }>;

/** What a person and the model are told of an error; the log gets the rest under an error id. */
export function toFailure(
  error: unknown,
  { tool }: ToolCall,
  signal: AbortSignal,
  log: Logger,
): Failure {
  if (error instanceof PublicError) {
    log.info({ err: error, tool }, "tool call failed");
    return { kind: "failed", message: error.message, upid: upidOf(error) };
  }
  if (signal.aborted) {
    const message = "It was stopped before its end was known; check the guest before repeating it.";
    return { kind: "failed", message };
  }
  const errorId = newErrorId();
  log.error({ err: error, errorId, tool }, "tool call failed unexpectedly");
  return { kind: "failed", message: unexpectedErrorMessage(errorId) };
}

/** The Proxmox task that an error tells of, whatever its class. */
function upidOf(error: PublicError): string | undefined {
  return "upid" in error && typeof error.upid === "string" ? error.upid : undefined;
}
