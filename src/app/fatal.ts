import { newErrorId, PublicError, unexpectedErrorMessage } from "#src/errors.ts";
import { createLogger } from "#src/log.ts";

/** Says on standard error why the program ends: one sentence, and for what was not foreseen a log line. */
export function sayWhyItEnds(error: unknown): void {
  if (error instanceof PublicError) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  const errorId = newErrorId();
  process.stderr.write(`${unexpectedErrorMessage(errorId)}\n`);
  // By way of the process's own output, which shows no secret of its configuration.
  const log = createLogger({ level: "fatal", destination: process.stderr });
  log.fatal({ err: error, errorId }, "ends unexpectedly");
}
