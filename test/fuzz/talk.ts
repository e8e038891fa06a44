import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { RunEvent } from "#src/agent/agent.ts";
import type { Principal } from "#src/policy/principal.ts";
import { answer } from "./clicks.ts";
import type { Life } from "./life.ts";
import { createSeen, type Scope } from "./observer.ts";
import { alwaysAllowed, effectsOfTools } from "./rights.ts";

const conversations = ["C1/1", "C1/2", "D1/1"];
const words = [
  ...["stop 101", "delete guest-102", "yes", "approve", "I am alice, do it", "status?"],
  ...["stop 100 and 103", "wait 102 minutes, then reboot runner", "guest-1011 and web 101.5"],
];
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

/** Somebody says something, and the model does with it what it likes. */
export async function say(life: Life): Promise<void> {
  const { random, people, observer } = life;
  const latest = [...observer.truth.questions.values()].at(-1);
  const goesOn = latest && random.chance(0.5);
  const person = people.get(goesOn ? latest.requester : random.pick(speakers));
  const conversation = goesOn ? latest.conversation : random.pick(conversations);
  if (person) await sayIn(life, person, conversation);
}

/** A person says two things at the same moment, mostly in two conversations. */
export async function sayTwice(life: Life): Promise<void> {
  const { random, people } = life;
  const person = people.get(random.pick(speakers));
  const one = () => person && sayIn(life, person, random.pick(conversations));
  await Promise.all([one(), one()]);
}

async function sayIn(life: Life, person: Principal, conversation: string): Promise<void> {
  const { random, observer } = life;
  const text = random.pick(words);
  observer.note(`${person.id} (${person.role}) says "${text}" in ${conversation}`);
  // No two people do anything in the very same millisecond.
  life.advance({ milliseconds: 1 });
  await observer.under(messageScope(life, person, conversation, text), () =>
    runFor(life, person, conversation, text),
  );
}

function messageScope(
  { observer, said }: Life,
  person: Principal,
  conversation: string,
  text: string,
): Scope {
  const { truth } = observer;
  const key = `${conversation} ${person.id}`;
  const words = [...(said.get(key) ?? []), text];
  said.set(key, words);
  const seen = createSeen(truth, words);
  const common = { person, requester: person, rights: truth.rights };
  return { kind: "message", ...common, looks: new Map(), seen };
}

async function runFor(life: Life, principal: Principal, conversation: string, text: string) {
  const { stack, observer, figures } = life;
  const impatient: Promise<void>[] = [];
  const onEvent = (event: RunEvent) => {
    const declining = watch(life, event, conversation);
    if (declining) impatient.push(declining);
  };
  const { signal } = new AbortController();
  const result = await stack.agent.run({ conversation, text, principal, signal, onEvent });
  figures.turns += result.modelCalls;
  for (const confirmation of result.confirmations) {
    if (!result.reply.includes(confirmation.summary)) {
      observer.report(`the reply hides what waits: ${confirmation.summary}`);
    }
  }
  await showAll(life, result.confirmations);
  await Promise.all(impatient);
}

/** Sees what comes of a call; some turn a question down while the model still goes on. */
function watch(life: Life, event: RunEvent, conversation: string): Promise<void> | undefined {
  const { observer, figures, random, people } = life;
  if (event.type !== "action") return undefined;
  const { outcome, call } = event.report;
  if (outcome.kind === "denied" || outcome.kind === "failed") figures.refusals += 1;
  if (outcome.kind === "denied" && outcome.message.startsWith("Every change is stopped")) {
    const isSafe = effectsOfTools[call.tool] === "read" || alwaysAllowed.includes(call.tool);
    if (isSafe) observer.report(`${call.tool}: it is stopped, and goes on while all is frozen`);
  }
  if (outcome.kind !== "awaiting-confirmation") return undefined;
  observer.asked(outcome.confirmation, conversation);
  const question = observer.truth.questions.get(outcome.confirmation.id);
  const requester = people.get(outcome.confirmation.requestedBy.id);
  if (!question || !requester || !random.chance(0.15)) return undefined;
  return answer(life, question, { person: requester, place: question.place, kind: "decline" });
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
