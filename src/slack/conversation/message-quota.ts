import type { Clock } from "#src/clock.ts";

/** Messages of one person that are answered within a minute, unless the policy says otherwise. */
export const defaultMessagesPerMinute = 30;

const minute = 60_000;

/** Why a message is not answered; without a sentence where the person was told already. */
export interface QuotaRefusal {
  readonly sentence?: string | undefined;
}

/** Keeps one person from using up the model, the cluster and Slack's own limits. */
export interface MessageQuota {
  /** Counts a message; undefined where it may be answered. */
  take(user: string): QuotaRefusal | undefined;
}

interface Usage {
  /** When those messages came that were answered within the last minute. */
  readonly at: readonly number[];
  readonly told: boolean;
}

/** @param most as it is now: a policy may be read anew. */
export function createMessageQuota(most: () => number, clock: Clock): MessageQuota {
  const usages = new Map<string, Usage>();

  return {
    take(user) {
      const now = clock.now().epochMilliseconds;
      const { at = [], told = false } = usages.get(user) ?? {};
      const recent = at.filter((time) => time > now - minute);
      const limit = most();
      const oldest = recent.at(-limit);
      if (oldest === undefined) {
        usages.set(user, { at: [...recent, now], told: false });
        return undefined;
      }
      usages.set(user, { at: recent, told: true });
      if (told) return {};
      const seconds = Math.ceil((oldest + minute - now) / 1000);
      return {
        sentence: `I answer ${limit} messages of one person within a minute. Please try again in ${seconds} seconds; until then I leave out what you write.`,
      };
    },
  };
}
