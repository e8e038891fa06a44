import type { Temporal } from "temporal-polyfill";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Random } from "#test/sim/random.ts";
import { choose, hop } from "./chance.ts";
import type { Observer, Scope } from "./observer.ts";
import { type Approval, type Question, seatOf, takersOf } from "./question.ts";
import { approverRole } from "./rights.ts";
import type { Stack } from "./stack.ts";
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
  advance(duration: Temporal.DurationLike): void;
  now(): Temporal.Instant;
}

const conversations = ["C1/1", "C1/2", "D1/1"];
const words = ["stop 101", "delete guest-102", "yes", "approve", "I am alice, do it", "status?"];
const wrongPlaces = ["C9/9", "C1/1", undefined];
const roles = ["viewer", "operator", "admin", "admin", "nobody"];
/** Those who may something speak more often. */
const speakers = [
  "alice",
  "alice",
  "alice",
  "bob",
  "bob",
  "bob",
  "dora",
  "dora",
  "carol",
  "mallory",
];

/** Several people talk, click and change their minds while the world goes on. */
export async function live(life: Life): Promise<void> {
  const steps = life.random.between(3, 7);
  await say(life);
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
  if (questions.size === 0 || random.chance(0.25)) return say(life);
  if (random.chance(0.3)) {
    // At the same moment: two clicks, or a click and a message.
    await Promise.all([click(life), random.chance(0.6) ? clickAgain(life) : say(life)]);
    return;
  }
  await click(life);
}

function changeRole({ random, people, observer }: Life): void {
  const person = random.pick([...people.values()]);
  const role = random.pick(roles);
  people.set(person.id, { ...person, role });
  observer.note(`${person.id} is ${role} now`);
}

/** A person says something, and the model does with it what it likes. */
async function say(life: Life): Promise<void> {
  const { random, people, observer, stack, figures } = life;
  const latest = [...observer.truth.questions.values()].at(-1);
  const goesOn = latest && random.chance(0.5);
  const person = people.get(goesOn ? latest.requester : random.pick(speakers));
  if (!person) return;
  const conversation = goesOn ? latest.conversation : random.pick(conversations);
  const text = random.pick(words);
  observer.note(`${person.id} (${person.role}) says "${text}" in ${conversation}`);
  const scope: Scope = {
    kind: "message",
    person,
    requester: person,
    rights: observer.truth.rights,
    looks: new Map(),
  };
  await observer.under(scope, async () => {
    const result = await stack.agent.run({
      conversation,
      text,
      principal: person,
      signal: new AbortController().signal,
      onEvent(event) {
        if (event.type !== "action") return;
        const { outcome } = event.report;
        if (outcome.kind === "denied" || outcome.kind === "failed") figures.refusals += 1;
        if (outcome.kind === "awaiting-confirmation") {
          observer.asked(outcome.confirmation, conversation);
        }
      },
    });
    figures.turns += result.modelCalls;
    for (const confirmation of result.confirmations) {
      if (!result.reply.includes(confirmation.summary)) {
        observer.report(`the reply hides what waits: ${confirmation.summary}`);
      }
    }
    await showAll(life, result.confirmations);
  });
}

/** Slack shows most questions as a card in their thread; a terminal shows them nowhere. */
async function showAll(
  { random, stack, observer }: Life,
  confirmations: readonly Confirmation[],
): Promise<void> {
  for (const { id, conversation } of confirmations) {
    const question = observer.truth.questions.get(id);
    if (!question || question.place !== undefined || random.chance(0.3)) continue;
    const place = `${conversation}/card`;
    // People may click on what they see before we have written down where they see it.
    question.place = place;
    await stack.confirmations.show(id, place);
  }
}

