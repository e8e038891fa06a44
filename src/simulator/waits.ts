import { setTimeout as timeout } from "node:timers/promises";

/** Every wait of the simulated world; its pace makes hours of waiting into a test's milliseconds. */
export interface Waits {
  /**
   * Returns after the given time of the simulated world.
   *
   * @throws AbortError when the signal aborts or the world ends
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Ends every wait; whoever waits is told by an AbortError. */
  end(): void;
}

/** A pace of 1 is life-like; 0.01 is a hundred times as fast. */
export function createWaits(pace: number): Waits {
  const world = new AbortController();
  return {
    async sleep(ms, signal) {
      const signals = signal ? [world.signal, signal] : [world.signal];
      await timeout(ms * pace, undefined, { signal: AbortSignal.any(signals) });
    },
    end: () => world.abort(),
  };
}
