import type { Temporal } from "temporal-polyfill";
import type { Principal } from "#src/policy/principal.ts";
import type { Random } from "#test/sim/random.ts";
import { pullBrake } from "./brake-pulls.ts";
import { click, clickAgain, clickOnAll } from "./clicks.ts";
import type { Observer } from "./observer.ts";
import { takersOf } from "./question.ts";
import type { Stack } from "./stack.ts";
import { say, sayTwice } from "./talk.ts";
import { changeWorld } from "./world.ts";

export interface Figures {
  turns: number;
  calls: number;
  proposals: number;
  approvals: number;
  acts: number;
  refusals: number;
}

/** What happens in one run. */
export interface Life {
  readonly stack: Stack;
  readonly random: Random;
  readonly observer: Observer;
  readonly figures: Figures;
  /** By id; their roles change. */
  readonly people: Map<string, Principal>;
  /** What was said, by conversation and person. */
  readonly said: Map<string, string[]>;
  /** Whether much is wanted at the same moment. */
  readonly hurried: boolean;
  /** Whether people stop everything now and then. */
  readonly nervous: boolean;
  advance(duration: Temporal.DurationLike): void;
  now(): Temporal.Instant;
}

const roles = ["viewer", "operator", "admin", "admin", "nobody"];

/** Several people talk, click and change their minds while the world goes on. */
export async function live(life: Life): Promise<void> {
  const steps = life.random.between(3, 7);
  await (life.hurried ? sayTwice(life) : say(life));
  for (let step = 1; step < steps; step += 1) await oneStep(life);
}

async function oneStep(life: Life): Promise<void> {
  const { random, observer } = life;
  const { questions, world } = observer.truth;
  const latest = [...questions.values()].at(-1);
  // What happens to the guest that somebody is asked about matters most.
  if (random.chance(0.4)) {
    observer.note(changeWorld(world, random, random.chance(0.6) ? latest?.vmid : undefined));
  }
  if (random.chance(0.12)) changeRole(life);
  if (random.chance(0.15)) life.advance({ seconds: random.spread(5, 900) });
  if (random.chance(0.02)) life.advance({ minutes: random.between(40, 70) });
  const pulling = life.nervous && random.chance(0.3) ? pullBrake(life) : undefined;
  // Mostly what follows comes after it, sometimes at the same moment.
  if (random.chance(0.7)) await pulling;
  await Promise.all([pulling, act(life)]);
}

/** Somebody says or answers something, or several at the same moment. */
async function act(life: Life): Promise<void> {
  const { random, observer, hurried } = life;
  if (observer.truth.questions.size === 0 || random.chance(0.25)) {
    await (random.chance(hurried ? 0.5 : 0.15) ? sayTwice(life) : say(life));
  } else if (random.chance(hurried ? 0.4 : 0.1)) {
    await clickOnAll(life);
  } else if (random.chance(0.3)) {
    await Promise.all([click(life), random.chance(0.6) ? clickAgain(life) : say(life)]);
  } else {
    await click(life);
  }
}

/** Of somebody on whose approval something waits, where there is one. */
function changeRole({ random, people, observer }: Life): void {
  const waiting = [...observer.truth.questions.values()].filter(({ state }) => state === "open");
  const approvers = waiting.flatMap((question) => takersOf(question, "approver"));
  const id = random.pick(approvers.length > 0 ? approvers : [...people.keys()]);
  const person = people.get(id);
  if (!person) return;
  const role = random.pick(roles);
  people.set(person.id, { ...person, role });
  observer.note(`${person.id} is ${role} now`);
}