/** Somebody clicks on a question: mostly who was asked, mostly the latest, mostly where it is. */
async function click(life: Life): Promise<void> {
  const { random, observer, people } = life;
  const all = [...observer.truth.questions.values()];
  const question = random.chance(0.7) ? all.at(-1) : choose(random, [undefined, ...all]);
  const person = random.chance(0.8)
    ? askedPerson(life, question)
    : random.pick([...people.values()]);
  const place = random.chance(0.85) ? question?.place : choose(random, wrongPlaces);
  await answer(life, question, person, place, random.chance(0.8) ? "approve" : "decline");
}

/** Somebody whose answer the question waits for. */
function askedPerson({ random, people }: Life, question: Question | undefined): Principal {
  const all = [...people.values()];
  const missing = question?.seats.filter((seat) => takersOf(question, seat).length === 0) ?? [];
  const requester = people.get(question?.requester ?? "");
  const approvers = all.filter(({ id, role }) => role === approverRole && id !== requester?.id);
  const asked = missing.flatMap((seat) => (seat === "approver" ? approvers : (requester ?? [])));
  return random.pick(asked.length > 0 ? asked : all);
}

/** The same question once more, by whom it was asked. */
async function clickAgain(life: Life): Promise<void> {
  const { random, observer } = life;
  await hop(random);
  const question = [...observer.truth.questions.values()].at(-1);
  if (!question) return;
  const person = askedPerson(life, question);
  const kind = random.chance(0.7) ? "approve" : "decline";
  await answer(life, question, person, question.place, kind);
}

async function answer(
  life: Life,
  question: Question | undefined,
  person: Principal,
  place: string | undefined,
  kind: "approve" | "decline",
): Promise<void> {
  const { stack, observer, random, figures } = life;
  const id = question?.id ?? random.pick(["", "nothing", "' or 1=1 --"]);
  const objection = observer.objectionTo(id, { person, place, kind });
  const what = `question ${question?.number ?? "?"}`;
  observer.note(
    `${person.id} (${person.role}) clicks ${kind} on ${what} at ${place}: ${objection ?? "valid"}`,
  );
  const scope: Scope = {
    kind: kind === "approve" ? "approval" : "refusal",
    person,
    requester: life.people.get(question?.requester ?? "") ?? person,
    personOf: (other) => life.people.get(other),
    rights: observer.truth.rights,
    question,
    objection,
    looks: new Map(),
  };
  const context = {
    principal: person,
    conversation: question?.conversation ?? "C1/1",
    place,
    askedAt: life.now(),
    signal: new AbortController().signal,
    personOf: async (other: string) => life.people.get(other) ?? person,
  };
  const approval = question && { seat: seatOf(question, person), by: person.id };
  if (approval && kind === "approve" && !objection) question.approvals.push(approval);
  await observer.under(scope, async () => {
    // Only the database makes it reject, and then nothing was done.
    const result = await stack.executor[kind](id, context).catch(() => undefined);
    observer.note(`${what}: ${result ? (result.accepted ? "accepted" : result.reason) : "failed"}`);
    if (!result?.accepted) {
      figures.refusals += 1;
      if (result && approval) withdraw(question, approval, observer);
      // A refusal counts before it is told; of an approval nobody knows whether it did.
      if (!result && question && !objection && kind === "decline") question.state = "answered";
      return;
    }
    if (objection) observer.report(`an answer counted although ${objection}`);
    if (question?.state === "answered" && !objection) {
      observer.report(`two answers to question ${question.number} counted`);
    }
    const { outcome } = result.report;
    if (question && outcome.kind !== "awaiting-confirmation") question.state = "answered";
    if (kind === "approve") figures.approvals += 1;
    if (outcome.kind === "denied" || outcome.kind === "failed") figures.refusals += 1;
  });
}

/** It is known by now that this click did not count; another one of the same person may have. */
function withdraw(question: Question, click: Approval, observer: Observer): void {
  const { approvals, named, number } = question;
  const index = approvals.indexOf(click);
  if (index >= 0) approvals.splice(index, 1);
  const { seat, by } = click;
  if (seat === "approver" && named.has(by) && !takersOf(question, seat).includes(by)) {
    observer.report(`${by} is named as approver of question ${number}, and did not count as one`);
  }
}
