import type { Finding } from "./finding.ts";

/** Seconds that two clocks may differ: a server's date is cut to whole seconds. */
const noticeableSkew = 10;
const tooMuchSkew = 60;

interface Skew {
  readonly about: string;
  /** `Google's`, as it begins the sentence. */
  readonly whose: string;
  /** By how many seconds that clock is ahead of this machine's. */
  readonly seconds: number;
  /** What goes wrong because of it, as the end of the sentence. */
  readonly effect: string;
}

/** What a difference between two clocks means; undefined where it is none to speak of. */
export function judgeSkew({ about, whose, seconds, effect }: Skew): Finding | undefined {
  const size = Math.abs(seconds);
  if (size <= noticeableSkew) return undefined;
  const direction = seconds > 0 ? "ahead of" : "behind";
  return {
    about,
    level: size > tooMuchSkew ? "failure" : "warning",
    message: `${whose} clock is ${size} s ${direction} this machine's: ${effect}.`,
    fix: ["# on whichever of the two is wrong:", "timedatectl set-ntp true"],
  };
}
