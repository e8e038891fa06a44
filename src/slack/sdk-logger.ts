import { LogLevel, type Logger as SdkLogger } from "@slack/bolt";
import type { Logger } from "#src/log.ts";

/**
 * Where Slack's packages may complain. What they say below a warning is dropped: it holds whole
 * payloads, and with them what people wrote.
 */
export function createSdkLogger(log: Logger): SdkLogger {
  const warn = (...words: unknown[]) =>
    log.warn({ said: words.map(describe).join(" ") }, "a slack package complains");
  return {
    debug: () => {},
    info: () => {},
    warn,
    error: warn,
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}

function describe(word: unknown): string {
  return word instanceof Error ? word.message : String(word);
}
