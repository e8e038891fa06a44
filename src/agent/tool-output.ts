import type { ActionReport } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";

/**
 * A call's outcome as the model gets it: what a read found, else a small JSON object. Longer than
 * `maxLength` it is cut, and says how to ask for less.
 */
export function toolOutput({ outcome, summary }: ActionReport, read: boolean, maxLength: number) {
  switch (outcome.kind) {
    case "done": {
      const { output, upid } = outcome;
      const text = read ? asText(output) : asText({ result: "done", summary, output, upid });
      return cut(clean(text), maxLength);
    }
    case "awaiting-confirmation":
      return cut(
        asText({
          result: outcome.kind,
          message: `Nothing has happened yet. The program itself asks ${askedOf(outcome.confirmation)} to confirm.`,
          summary: outcome.confirmation.summary,
        }),
        maxLength,
      );
    default: {
      const { kind, ...details } = outcome;
      return cut(clean(asText({ result: kind, summary, ...details })), maxLength);
    }
  }
}

function askedOf({ by }: Confirmation): string {
  if (by === "requester") return "the person";
  return by === "approver" ? "an approver" : "the person and an approver";
}

/** A tool's output as text: as it is, or as JSON. */
export function asText(output: unknown): string {
  return typeof output === "string" ? output : (JSON.stringify(output) ?? "");
}

/** What hides or reorders text, and may stand in names and notes: controls but for line breaks. */
const deceptive = /[^\P{C}\n\t]/gu;

function clean(text: string): string {
  return text.replace(deceptive, "");
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const lineEnd = text.lastIndexOf("\n", maxLength);
  const kept = text.slice(0, lineEnd > maxLength / 2 ? lineEnd : maxLength);
  return `${kept}\n[Cut: these are ${kept.length} of ${text.length} characters. Narrow the query with the tool's arguments to see the rest.]`;
}
