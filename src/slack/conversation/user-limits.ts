import type { Clock } from "#src/clock.ts";

/** What one person may ask for. */
export interface UserLimits {
  /** Characters of one message. */
  readonly messageLength: number;
  readonly messagesPerMinute: number;
  /** Runs at the same time, over all threads. */
  readonly runs: number;
}

export const defaultUserLimits: UserLimits = {
  messageLength: 4_000,
  messagesPerMinute: 60,
  runs: 8,
};

/** Keeps one person from using up what is there for all. */
export interface UserQuota {
  /** Calls `run`, or returns the sentence that says why it may not be now. */
  enter(user: string, run: () => Promise<void>): Promise<string | undefined>;
}

export function createUserQuota(limits: UserLimits, clock: Clock): UserQuota {
  const usage = new Map<string, { running: number; askedAt: readonly number[] }>();

  function take(user: string) {
    const now = clock.now().epochMilliseconds;
    const { running = 0, askedAt = [] } = usage.get(user) ?? {};
    const recent = askedAt.filter((at) => at > now - 60_000);
    if (recent.length >= limits.messagesPerMinute) {
      return `That was more than ${limits.messagesPerMinute} messages within a minute; please try again in a moment.`;
    }
    if (running >= limits.runs) {
      return `I am still working on ${running} requests of yours; please try again when one has ended.`;
    }
    usage.set(user, { running: running + 1, askedAt: [...recent, now] });
    return undefined;
  }

  return {
    async enter(user, run) {
      const refusal = take(user);
      if (refusal) return refusal;
      try {
        await run();
        return undefined;
      } finally {
        const used = usage.get(user);
        if (used) used.running -= 1;
      }
    },
  };
}
