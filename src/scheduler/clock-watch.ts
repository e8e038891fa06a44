import type { Clock } from "#src/clock.ts";

/** Says whether the time that the machine tells can be acted upon. */
export interface ClockWatch {
  /**
   * Why it cannot, as a sentence for a person; undefined when it can. To be called with every tick:
   * a clock that is put forward or back, or a machine that slept, is noticed by what happened
   * since the last call, and stays in doubt until {@link settled}.
   */
  doubt(): string | undefined;
  /** Everything that was read before is read anew by now, so the present time counts. */
  settled(): void;
}

interface Options {
  readonly clock: Clock;
  /** Milliseconds that no setting of the clock changes; the process's own when omitted. */
  readonly monotonic?: (() => number) | undefined;
  /** How far servers' clocks are ahead of ours in milliseconds, where they are known. */
  readonly offsets: readonly (() => number | undefined)[];
}

/** How far apart two clocks that are well may be, in milliseconds; also that a header knows seconds only. */
const skewAllowed = 60_000;
/** By how much the clock may be corrected between two looks, in milliseconds. */
const jumpAllowed = 120_000;

export function createClockWatch(options: Options): ClockWatch {
  const { clock, monotonic = () => performance.now(), offsets } = options;
  // By how much the wall clock is ahead of the one that nobody sets.
  const lead = () => clock.now().epochMilliseconds - monotonic();
  let seen = lead();
  let jump: string | undefined;

  return {
    doubt() {
      const present = lead();
      jump = describeJump(present - seen) ?? jump;
      seen = present;
      return describeSkew(offsets) ?? jump;
    },
    settled() {
      jump = undefined;
    },
  };
}

function describeSkew(offsets: Options["offsets"]): string | undefined {
  const known = offsets.map((offset) => offset()).filter((offset) => offset !== undefined);
  const worst = known.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? 0;
  if (Math.abs(worst) <= skewAllowed) return undefined;
  const direction = worst > 0 ? "behind" : "ahead of";
  return `The clock of this machine is ${describeTime(worst)} ${direction} a server's; one of them has to be put right.`;
}

function describeJump(by: number): string | undefined {
  if (Math.abs(by) <= jumpAllowed) return undefined;
  return by > 0
    ? `The clock went forward by ${describeTime(by)} at once: this machine slept, or somebody set it.`
    : `The clock was put back by ${describeTime(by)}.`;
}

/** In whole minutes, or in whole hours from two of them on. */
function describeTime(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const [count, unit] = minutes < 120 ? [minutes, "minute"] : [Math.round(minutes / 60), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
