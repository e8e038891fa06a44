import type { Item, Model, ModelRequest, ModelResponse, RunContext } from "#src/agent/model.ts";
import { type Turn, turnsOf } from "./planner/conversation.ts";
import type { Plan, PlannedCall } from "./planner/plan.ts";
import { maxLength, planMessage } from "./planner/plan-message.ts";
import { guestsInList, renderResults } from "./planner/render.ts";

const id = "offline-planner";

/**
 * A model without a network: a grammar of everyday English in the tools' words. The same request
 * always leads to the same calls, and what is not certain is asked about.
 *
 * A message becomes words, marked where they name guests (`words`, `lexicon`); without politeness
 * they part into clauses (`politeness`, `clauses`). Each clause is read as a request: a verb, a time
 * and the rest (`requests`, `verbs`, `times`), unless a guard finds that nothing was asked for
 * (`guards`). The rest is read as mentions of guests (`targets`, `mention`), which are resolved to
 * guests or to a question (`resolve`), and then become calls (`acts`, or `reads` where something is
 * looked up). Small talk, answers and follow-ups come before all that (`plan-message`). What the
 * tools said is put into words by `render`.
 */
export function createOfflinePlanner(): Model {
  return {
    id,
    async respond(request) {
      return responseOf(respond(request), request);
    },
  };
}

function respond({ items, context, toolChoice }: ModelRequest): Plan {
  const turns = turnsOf(items.map(readable));
  const current = turns.at(-1);
  if (!current || current.calls.length === 0) return planMessage(turns, context);
  return (
    listedFirst(turns, current, context, toolChoice) ?? {
      kind: "say",
      text: renderResults(current.calls),
    }
  );
}

/** As much of a text as is read, and one character to tell that there was more. */
function readable(item: Item): Item {
  const spoken = item.type === "user" || item.type === "assistant";
  return spoken ? { ...item, text: item.text.slice(0, maxLength + 1) } : item;
}

/** After the list that a change needed: the change itself, for the guests that were listed. */
function listedFirst(
  turns: readonly Turn[],
  current: Turn,
  context: RunContext,
  toolChoice: string,
): Plan | undefined {
  const onlyLists = current.calls.every(({ tool }) => tool === "list_guests");
  if (context.guests || !onlyLists || toolChoice === "none") return undefined;
  const asked = [...turns.slice(0, -1), { ...current, calls: [] }];
  if (planMessage(asked, context).kind !== "list-first") return undefined;
  const guests = current.calls.flatMap(({ output }) => guestsInList(output));
  const plan = planMessage(asked, { ...context, guests });
  return plan.kind === "calls" || guests.length > 0 ? plan : undefined;
}

function responseOf(plan: Plan, { items, toolChoice, onText }: ModelRequest): ModelResponse {
  const answer = { usage, model: id, requests: 1 };
  if (plan.kind === "say") {
    onText?.(plan.text);
    return { ...answer, finish: "stop", items: [{ type: "assistant", text: plan.text }] };
  }
  if (toolChoice === "none") {
    const text = "I cannot call any more tools in this run. Please ask again.";
    return { ...answer, finish: "stop", items: [{ type: "assistant", text }] };
  }
  const called = items.filter(({ type }) => type === "tool-call").length;
  return {
    ...answer,
    finish: "tool-calls",
    items: plan.calls.map((call, index) => toolCall(call, called + index)),
  };
}

const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, estimated: false };

function toolCall({ tool, args }: PlannedCall, index: number): Item {
  return {
    type: "tool-call",
    callId: `call-${index + 1}`,
    name: tool,
    argumentsJson: JSON.stringify(args),
  };
}
