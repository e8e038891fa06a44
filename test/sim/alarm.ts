import type { Actor, Simulation } from "./simulation.ts";

interface Waiter {
  readonly actor: Actor;
  /** Not woken before. */
  readonly from: number;
  /** For when it is set by now. */
  setFor: number;
  wake(): void;
}

/**
 * Wakes the processes when there is something to do. The real ones look each second; to skip the
 * seconds in which they would find nothing is what makes days pass in a moment.
 */
export interface Alarm {
  /** Resolves when something is due, `rest` milliseconds from now at the earliest. */
  wait(actor: Actor, rest: number): Promise<void>;
  /** Something may be due at another time by now. */
  stir(): void;
}

/** @param peek when something will be due */
export function createAlarm(simulation: Simulation, peek: () => Promise<number> | number): Alarm {
  const { now, random } = simulation;
  const waiters = new Set<Waiter>();
  let next = Number.POSITIVE_INFINITY;
  let isStirred = true;

  function set(waiter: Waiter): void {
    const time = Math.max(next, waiter.from, now()) + random.between(0, 1_000);
    if (time >= waiter.setFor) return;
    waiter.setFor = time;
    simulation.at(time, () => ring(waiter, time));
  }

  function ring(waiter: Waiter, time: number): void {
    if (waiter.setFor !== time || !waiters.has(waiter)) return;
    if (!waiter.actor.isAlive) {
      waiters.delete(waiter);
      return;
    }
    waiter.setFor = Number.POSITIVE_INFINITY;
    if (next > now()) {
      if (next !== Number.POSITIVE_INFINITY) set(waiter);
      return;
    }
    waiters.delete(waiter);
    void simulation.sleep(waiter.actor, 0).then(waiter.wake);
  }

  simulation.onStep(async () => {
    if (!isStirred) return;
    isStirred = false;
    next = await peek();
    if (next === Number.POSITIVE_INFINITY) return;
    for (const waiter of waiters) set(waiter);
  });

  return {
    wait: (actor, rest) =>
      new Promise((wake) => {
        const from = now() + rest;
        const waiter: Waiter = { actor, from, setFor: Number.POSITIVE_INFINITY, wake };
        waiters.add(waiter);
        if (next !== Number.POSITIVE_INFINITY) set(waiter);
      }),
    stir() {
      isStirred = true;
    },
  };
}
