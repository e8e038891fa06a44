import { type DestinationStream, type LevelWithSilent, type Logger, pino } from "pino";
import { PublicError } from "./errors.ts";
import { createRedactor, type Redact, redacted } from "./redaction.ts";

export type { Logger };

/**
 * What may be a credential, mostly by what stands beside it. Quotes may be escaped, because a log
 * line can hold JSON within JSON.
 */
const suspicions: readonly RegExp[] = [
  /\bsk-[\w-]{8,}/g,
  /\b(?:xox[a-z]|xapp)-[\w-]{4,}/g,
  /(?<=\b(?:Bearer|Basic) )[\w.~+/-]{6,}=*/gi,
  // https://TOKEN@HOST
  /(?<=\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#"\\@]+(?=@)/gi,
  // token_secret=… in a query, PVEAuthCookie=… in a header.
  /(?<=(?:secret|password|passwd|api[_-]?key|(?<!PVEAPI)token|ticket|cookie)=)[^\s&;"\\]+/gi,
  // "tokenSecret":"…" at any depth.
  /(?<=(?:secret|password|passwd|api[_-]?key|token|authorization|cookie)\\*"\s*:\s*\[?\\*")(?:[^"\\]|\\.)+/gi,
];

/**
 * Replaces everything that may be a credential, so that the rest may be written down where nobody
 * misses a word too many; elsewhere {@link createRedactor} is enough.
 *
 * @param secrets what is known to be secret, however it looks.
 */
export function maskSecrets(text: string, secrets: readonly string[] = []): string {
  return createMask(secrets)(text);
}

function createMask(secrets: readonly string[]): Redact {
  const redact = createRedactor(secrets);
  const known = secrets.flatMap(spellings);
  return (text) => {
    const withoutKnown = known.reduce(mask, redact(text));
    return suspicions.reduce(mask, withoutKnown);
  };
}

function mask(text: string, what: RegExp | string): string {
  return text.replaceAll(what, redacted);
}

/** A text as it is, as JSON holds it, and as a URL does. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
}

interface LogOptions {
  readonly level: LevelWithSilent;
  /** The secrets of the configuration; no line shows them, wherever they come from. */
  readonly secrets?: readonly string[];
  /** Where the lines go; standard error when omitted, because standard output is the answer's. */
  readonly destination?: DestinationStream;
}

/**
 * The log: JSON lines on standard error.
 *
 * pino's own redaction knows paths of listed depth and never message text, so every finished line
 * passes what {@link maskSecrets} does instead.
 */
export function createLogger({ level, secrets = [], destination }: LogOptions): Logger {
  return pino(
    {
      level,
      serializers: { error: pino.stdSerializers.err },
      hooks: { streamWrite: createMask(secrets) },
    },
    // At once, because the last line before a crash is the one that is wanted.
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/**
 * The end of a file as the place for a log; its folder is made if need be.
 *
 * @throws PublicError when it cannot be written.
 */
export function logFile(path: string): DestinationStream {
  try {
    return pino.destination({ dest: path, mkdir: true, mode: 0o600, sync: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new PublicError(`The log file ${path} cannot be written (${message}).`, { cause });
  }
}

/** A log that keeps nothing. */
export const silentLogger: Logger = pino({ level: "silent" });
