import type { ActionReport } from "#src/actions/action-report.ts";
import { withUniqueCallIds } from "./call-ids.ts";
import type { RunLimits } from "./limits.ts";
import type { Item, ModelResponse, RunContext, ToolCallItem, ToolDescription } from "./model.ts";
import type { ModelTurns } from "./model-turns.ts";
import type { EffectOf } from "./outcome-notes.ts";
import type { Prompt } from "./prompt.ts";
import { answered, type Ending, stopped } from "./reply.ts";
import type { ReplyStream } from "./reply-stream.ts";
import type { PrepareCalls } from "./tool-calls.ts";
import { toolOutput } from "./tool-output.ts";
import type { Transcript } from "./transcript.ts";

/** What the turns of one run work with. */
export interface TurnsDeps {
  readonly prompt: Prompt;
  readonly tools: readonly ToolDescription[];
  readonly effectOf: EffectOf;
  readonly limits: RunLimits;
  readonly transcript: Transcript;
  readonly stream: ReplyStream;
  readonly modelTurns: ModelTurns;
  readonly prepareCalls: PrepareCalls;
  /** Learns what became of each call, in the model's order. */
  readonly reports: ActionReport[];
}

/**
 * Asks the model and carries its calls out until it answers or a limit is reached.
 *
 * @throws Error only when the database fails or the model breaks its port's promise.
 */
export async function takeTurns(deps: TurnsDeps, context: RunContext): Promise<Ending> {
  const { limits, transcript } = deps;
  const usedCallIds = callIdsOf(transcript.items());
  let failedTurns = 0;

  for (let turn = 1; turn <= limits.turns; turn++) {
    const last = turn === limits.turns;
    const asked = await ask(deps, context, last);
    if ("ending" in asked) {
      if (asked.tooLong && transcript.forgetEarlier()) continue;
      return asked.ending;
    }

    const response = itsOwn(asked.response);
    const { items, finish } = response;
    if (!items.some(isCall) || finish === "length" || finish === "refusal") {
      return answered(response);
    }
    if (last) break;

    const ended = await carryOut(deps, withUniqueCallIds(items, usedCallIds));
    failedTurns = ended.every(cameToNothing) ? failedTurns + 1 : 0;
    const end = limitReached(deps, failedTurns);
    if (end) return end;
  }
  return stopped("limit", `I stopped after ${limits.turns} steps without an answer.`);
}

function ask(deps: TurnsDeps, context: RunContext, last: boolean) {
  const { prompt, tools, transcript, stream, modelTurns } = deps;
  const reminder: readonly Item[] = last ? [{ type: "event", text: prompt.lastTurn }] : [];
  return modelTurns.ask({
    instructions: prompt.instructions,
    items: [...transcript.items(), ...reminder],
    context,
    tools,
    toolChoice: last ? "none" : "auto",
    onText: stream.add,
  });
}

async function carryOut(
  { effectOf, limits, transcript, stream, prepareCalls, reports }: TurnsDeps,
  items: readonly Item[],
): Promise<readonly ActionReport[]> {
  stream.endTurn();
  transcript.add(items);
  const calls = items.filter(isCall);
  const prepared = await prepareCalls(calls);
  // Written down before it happens, so that the conversation knows of it should the program die.
  if (prepared.change) await transcript.save();

  const ended = await prepared.carryOut();
  reports.push(...ended);
  const results = calls.map(({ callId, name }, index): Item => {
    const report = ended[index] as ActionReport;
    const output = toolOutput(report, effectOf(name) === "read", limits.resultLength);
    return { type: "tool-result", callId, output };
  });
  transcript.add(results);
  // What was only read can be read again, and is stored with the answer, in one write.
  if (prepared.change) await transcript.save();
  return ended;
}

function limitReached({ limits, modelTurns }: TurnsDeps, failedTurns: number): Ending | undefined {
  if (failedTurns >= limits.failedTurns) {
    return stopped("limit", "I stopped, because nothing that I tried worked.");
  }
  const { inputTokens, outputTokens } = modelTurns.use().usage;
  if (inputTokens + outputTokens <= limits.tokens) return undefined;
  return stopped("limit", "I stopped, because this request has used up its tokens.");
}

/** What people say, what comes of a call and what happens meanwhile is not the model's to tell. */
function itsOwn(response: ModelResponse): ModelResponse {
  const isOwn = ({ type }: Item) =>
    type === "assistant" || type === "tool-call" || type === "reasoning";
  return { ...response, items: response.items.filter(isOwn) };
}

function cameToNothing({ outcome }: ActionReport): boolean {
  return outcome.kind === "failed" || outcome.kind === "denied";
}

function isCall(item: Item): item is ToolCallItem {
  return item.type === "tool-call";
}

function callIdsOf(items: readonly Item[]): Set<string> {
  return new Set(items.filter(isCall).map(({ callId }) => callId));
}
