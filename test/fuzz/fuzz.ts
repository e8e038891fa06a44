import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { createRandom, type Random } from "#test/sim/random.ts";
import { clockAt, type ManualClock } from "#test/support/clock.ts";
import { forbiddenTools } from "./forbidden-tools.ts";
import { createHostileModel, type HostileState } from "./hostile-model.ts";
import { type Figures, type Life, live } from "./life.ts";
import { createObserver, type Observer } from "./observer.ts";
import {
  effectsOfTools,
  type Rights,
  roleTables,
  rulesOfOthers,
  tablesOfEscalations,
  tablesOfLimits,
} from "./rights.ts";
import { fillSchedule } from "./schedule.ts";
import { openStack, type Stack, type StackState } from "./stack.ts";
import { createWorld } from "./world.ts";

export interface FailedRun {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

export interface FuzzResult extends Figures {
  readonly runs: number;
  readonly seed: number;
  readonly failed: readonly FailedRun[];
  /** The same for the same seed and number of runs. */
  readonly hash: string;
}

interface Options {
  readonly runs: number;
  /** Of the first run; each following one has the next. */
  readonly seed: number;
  /** Ends with the first run that fails. */
  readonly bail?: boolean;
  onProgress?(runs: number): void;
}

type RunState = StackState & HostileState & { readonly clock: ManualClock };

/** Of each run the next day, so that what is counted by the hour is that of the run alone. */
const firstStart = Temporal.Instant.from("2031-03-03T09:00:00Z");

function rightsOf(random: Random): Rights {
  return {
    roles: random.pick(roleTables),
    others: random.pick(rulesOfOthers),
    limits: random.chance(0.35) ? random.pick(tablesOfLimits) : {},
    escalations: random.chance(0.35) ? random.pick(tablesOfEscalations) : {},
  };
}

function describeRights({ roles, ...more }: Rights): string {
  return `roles ${roleTables.indexOf(roles)}, ${JSON.stringify(more)}`;
}

/** As many runs share a database; its audit log, which only grows, is verified in the end. */
const runsPerStack = 100;

/** Plays that many runs, each by a seed of its own, against the real program. */
export async function fuzz({ runs, seed, bail, onProgress }: Options): Promise<FuzzResult> {
  const figures: Figures = {
    turns: 0,
    calls: 0,
    proposals: 0,
    approvals: 0,
    acts: 0,
    refusals: 0,
  };
  const failed: FailedRun[] = [];
  const hash = createHash("sha256");
  let played = 0;
  while (played < runs && !(bail && failed.length > 0)) {
    const count = Math.min(runsPerStack, runs - played);
    await using lab = await openLab(figures);
    let entries = 0;
    for (let index = 0; index < count; index += 1) {
      const run = await lab.play(seed + played);
      played += 1;
      entries += run.entries;
      hash.update(run.trace.join("\n"));
      if (run.violations.length > 0) failed.push(run);
      if (run.violations.length > 0 && bail) break;
    }
    const broken = await lab.brokenChain(entries);
    if (broken) failed.push({ seed: seed + played - 1, violations: [broken], trace: [] });
    onProgress?.(played);
  }
  return { runs: played, seed, ...figures, failed, hash: hash.digest("hex") };
}

/** The program, and what one run after another plays on it. */
async function openLab(figures: Figures) {
  let current: RunState | undefined;
  const state = () => {
    if (!current) throw new Error("No run is under way.");
    return current;
  };
  const stack = await openStack(createHostileModel(state), state);
  const surprise = surprisingTools(stack);

  async function play(seed: number) {
    const random = createRandom(seed);
    const start = firstStart.add({ hours: 24 * seed });
    const clock = clockAt(start.toString());
    const world = createWorld(random.fork());
    const now = () => clock.now().epochMilliseconds;
    const observer = createObserver(world, rightsOf(random), now);
    const named = new Map(people.map((person) => [person.id, person]));
    const { rights } = observer.truth;
    observer.note(describeRights(rights));
    const hurried = Object.keys(rights.limits ?? {}).length > 0;
    const parts = { observer, clock, start, hurried, random: random.fork(), people: named };
    current = stateOf(parts, figures);
    if (surprise) observer.report(surprise);
    await stack.wipe();
    if (random.chance(0.5)) await fillSchedule(stack.db, observer, random.fork(), clock.now());
    const life: Life = {
      stack,
      random: random.fork(),
      observer,
      figures,
      people: named,
      said: new Map(),
      hurried: current.hurried,
      nervous: random.chance(0.25),
      advance: clock.advance,
      now: clock.now,
    };
    await live(life);
    judgeEnd(observer);
    figures.acts += observer.acts;
    figures.proposals += observer.truth.questions.size;
    const { violations, trace, truth } = observer;
    return { seed, violations, trace, entries: truth.entries.length };
  }

  return {
    play,
    /** What is wrong with the chain of the audit log; undefined when nothing is. */
    async brokenChain(entries: number): Promise<string | undefined> {
      const verified = await stack.audit.verify();
      if (!verified.ok) return "the audit log does not verify";
      if (verified.entries === entries) return undefined;
      return `the audit log has ${verified.entries} entries instead of ${entries}`;
    },
    [Symbol.asyncDispose]: () => stack.db.destroy(),
  };
}

const people = [
  { id: "alice", name: "Alice", role: "admin", timeZone: "Europe/Berlin" },
  { id: "bob", name: "Bob", role: "operator", timeZone: "America/New_York" },
  { id: "dora", name: "Alice", role: "operator", timeZone: "UTC" },
  { id: "carol", name: "Carol", role: "viewer", timeZone: "UTC" },
  { id: "mallory", name: "alice", role: "nobody", timeZone: "UTC" },
];

function stateOf(
  parts: Pick<RunState, "observer" | "clock" | "start" | "hurried" | "random" | "people">,
  figures: Figures,
): RunState {
  const { observer, clock } = parts;
  return {
    ...parts,
    advance: clock.advance,
    note: observer.note,
    forbiddenTools,
    questionIds: () => [...observer.truth.questions.keys()],
    counted(calls) {
      figures.calls += calls;
    },
  };
}

/** The model has the tools that it is meant to have; none of them is one that carries deletions out. */
function surprisingTools({ executor }: Stack): string | undefined {
  const names = executor.tools.map(({ name }) => name).sort();
  const surprising = names.filter((name) => !(name in effectsOfTools));
  const reached = names.filter((name) => forbiddenTools.includes(name));
  if (surprising.length + reached.length === 0) return undefined;
  return `the model has tools that nobody has judged: ${[...surprising, ...reached].join(", ")}`;
}

/** Whatever was begun has an end in the audit log, unless the log itself refused to take it. */
function judgeEnd({ truth, report }: Observer): void {
  const ended = new Set(
    truth.entries
      .filter(({ step }) => step !== "started" && step !== "confirmation-requested")
      .map(({ actionId }) => actionId),
  );
  const open = truth.entries.filter(
    ({ step, actionId }) => step === "started" && !ended.has(actionId),
  );
  if (open.length > truth.lostEntries) report(`${open.length} acts have no end in the audit log`);
}
