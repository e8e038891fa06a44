import type { AnswerResult } from "#src/actions/action-report.ts";
import type { Principal } from "#src/policy/principal.ts";
import { choose, hop } from "./chance.ts";
import type { Life } from "./life.ts";
import { createSeen, nextMoment, type Observer, type Scope } from "./observer.ts";
import { type Approval, type Question, seatOf, takersOf } from "./question.ts";
import { approverRole } from "./rights.ts";

const wrongPlaces = ["C9/9", "C1/1", undefined];

/** Who answers, where and how. */
interface Click {
  readonly person: Principal;
  readonly place: string | undefined;
  readonly kind: "approve" | "decline";
}

/** Somebody clicks on a question: mostly who was asked, mostly the latest, mostly where it is. */
export async function click(life: Life): Promise<void> {
  const { random, observer, people } = life;
  const all = [...observer.truth.questions.values()];
  const question = random.chance(0.7) ? all.at(-1) : choose(random, [undefined, ...all]);
  const person = random.chance(0.8)
    ? askedPerson(life, question)
    : random.pick([...people.values()]);
  const place = random.chance(0.85) ? question?.place : choose(random, wrongPlaces);
  const kind = random.chance(0.8) ? "approve" : "decline";
  await answer(life, question, { person, place, kind });
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
export async function clickAgain(life: Life): Promise<void> {
  const { random, observer } = life;
  await hop(random);
  const question = [...observer.truth.questions.values()].at(-1);
  if (!question) return;
  const person = askedPerson(life, question);
  const kind = random.chance(0.7) ? "approve" : "decline";
  await answer(life, question, { person, place: question.place, kind });
}

/** Everything that waits is approved at the same moment. */
export async function clickOnAll(life: Life): Promise<void> {
  const open = [...life.observer.truth.questions.values()].filter(({ state }) => state === "open");
  await Promise.all(
    open.map((question) => {
      const person = askedPerson(life, question);
      return answer(life, question, { person, place: question.place, kind: "approve" });
    }),
  );
}

/** Somebody answers a question, or something that is none. */
export async function answer(
  life: Life,
  question: Question | undefined,
  click: Click,
): Promise<void> {
  const { stack, observer, random } = life;
  const { person, place, kind } = click;
  life.advance({ milliseconds: 1 });
  const since = nextMoment(observer.truth);
  const id = question?.id ?? random.pick(["", "nothing", "' or 1=1 --"]);
  const objection = observer.objectionTo(id, click);
  const what = `question ${question?.number ?? "?"}`;
  observer.note(
    `${person.id} (${person.role}) clicks ${kind} on ${what} at ${place}: ${objection ?? "valid"}`,
  );
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
  if (question && !objection) question.underWay += 1;
  await observer.under(answerScope(life, question, click, objection), async () => {
    // Only the database makes it reject, and then nothing was done.
    const result = await stack.executor[kind](id, context).catch(() => undefined);
    observer.note(`${what}: ${result ? (result.accepted ? "accepted" : result.reason) : "failed"}`);
    settle(life, question, click, { result, objection, approval, since });
  });
}

function answerScope(
  { people, observer }: Life,
  question: Question | undefined,
  { person, kind }: Click,
  objection: string | undefined,
): Scope {
  const { truth } = observer;
  return {
    kind: kind === "approve" ? "approval" : "refusal",
    person,
    requester: people.get(question?.requester ?? "") ?? person,
    personOf: (other) => people.get(other),
    rights: truth.rights,
    question,
    objection,
    looks: new Map(),
    seen: createSeen(truth),
  };
}

interface Answered {
  /** Absent where the database failed. */
  readonly result: AnswerResult | undefined;
  readonly objection: string | undefined;
  readonly approval: Approval | undefined;
  /** The moment of the click. */
  readonly since: number;
}

/** What has become of the question is known now. */
function settle(
  { observer, figures }: Life,
  question: Question | undefined,
  { kind }: Click,
  { result, objection, approval, since }: Answered,
): void {
  // Of an approval that failed nobody knows whether it counted: it stays under way.
  if (question && !objection && (result || kind === "decline")) question.underWay -= 1;
  if (!result?.accepted) {
    figures.refusals += 1;
    if (question && result && approval) withdraw(question, approval, observer);
    // A refusal counts before it is told.
    if (!result && question && !objection && kind === "decline") question.state = "answered";
    return;
  }
  if (objection) observer.report(`an answer counted although ${objection}`);
  if (question?.state === "answered" && !objection) {
    observer.report(`two answers to question ${question.number} counted`);
  }
  const { outcome } = result.report;
  if (question && outcome.kind !== "awaiting-confirmation") question.state = "answered";
  if (question && kind === "decline") {
    question.declined = { since, by: nextMoment(observer.truth) };
  }
  if (kind === "approve") figures.approvals += 1;
  if (outcome.kind === "denied" || outcome.kind === "failed") figures.refusals += 1;
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
