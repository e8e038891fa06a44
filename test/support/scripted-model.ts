import {
  type Item,
  type Model,
  ModelError,
  type ModelRequest,
  type ModelResponse,
} from "#src/agent/model.ts";

/** A response of which the script writes only what matters; {@link says} and {@link calls} help. */
export type ScriptedResponse = Partial<ModelResponse> & Pick<ModelResponse, "items">;

/** What the model does in one turn: answer, answer by the request, or fail. */
export type ScriptedStep =
  | ScriptedResponse
  | Error
  | ((request: ModelRequest) => ScriptedResponse | Promise<ScriptedResponse>);

/** A model that plays a script and remembers what it was asked. */
export interface ScriptedModel extends Model {
  /** As they were when they came in; later changes of `items` do not show. */
  readonly requests: readonly ModelRequest[];
  /** @throws Error when steps are left over, or when more was asked than scripted. */
  assertComplete(): void;
}

/**
 * Plays `steps` one per request; a single function plays for ever, for a model that never stops.
 * Texts are passed to `onText` as a streaming model would, in two pieces.
 */
export function createScriptedModel(
  steps: readonly ScriptedStep[] | Extract<ScriptedStep, (...args: never) => unknown>,
): ScriptedModel {
  const requests: ModelRequest[] = [];
  const stepAt = (index: number) => (typeof steps === "function" ? steps : steps[index]);

  return {
    id: "scripted",
    requests,
    async respond(request) {
      const step = stepAt(requests.length);
      requests.push({ ...request, items: [...request.items] });
      if (step === undefined) throw new ModelError("bad-request", "The script has no more steps.");
      if (request.signal.aborted) throw new ModelError("aborted", "The run was aborted.");

      if (step instanceof Error) throw step;
      const response = complete(typeof step === "function" ? await step(request) : step);
      for (const item of response.items) {
        if (item.type === "assistant") stream(item.text, request);
      }
      return response;
    },
    assertComplete() {
      if (typeof steps === "function" || requests.length === steps.length) return;
      throw new Error(`${steps.length} steps were scripted, ${requests.length} were asked for.`);
    },
  };
}

/** A final answer. */
export function says(text: string): ScriptedResponse {
  return { items: [{ type: "assistant", text }] };
}

export interface ScriptedCall {
  readonly name: string;
  /** An object becomes JSON; a string is passed on as it is, for arguments that are not JSON. */
  readonly args?: unknown;
  /** `""` for a server that leaves it out; a fresh one when omitted. */
  readonly callId?: string;
}

let callCount = 0;

/** A turn that calls tools, side by side. */
export function calls(...toolCalls: readonly ScriptedCall[]): ScriptedResponse {
  return {
    items: toolCalls.map(({ name, args = {}, callId }) => ({
      type: "tool-call",
      callId: callId ?? `call-${++callCount}`,
      name,
      argumentsJson: typeof args === "string" ? args : JSON.stringify(args),
    })),
  };
}

function complete(response: ScriptedResponse): ModelResponse {
  const callsTools = response.items.some((item: Item) => item.type === "tool-call");
  return {
    finish: callsTools ? "tool-calls" : "stop",
    usage: { inputTokens: 100, cachedTokens: 0, outputTokens: 10, estimated: false },
    model: "scripted",
    requests: 1,
    ...response,
  };
}

function stream(text: string, { onText }: ModelRequest) {
  const middle = Math.ceil(text.length / 2);
  for (const piece of [text.slice(0, middle), text.slice(middle)]) {
    if (piece) onText?.(piece);
  }
}
