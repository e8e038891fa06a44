import { newErrorId, PublicError, unexpectedErrorMessage } from "#src/errors.ts";
import { createLogger } from "#src/log.ts";

/** Says on standard error why the program ends: one sentence, and for what was not foreseen a log line. */
export function sayWhyItEnds(
  error: unknown,
  stderr: Pick<NodeJS.WritableStream, "write"> = process.stderr,
): void {
  const print = (text: string) => void stderr.write(text);
  if (error instanceof PublicError) {
    print(`${error.message}\n`);
    return;
  }
  const errorId = newErrorId();
  print(`${unexpectedErrorMessage(errorId)}\n`);
  // By way of the process's own output, which shows no secret of its configuration.
  const log = createLogger({ level: "fatal", destination: { write: print } });
  log.fatal({ err: error, errorId }, "ends unexpectedly");
}
