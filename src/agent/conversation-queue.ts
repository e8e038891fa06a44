/** Lets what belongs to one conversation happen one after another, conversations side by side. */
export interface ConversationQueue {
  /**
   * Runs `task` when everything queued for the conversation before it has ended.
   *
   * @throws the signal's reason when it aborts before the task's turn has come.
   */
  enter<T>(conversation: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function createConversationQueue(): ConversationQueue {
  const tails = new Map<string, Promise<void>>();

  return {
    async enter(conversation, task, signal) {
      const before = tails.get(conversation);
      const ended = Promise.withResolvers<void>();
      const tail = before ? before.then(() => ended.promise) : ended.promise;
      tails.set(conversation, tail);
      void tail.then(() => tails.get(conversation) === tail && tails.delete(conversation));
      try {
        if (before) await until(before, signal);
        return await task();
      } finally {
        ended.resolve();
      }
    },
  };
}

async function until(turn: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (!signal) return turn;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
