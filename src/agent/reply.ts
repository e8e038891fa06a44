import type { ActionReport } from "#src/actions/action-report.ts";
import type { RunResult } from "./agent.ts";
import type { Item, ModelResponse } from "./model.ts";
import { type EffectOf, outcomeNotes, outcomeSummary, readFindings } from "./outcome-notes.ts";

/** How a run's turns ended. */
export interface Ending {
  readonly status: RunResult["status"];
  /** The model's words; where it has none, or they are no answer, what code says instead. */
  readonly text: string;
  /** The model's own items of its answer; absent where code speaks instead. */
  readonly answer?: readonly Item[];
}

/** The end of a run that the model did not bring to an answer. */
export function stopped(status: RunResult["status"], text: string): Ending {
  return { status, text };
}

/** The ending that a response without (acceptable) tool calls makes. */
export function answered({ items, finish }: ModelResponse): Ending {
  const text = textOf(items);
  const called = items.some(({ type }) => type === "tool-call");
  if (called) {
    const why = finish === "length" ? "was cut at its length limit" : "was broken off";
    return stopped("limit", `The model's answer ${why}, so nothing of that step was carried out.`);
  }
  if (finish === "length" && text) {
    return {
      status: "limit",
      text: `${text}\n\n(The answer was cut at the model's length limit.)`,
      answer: items,
    };
  }
  if (finish === "refusal" && !text) {
    return stopped("completed", "The language model declined to answer this.");
  }
  return text ? { status: "completed", text, answer: items } : stopped("completed", "");
}

interface ReplyParts {
  readonly ending: Ending;
  readonly reports: readonly ActionReport[];
  readonly effectOf: EffectOf;
  /** Says that another model than the configured one answered. */
  readonly notice?: string | undefined;
}

/** The model's words and, after them, what code knows to be true. Never empty. */
export function composeReply({ ending, reports, effectOf, notice }: ReplyParts): string {
  const { text, answer } = ending;
  const parts = answer
    ? [text, ...outcomeNotes(reports, effectOf, text)]
    : withoutModel(text, reports, effectOf);
  return [...parts, notice].filter(Boolean).join("\n\n");
}

/** Where the model has no words; that nothing was changed is worth saying then. */
function withoutModel(
  text: string,
  reports: readonly ActionReport[],
  effectOf: EffectOf,
): readonly string[] {
  const findings = text ? [] : readFindings(reports, effectOf);
  const changes = outcomeSummary(reports, effectOf);
  const opening = text || (findings.length + changes.length === 0 ? noAnswer : "");
  const begun = reports.some(
    ({ call, decision }) => effectOf(call.tool) !== "read" && decision !== "error",
  );
  const untouched = opening && !begun ? "Nothing was changed." : "";
  return [opening, ...findings, ...changes, untouched];
}

const noAnswer = "The language model gave no answer.";

/** The text that a model said in its items. */
export function textOf(items: readonly Item[]): string {
  return items
    .map((item) => (item.type === "assistant" ? item.text : ""))
    .join("")
    .trimEnd();
}
