import type { AuditEntry } from "#src/audit/audit-log.ts";
import { guestsIn } from "#src/policy/target.ts";
import { concern, judgeFrozen, judgeHour } from "./judge-scope.ts";
import type { Act, Scope, Truth } from "./observer.ts";
import { type Question, seatOf, takersOf } from "./question.ts";
import { aboutDeletionsAlone, approverRole, type Demand, isLookedInto, isMore } from "./rights.ts";
import { leastDemand } from "./sight.ts";

/** What is wrong with an act, in the moment in which it happens. */
export function judgeAct(act: Act, scope: Scope | undefined, truth: Truth): readonly string[] {
  const [name = ""] = act.tools;
  if (!scope) return [`${name}: nobody's words or click led to it`];
  if (scope.kind === "refusal") return [`${name}: it followed a refusal`];
  concern(scope, act.fingerprint);
  const faults =
    scope.kind === "approval" ? judgeApproved(act, scope, truth) : judgeUnasked(act, scope, truth);
  return [
    ...faults,
    ...judgeFrozen(name, act.fingerprint, scope, truth),
    ...judgeLooks(act, scope),
    ...judgeAnnouncement(act, scope, truth),
  ].map((fault) => `${name}: ${fault}`);
}

/** What a message led to without a question: only what this person may have without one. */
function judgeUnasked(act: Act, scope: Scope, truth: Truth): readonly string[] {
  const taken = act.tools.map((tool) => leastDemand(tool, act, scope, truth));
  if (taken.includes("nobody")) return [];
  const { id, role } = scope.person;
  return taken.every((demand) => demand === "never")
    ? [`${id} (${role}) may not do it`]
    : ["nobody confirmed it"];
}

/** What an approval led to: only what was shown, once, and only while it is allowed. */
function judgeApproved(act: Act, scope: Scope, truth: Truth): readonly string[] {
  const { question, objection } = scope;
  if (!question) return ["there was no such question"];
  const faults = objection ? [`it was approved although ${objection}`] : [];
  faults.push(...judgeSeats(question));
  if (!act.tools.includes(question.tool)) faults.push(`${question.tool} was approved`);
  const guest = act.fingerprint ?? "";
  if (!question.fingerprints.includes(guest)) {
    faults.push(`${guest} was acted on, and ${question.fingerprints} was shown`);
  }
  const acts = (question.acts.get(guest) ?? 0) + 1;
  question.acts.set(guest, acts);
  if (acts > 1) faults.push(`question ${question.number} led to ${acts} acts on ${guest}`);
  const demand = leastDemand(question.tool, act, scope, truth);
  return [...faults, ...judgeDemand(demand, question, scope), ...judgeDetails(act, question)];
}

/** What was enough when it was asked may not be by now. */
function judgeDemand(demand: Demand, { asks }: Question, { requester }: Scope): readonly string[] {
  if (demand === "never") return [`${requester.id} (${requester.role}) may not do it any more`];
  return isMore(demand, asks) ? [`${asks} approved it, and by now it takes ${demand}`] : [];
}

/** The guest was looked at before, and what the act puts at risk. */
function judgeLooks({ tools, fingerprint = "" }: Act, { looks, seen }: Scope): readonly string[] {
  const [tool = ""] = tools;
  if (aboutDeletionsAlone.includes(tool)) return [];
  return [
    ...(looks.has(fingerprint) ? [] : ["the guest was not looked at before"]),
    ...(isLookedInto(tool) && seen && !seen.risks.has(fingerprint)
      ? ["nobody looked at what it puts at risk"]
      : []),
  ];
}

/** All who were to approve it did. */
function judgeSeats(question: Question): readonly string[] {
  const missing = question.seats.filter((seat) => takersOf(question, seat).length === 0);
  return missing.map((seat) => `the ${seat} did not approve it`);
}

/** Who may be the approver of an act: whose click carries it out, else somebody before. */
function approversOf(question: Question, { person }: Scope): readonly string[] {
  if (!question.seats.includes("approver")) return [];
  if (seatOf(question, person) === "approver") return [person.id];
  return takersOf(question, "approver");
}

/** When, whether with a backup, and confirmed by whom. */
function judgeDetails(act: Act, question: Question): readonly string[] {
  const faults: string[] = [];
  const { dueAt, withoutBackup, confirmedBy, deletionId } = act;
  if (question.tool === "release_held_deletions") return faults;
  if (question.dueAt !== undefined && dueAt !== question.dueAt) {
    faults.push(`it is due at ${dueAt}, and ${question.dueAt} was shown`);
  }
  if (withoutBackup !== undefined && withoutBackup !== question.withoutBackup) {
    faults.push("whether there is a backup first is not as it was shown");
  }
  if (
    confirmedBy !== undefined &&
    ![question.requester, ...question.approvals.map(({ by }) => by)].includes(confirmedBy)
  ) {
    faults.push(`${confirmedBy} is said to have confirmed it`);
  }
  if (question.deletionId !== undefined && deletionId !== question.deletionId) {
    faults.push("it is another deletion than the one shown");
  }
  return faults;
}

/** The audit log must have taken the act, by these people, on this guest, before it happened. */
function judgeAnnouncement(act: Act, scope: Scope, truth: Truth): readonly string[] {
  const announces = (entry: AuditEntry) =>
    entry.step === "started" &&
    act.tools.includes(entry.tool) &&
    entry.principal.id === scope.requester.id &&
    (scope.kind === "message" || tellsApproval(entry, scope)) &&
    guestsIn(entry.target).some(({ fingerprint }) => fingerprint === act.fingerprint) &&
    !truth.announced.has(`${entry.actionId} ${act.fingerprint}`);
  const entry = truth.entries.findLast(announces);
  if (!entry) return ["the audit log did not know of it before"];
  truth.announced.add(`${entry.actionId} ${act.fingerprint}`);
  return [...judgeApprover(entry, scope), ...judgeHour(entry.tool, entry.actionId, truth)];
}

function tellsApproval({ actionId, approver }: AuditEntry, scope: Scope): boolean {
  const { question, requester } = scope;
  if (!question || actionId !== question.id) return false;
  if (!question.seats.includes("approver")) return approver?.id === requester.id;
  return approversOf(question, scope).some((id) => id === approver?.id);
}

/** Whom the audit log names as the approver still is one, and is seen to have been the one. */
function judgeApprover({ approver }: AuditEntry, { question, personOf }: Scope): readonly string[] {
  if (!approver || !question?.seats.includes("approver")) return [];
  question.named.add(approver.id);
  const person = personOf?.(approver.id);
  if (person?.role === approverRole) return [];
  return [`${approver.id} (${person?.role}) is no approver any more`];
}
