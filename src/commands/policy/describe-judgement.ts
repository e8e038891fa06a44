import { plainText } from "#src/plain-text.ts";
import type { Mismatch } from "#src/policy/file-rule.ts";
import type { Consideration, Judgement } from "#src/policy/judge.ts";
import { type Confirmer, type Decision, rank } from "#src/policy/policy.ts";

const passedOver: Readonly<Record<Mismatch, string>> = {
  who: "it is not about this person",
  do: "it is not about this act",
  guests: "it is not about this guest",
  hours: "it is not about this hour",
};

const confirmedBy: Readonly<Record<Confirmer, string>> = {
  requester: "whoever asks has confirmed it",
  approver: "an approver has confirmed it",
  "two-persons": "whoever asks and a second person have confirmed it",
};

/** The answer in a sentence, then what was looked at, in that order. */
export function describeJudgement({ decision, considered }: Judgement): string[] {
  const decisive = considered.find(
    ({ says }) => says.kind !== "passed" && rank(says) === rank(decision),
  );
  const width = Math.max(...considered.map((one) => nameOf(one).length));
  return [
    describeDecision(decision),
    "",
    ...considered.map((one) => {
      const mark = one === decisive ? ">" : " ";
      return `${mark} ${nameOf(one).padEnd(width)}  ${describeSaid(one.says)}`;
    }),
  ];
}

/** What a decision comes to, in a sentence. */
export function describeDecision(decision: Decision): string {
  if (decision.kind === "allow") return "Yes, at once.";
  if (decision.kind === "deny") return `No. ${plainText(decision.reason, 2_000)}`;
  const why = decision.reasons.map((reason) => ` ${plainText(reason, 400)}`).join("");
  return `Yes, once ${confirmedBy[decision.by]}.${why}`;
}

function nameOf({ by, vmid }: Consideration): string {
  return vmid === undefined ? by : `${by} for ${vmid}`;
}

function describeSaid(says: Consideration["says"]): string {
  return says.kind === "passed"
    ? `passed over: ${passedOver[says.mismatch]}`
    : describeDecision(says);
}
