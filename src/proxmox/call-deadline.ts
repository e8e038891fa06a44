/** A call that took longer than any that Proxmox answers, though bytes may still have come. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly code = "CALL_DEADLINE";
}

/** The end that a call has at the latest. */
export interface CallDeadline {
  /** Aborts with a {@link DeadlineError} when the time is up, or as the outer signal does. */
  readonly signal: AbortSignal;
  /** To be called when the call has ended. */
  clear(): void;
}

export function startDeadline(milliseconds: number, outer?: AbortSignal): CallDeadline {
  const controller = new AbortController();
  const stop = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    controller.abort(new DeadlineError(`No whole answer within ${milliseconds} ms.`));
  }, milliseconds);
  // Linked by hand: AbortSignal.any leaves its traces in an outer signal that lives long.
  outer?.addEventListener("abort", stop, { once: true });
  if (outer?.aborted) stop();
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    },
  };
}
