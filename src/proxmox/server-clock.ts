import type { Clock } from "#src/clock.ts";

/** Who waited longer than this for an answer cannot tell when it was written; milliseconds. */
const longestAnswer = 10_000;

/** The cluster's clock, as far as the dates of its answers tell. */
export interface ServerClock {
  /** Takes the Date header of an answer; called when the request leaves, it notes when that was. */
  request(): (date: string | string[] | undefined) => void;
  /** The cluster's clock minus ours, in milliseconds; nothing before the first answer. */
  offset(): number | undefined;
  /** Epoch seconds by the cluster's clock, by our own before the first answer. */
  seconds(): number;
}

/** Nothing is known of the cluster's clock yet. */
export function createServerClock(clock: Clock): ServerClock {
  const now = () => clock.now().epochMilliseconds;
  let offset: number | undefined;
  return {
    request() {
      const sentAt = now();
      return (date) => {
        const written = typeof date === "string" ? Date.parse(date) : Number.NaN;
        const isPrompt = Math.abs(now() - sentAt) <= longestAnswer;
        if (!Number.isNaN(written) && isPrompt) offset = written - now();
      };
    },
    offset: () => offset,
    seconds: () => Math.floor((now() + (offset ?? 0)) / 1000),
  };
}
