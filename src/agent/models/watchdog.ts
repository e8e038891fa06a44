import { ModelError } from "#src/agent/model.ts";

/** Aborts an exchange that takes too long, which a stream that falls silent would do for ever. */
export interface Watchdog {
  /** Aborts with the outer signal or when the time is up. */
  readonly signal: AbortSignal;
  /** Set once the time is up. */
  readonly timeout: ModelError | undefined;
  /** A piece of the answer came: from now on it is the silence between pieces that counts. */
  feed(): void;
  stop(): void;
}

interface Times {
  /** Milliseconds until the answer begins or, where it comes in one piece, is complete. */
  readonly answerTime: number;
  /** Milliseconds between two pieces of an answer. */
  readonly idleTime: number;
}

export function startWatchdog(outer: AbortSignal, { answerTime, idleTime }: Times): Watchdog {
  const controller = new AbortController();
  let timeout: ModelError | undefined;
  const bark = (message: string) => () => {
    timeout = new ModelError("timeout", message);
    controller.abort(timeout);
  };
  let timer = setTimeout(bark(`No answer within ${answerTime / 1000} s.`), answerTime);
  let fed = false;

  return {
    signal: AbortSignal.any([outer, controller.signal]),
    get timeout() {
      return timeout;
    },
    feed() {
      if (fed) {
        timer.refresh();
        return;
      }
      fed = true;
      clearTimeout(timer);
      timer = setTimeout(bark(`The answer stopped for ${idleTime / 1000} s.`), idleTime);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
