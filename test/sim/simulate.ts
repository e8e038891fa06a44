import type { Residue, Violation } from "./invariants.ts";
import { judgeEnd } from "./liveness.ts";
import { endOutages, planOutages } from "./outages.ts";
import { letPeopleAct } from "./people.ts";
import { drawProfile } from "./profile.ts";
import { createRandom } from "./random.ts";
import { keepRunning } from "./replica.ts";
import type { Figures } from "./simulation.ts";
import type { Trace } from "./trace.ts";
import { createUniverse, startOfTime, type Universe } from "./universe.ts";

const hour = 3_600_000;
/** So long something may go wrong, and so long all is well after that. */
const roughTime = 72 * hour;
const calmTime = 48 * hour;

export interface RunResult extends Figures, Residue {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** The same for the same seed. */
  readonly hash: string;
  readonly trace: Trace;
  readonly posts: number;
  readonly duplicates: number;
  readonly deletions: number;
}

/** Lives through a few days that this seed decides on. */
export async function simulate(seed: number): Promise<RunResult> {
  const random = createRandom(seed);
  const profile = drawProfile(random.fork());
  const universe = await createUniverse(random.fork(), profile);
  const { simulation, judge, slack, ledger } = universe;
  const calmFrom = startOfTime + roughTime;
  letPeopleAct(universe, random.fork(), calmFrom);
  planOutages(universe, random.fork(), calmFrom);
  for (let replica = 0; replica < profile.replicas; replica += 1) {
    keepRunning(universe, replica === 0 ? "a" : "b");
  }

  await simulation.runUntil(calmFrom);
  calm(universe);
  await simulation.runUntil(calmFrom + calmTime);
  await judgeEnd(universe);

  const keys = new Set(slack.posts.map(({ key }) => key));
  return {
    seed,
    ...simulation.figures,
    ...judge.residue,
    violations: judge.violations,
    hash: simulation.trace.hash(),
    trace: simulation.trace,
    posts: slack.posts.length,
    duplicates: slack.posts.length - keys.size,
    deletions: ledger.doomed.length,
  };
}

/** From here on nothing goes wrong any more. */
function calm(universe: Universe): void {
  const { simulation, cluster, ledger } = universe;
  simulation.trace.note(simulation.now(), "world", "all is well from here on");
  simulation.isFaulty = false;
  ledger.revokedSince.clear();
  endOutages(universe);
  for (const guest of cluster.guests.values()) guest.hidden = false;
}
