import type { ToolCall } from "#src/actions/action-report.ts";
import type { Effect } from "#src/policy/policy.ts";
import type { RunLimits } from "./limits.ts";
import type { ToolCallItem } from "./model.ts";
import type { EffectOf } from "./outcome-notes.ts";

/** Whether a call is fit to be planned; the objection is for the model. */
export type Admission =
  | { readonly admitted: true; readonly call: ToolCall; readonly effect: Effect }
  | { readonly admitted: false; readonly call: ToolCall; readonly objection: string };

interface Options {
  readonly limits: RunLimits;
  readonly toolNames: readonly string[];
  readonly effectOf: EffectOf;
}

/**
 * Judges a run's calls by their form, in their order: an existing tool, arguments that are a JSON
 * object, no endless repetition. What the arguments mean is the tool's business.
 */
export function createCallAdmission({ limits, toolNames, effectOf }: Options) {
  const timesCalled = new Map<string, number>();
  let total = 0;

  function objectionTo(item: ToolCallItem, effect: Effect | undefined, index: number) {
    if (index >= limits.callsPerTurn) {
      return `Not carried out: a step takes at most ${limits.callsPerTurn} calls.`;
    }
    if (++total > limits.calls) {
      return `Not carried out: a request takes at most ${limits.calls} calls.`;
    }
    if (!effect)
      return `There is no tool named ${item.name}. The tools are: ${toolNames.join(", ")}.`;

    const key = `${item.name} ${item.argumentsJson}`;
    const times = (timesCalled.get(key) ?? 0) + 1;
    timesCalled.set(key, times);
    if (times <= (effect === "read" ? limits.sameRead : 1)) return undefined;
    return "Repeated call: it was made with the same arguments in this request, and that result stands.";
  }

  /** @param index The call's place among its turn's calls. */
  return function admit(item: ToolCallItem, index: number): Admission {
    const effect = effectOf(item.name);
    const parsed = parseArguments(item.argumentsJson);
    const call = { tool: item.name, input: parsed.input };
    const objection = objectionTo(item, effect, index) ?? parsed.objection;
    if (objection || !effect) return { admitted: false, call, objection: objection ?? "" };
    return { admitted: true, call, effect };
  };
}

interface Parsed {
  readonly input: unknown;
  readonly objection?: string;
}

function parseArguments(json: string): Parsed {
  if (json.trim() === "") return { input: {} };
  try {
    const input: unknown = JSON.parse(json) ?? {};
    if (typeof input === "object" && !Array.isArray(input)) return { input };
  } catch {
    // Answered below, like JSON that is no object.
  }
  return { input: json, objection: "The arguments have to be one JSON object, and are not." };
}
