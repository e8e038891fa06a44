import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { plainText } from "#src/plain-text.ts";
import { type GuestTarget, guestsIn } from "#src/policy/target.ts";
import { concern, judgeFrozen } from "./judge-scope.ts";
import type { Scope, Truth } from "./observer.ts";
import type { Question } from "./question.ts";
import { aboutDeletionsAlone, aboutHolds, effectsOfTools, isMore } from "./rights.ts";
import { leastDemand } from "./sight.ts";

/**
 * What is wrong with a question in the moment in which it is shown, for the first time or again;
 * another question that it takes the place of gives way.
 */
export function judgeQuestion(
  confirmation: Confirmation,
  question: Question,
  scope: Scope | undefined,
  truth: Truth,
): readonly string[] {
  if (!scope) return ["a question that nobody's words led to"];
  for (const guest of question.fingerprints) concern(scope, guest);
  const faults = [
    ...judgeDemand(question, scope, truth),
    ...judgeFrozenQuestion(question, scope, truth),
  ];
  if (truth.questions.has(question.id)) return faults;
  for (const older of truth.questions.values()) {
    if (older.state === "open" && question.replaces(older)) older.state = "replaced";
  }
  return [
    ...faults,
    ...judgeWords(confirmation, scope),
    ...judgeRepeated(question, scope, truth),
    ...judgeOpen(question, truth),
  ];
}

/** It asks no fewer people than these rights want to be asked, of nothing that nobody may. */
function judgeDemand(question: Question, scope: Scope, truth: Truth): readonly string[] {
  const { tool, asks, deletionId } = question;
  if (aboutHolds.includes(tool)) return [];
  return question.fingerprints.flatMap((fingerprint) => {
    const least = leastDemand(tool, { fingerprint, deletionId }, scope, truth);
    if (least === "never") return [`a question for what ${scope.person.id} may not do`];
    return isMore(least, asks) ? [`a question for ${asks}, and it takes ${least}`] : [];
  });
}

function judgeFrozenQuestion({ tool, fingerprints }: Question, scope: Scope, truth: Truth) {
  return fingerprints.flatMap((fingerprint) =>
    judgeFrozen(tool, fingerprint, scope, truth).map((fault) => `a question, and ${fault}`),
  );
}

/** It says what is true, in the name of whoever wants it. */
function judgeWords(confirmation: Confirmation, { person, looks }: Scope): readonly string[] {
  const { call, target, summary, requestedBy, conversation } = confirmation;
  const faults: string[] = [];
  if (requestedBy.id !== person.id) faults.push("a question in another person's name");
  if (!effectsOfTools[call.tool]) faults.push(`a question for an unknown tool, ${call.tool}`);
  if (conversation === "") faults.push("a question without a conversation");
  if ([...aboutDeletionsAlone, "release_hold"].includes(call.tool)) return faults;
  for (const guest of guestsIn(target)) {
    const seen = looks.get(guest.fingerprint) ?? [];
    if (!seen.some((look) => summary.includes(labelOf({ ...guest, ...look })))) {
      const what = `a question about ${guest.fingerprint} that does not name it as it was`;
      faults.push(`${what}: ${summary}`);
    }
  }
  return faults;
}

function labelOf({ name, kind, vmid, node }: GuestTarget): string {
  return `${plainText(name, 64)} (${kind.toUpperCase()} ${vmid} on ${node})`;
}

/** What was turned down is not asked again, until whoever wanted it says something. */
function judgeRepeated(question: Question, { seen }: Scope, truth: Truth): readonly string[] {
  const said = seen?.since ?? Infinity;
  const putDown = truth.putDown.get(question.id) ?? Infinity;
  const turnedDown = [...truth.questions.values()].find(
    (older) =>
      older.declined !== undefined &&
      said < older.declined.since &&
      older.declined.by < putDown &&
      question.repeats(older),
  );
  return turnedDown ? [`question ${turnedDown.number} was turned down, and is asked again`] : [];
}

/** A person has no more open questions than the limit says. */
function judgeOpen(question: Question, { questions, rights, now }: Truth): readonly string[] {
  const { openConfirmationsPerUser: most = Infinity } = rights.limits ?? {};
  const others = [...questions.values()].filter(
    (other) =>
      other.requester === question.requester &&
      other.state === "open" &&
      other.underWay === 0 &&
      other.openUntil > now() &&
      !question.repeats(other),
  );
  const count = others.length + 1;
  return count > most
    ? [`${question.requester} has ${count} open questions, and ${most} may be`]
    : [];
}
