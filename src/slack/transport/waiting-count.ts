/** How much of each person's waits, and to whom it was said that more is left out. */
export interface WaitingCount {
  /** Whether there is room for one more. */
  hasRoom(person: string): boolean;
  add(person: string): void;
  remove(person: string): void;
  /**
   * Whether a refusal is to be said: the first one is, and those that follow it until nothing of
   * the person's waits any more are not, because a flood must not be answered with another.
   */
  isToBeTold(person: string): boolean;
}

/** @param most how much of one person's may wait. */
export function createWaitingCount(most: number): WaitingCount {
  const waiting = new Map<string, number>();
  const told = new Set<string>();
  const countOf = (person: string) => waiting.get(person) ?? 0;

  return {
    hasRoom: (person) => countOf(person) < most,
    add(person) {
      waiting.set(person, countOf(person) + 1);
    },
    remove(person) {
      const left = countOf(person) - 1;
      if (left > 0) {
        waiting.set(person, left);
        return;
      }
      waiting.delete(person);
      told.delete(person);
    },
    isToBeTold(person) {
      const first = !told.has(person);
      told.add(person);
      return first;
    },
  };
}
