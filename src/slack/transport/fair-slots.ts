/** Who asks for a slot, and from where: a channel or a direct conversation. */
export interface Claimant {
  readonly person: string;
  readonly place: string;
}

export interface SlotLimits {
  readonly slots: number;
  /** So that one person's work, however long it takes, leaves slots for others. */
  readonly slotsPerPerson: number;
}

/** A bound on what happens at the same time, in which everybody has a turn. */
export interface FairSlots {
  /**
   * Calls `work` once there is a slot for it.
   *
   * @param work may give its slot to others before it ends.
   */
  enter<T>(claimant: Claimant, work: (giveUpSlot: () => void) => Promise<T>): Promise<T>;
}

interface Waiting extends Claimant {
  start(): void;
}

/**
 * A free slot goes to whose person and place had one the longest time ago, so that neither one
 * person who writes in many places nor many people of one place come before somebody else more
 * than once. What one person asks for in one place keeps its order.
 */
export function createFairSlots({ slots, slotsPerPerson }: SlotLimits): FairSlots {
  const waiting: Waiting[] = [];
  const running = new Map<string, number>();
  /** When a person or a place got a slot last, by a count. */
  const served = new Map<string, number>();
  let inUse = 0;
  let turns = 0;

  const runningOf = (person: string) => running.get(person) ?? 0;
  const personTurn = ({ person }: Claimant) => served.get(`person ${person}`) ?? 0;
  const placeTurn = ({ place }: Claimant) => served.get(`place ${place}`) ?? 0;
  const lastTurn = (claimant: Claimant) => Math.max(personTurn(claimant), placeTurn(claimant));

  function comesBefore(one: Waiting, other: Waiting): boolean {
    const difference = lastTurn(one) - lastTurn(other) || personTurn(one) - personTurn(other);
    return difference < 0;
  }

  function next(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const candidate of waiting) {
      if (runningOf(candidate.person) >= slotsPerPerson) continue;
      if (!first || comesBefore(candidate, first)) first = candidate;
    }
    return first;
  }

  function fill(): void {
    while (inUse < slots) {
      const chosen = next();
      if (!chosen) return;
      const { person, place } = chosen;
      waiting.splice(waiting.indexOf(chosen), 1);
      inUse++;
      running.set(person, runningOf(person) + 1);
      turns++;
      served.set(`person ${person}`, turns).set(`place ${place}`, turns);
      chosen.start();
    }
  }

  function leave(person: string): void {
    inUse--;
    const left = runningOf(person) - 1;
    if (left > 0) running.set(person, left);
    else running.delete(person);
    // Whose turn it was last does not matter to those who find every slot free.
    if (inUse === 0 && waiting.length === 0) served.clear();
    fill();
  }

  return {
    async enter({ person, place }, work) {
      await new Promise<void>((start) => {
        waiting.push({ person, place, start });
        fill();
      });
      let holds = true;
      const giveUpSlot = () => {
        if (holds) leave(person);
        holds = false;
      };
      try {
        return await work(giveUpSlot);
      } finally {
        giveUpSlot();
      }
    },
  };
}
