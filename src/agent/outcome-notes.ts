import type { ActionReport, ToolCall } from "#src/actions/action-report.ts";
import { plainText } from "#src/plain-text.ts";
import { type Confirmer, confirmers, type Effect } from "#src/policy/policy.ts";
import { asText } from "./tool-output.ts";

/** The effect of the tool with this name; undefined where there is no such tool. */
export type EffectOf = (tool: string) => Effect | undefined;

/**
 * What the person must know of a run's changes whatever the model said: what waits, what was
 * refused and what did not come to its end. Leaves out what `text` says in the same words.
 */
export function outcomeNotes(
  reports: readonly ActionReport[],
  effectOf: EffectOf,
  text: string,
): readonly string[] {
  const changes = reports.filter(({ call }) => effectOf(call.tool) !== "read");
  const troubles = changes
    .filter((report, index) => !isMended(report, changes.slice(index + 1)))
    .map((report) => troubleNote(report, text));
  return [...new Set([...troubles, ...waitingNotes(changes, effectOf)])].filter(Boolean);
}

/** Every change of a run and how it ended, for where the model has no words of its own. */
export function outcomeSummary(
  reports: readonly ActionReport[],
  effectOf: EffectOf,
): readonly string[] {
  const changes = reports.filter(({ call }) => effectOf(call.tool) !== "read");
  const ended = changes.map(({ call, summary, outcome }) => {
    if (outcome.kind === "done") {
      // What is destructive is only put on the schedule by the tools that a model has.
      const planned = effectOf(call.tool) === "destructive";
      return `${planned ? "Planned" : "Done"}: ${summary ?? inWords(call)}`;
    }
    return outcome.kind === "unchanged" ? outcome.message : "";
  });
  return [...ended.filter(Boolean), ...outcomeNotes(reports, effectOf, "")];
}

/** What the reads of a run found, for where the model says nothing about it. */
export function readFindings(
  reports: readonly ActionReport[],
  effectOf: EffectOf,
): readonly string[] {
  return reports.flatMap(({ call, outcome }) => {
    if (effectOf(call.tool) !== "read") return [];
    if (outcome.kind === "failed") return [outcome.message];
    return outcome.kind === "done" ? [asText(outcome.output)] : [];
  });
}

function troubleNote({ call, decision, summary, outcome }: ActionReport, text: string): string {
  if (outcome.kind !== "denied" && outcome.kind !== "failed") return "";
  if (text.includes(outcome.message)) return "";
  const notDone = outcome.kind === "denied" || decision === "error";
  return `${notDone ? "Not done" : "Did not finish"}: ${summary ?? inWords(call)} ${outcome.message}`;
}

function waitingNotes(changes: readonly ActionReport[], effectOf: EffectOf): readonly string[] {
  const waiting = (destructive: boolean, by: Confirmer) =>
    changes.flatMap(({ call, outcome }) =>
      outcome.kind === "awaiting-confirmation" &&
      outcome.confirmation.by === by &&
      (effectOf(call.tool) === "destructive") === destructive
        ? [outcome.confirmation.summary]
        : [],
    );
  return confirmers.flatMap((by) => [
    waitingNote("Nothing was done yet.", by, waiting(false, by)),
    waitingNote("Nothing was deleted yet.", by, waiting(true, by)),
  ]);
}

const awaited: Readonly<Record<Confirmer, string>> = {
  requester: "your confirmation",
  approver: "somebody else's approval",
  "two-persons": "your confirmation and somebody else's approval",
};

function waitingNote(opening: string, by: Confirmer, summaries: readonly string[]): string {
  if (summaries.length === 0) return "";
  const list = summaries.length === 1 ? ` ${summaries[0]}` : `\n- ${summaries.join("\n- ")}`;
  return `${opening} Waiting for ${awaited[by]}:${list}`;
}

/** A call that could not even be planned, and that the model then made properly. */
function isMended({ call, decision }: ActionReport, later: readonly ActionReport[]): boolean {
  if (decision !== "error") return false;
  const earlier = JSON.stringify(call.input) ?? "";
  return later.some(
    (report) =>
      report.call.tool === call.tool &&
      report.decision !== "error" &&
      valuesOf(report.call.input).every((value) => earlier.includes(value)),
  );
}

function valuesOf(input: unknown): readonly string[] {
  if (typeof input !== "object" || input === null) return [];
  return Object.values(input)
    .filter((value) => value !== null)
    .map((value) => String(value));
}

/** For a call without a plan: `start_guest` of web-02 becomes "Start guest web-02." */
function inWords({ tool, input }: ToolCall): string {
  const words = [tool.replaceAll("_", " "), ...valuesOf(input)].join(" ");
  return `${words.charAt(0).toUpperCase()}${plainText(words.slice(1), 100)}.`;
}
