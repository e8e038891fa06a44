/** Numbers that look random and are the same for the same seed, everywhere. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** Like {@link between}, but small ones are as likely as large ones. */
  spread(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
  /** Another sequence, of its own: drawing from it changes nothing in this one. */
  fork(): Random;
}

/** Mulberry32: 32 bits of state are plenty for a few thousand draws. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    chance: (probability) => next() < probability,
    between,
    spread: (low, high) => Math.round(low * (high / low) ** next()),
    pick(choices) {
      const chosen = choices[between(0, choices.length - 1)];
      if (chosen === undefined) throw new Error("There is nothing to choose from.");
      return chosen;
    },
    fork: () => createRandom(between(0, 2 ** 32 - 1)),
  };
}
