import type { Random } from "#test/sim/random.ts";

/** Lets whatever else is under way go on for a moment, as an answer that takes its time does. */
export async function hop(random: Random): Promise<void> {
  for (let rest = random.between(0, 3); rest > 0; rest -= 1) await Promise.resolve();
}

/** One of these, also where one of them is nothing. */
export function choose<T>(random: Random, choices: readonly T[]): T {
  return choices[random.between(0, choices.length - 1)] as T;
}

/** As {@link hop}, as long as a database may take. */
export async function lag(random: Random): Promise<void> {
  for (let rest = random.between(0, 40); rest > 0; rest -= 1) await Promise.resolve();
}
