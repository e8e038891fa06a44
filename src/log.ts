import { type DestinationStream, type LevelWithSilent, type Logger, pino } from "pino";

export type { Logger };

/** What a credential looks like inside a text, whatever it is the credential of. */
const secretPatterns = [
  /xox[a-z]-[\w-]+/g,
  /xapp-[\w-]+/g,
  /sk-[\w-]{8,}/g,
  /(PVEAPIToken=[^=\s"]+=)[^\s"\\]+/g,
  /(Bearer )[\w.~+/-]+=*/g,
];

/** Replaces everything that looks like a credential, so that the rest may be written down. */
export function maskSecrets(text: string): string {
  return secretPatterns.reduce(
    (masked, pattern) => masked.replace(pattern, (_, kept) => `${kept ?? ""}[secret]`),
    text,
  );
}

interface LogOptions {
  readonly level: LevelWithSilent;
  /** Where the lines go; standard error when omitted, because standard output is the answer's. */
  readonly destination?: DestinationStream;
}

/**
 * The log: JSON lines on standard error.
 *
 * pino's own redaction knows paths of listed depth and never message text, so every finished line
 * passes {@link maskSecrets} as well.
 */
export function createLogger({ level, destination = pino.destination(2) }: LogOptions): Logger {
  return pino(
    {
      level,
      redact: ["secret", "token", "apiKey", "authorization", "*.secret", "*.token", "*.apiKey"],
      hooks: { streamWrite: maskSecrets },
    },
    destination,
  );
}

/** A log that keeps nothing. */
export const silentLogger: Logger = pino({ level: "silent" });
