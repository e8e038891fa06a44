import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answer, callsOf, callsPerTurn, turnsIn } from "./workload.ts";

/** What one contender has sent since it was last asked. */
export interface Traffic {
  readonly requests: number;
  readonly bytes: number;
}

/** What the server tells its parent: first where it listens, then what it was asked. */
export type ServerMessage = { readonly origin: string } | Traffic;

interface Message {
  readonly role: string;
  readonly content?: unknown;
}

interface Body {
  readonly stream?: boolean;
  readonly messages: readonly Message[];
}

type Reply =
  | { readonly text: string; readonly calls?: undefined }
  | { readonly text?: undefined; readonly calls: ReturnType<typeof callsOf> };

/** By the first part of the path, which names the contender. */
const traffic = new Map<string, Traffic>();

/** What the script says to a conversation: two calls a turn, then the answer. */
function replyTo({ messages }: Body): Reply {
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const results = messages.slice(lastUser).filter(({ role }) => role === "tool").length;
  const turns = turnsIn(JSON.stringify(messages[lastUser]?.content));
  const turn = results / callsPerTurn;
  return turn < turns ? { calls: callsOf(turn) } : { text: answer(turns) };
}

function wireCalls({ calls = [] }: Reply) {
  return calls.map(({ id, name, argumentsJson }, index) => ({
    index,
    id,
    type: "function",
    function: { name, arguments: argumentsJson },
  }));
}

const usage = {
  prompt_tokens: 1000,
  completion_tokens: 20,
  total_tokens: 1020,
  prompt_tokens_details: { cached_tokens: 800 },
};

function finishReason({ calls }: Reply): string {
  return calls ? "tool_calls" : "stop";
}

function completion(reply: Reply): unknown {
  const message = {
    role: "assistant",
    content: reply.text ?? null,
    ...(reply.calls && { tool_calls: wireCalls(reply).map(({ index, ...call }) => call) }),
  };
  const choice = { index: 0, message, finish_reason: finishReason(reply) };
  return { ...head, object: "chat.completion", choices: [choice], usage };
}

const head = { id: "chatcmpl-1", created: 1_795_000_000, model: "scripted" };

/** A streamed answer in pieces of the size of tokens. */
function chunks(reply: Reply): readonly unknown[] {
  const text = (reply.text ?? "").match(/.{1,8}/gs) ?? [];
  const deltas: readonly object[] = [
    { role: "assistant", content: reply.calls ? null : "" },
    ...text.map((content) => ({ content })),
    ...wireCalls(reply).flatMap(callDeltas),
  ];
  const chunk = { ...head, object: "chat.completion.chunk" };
  return [
    ...deltas.map((delta) => ({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] })),
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: finishReason(reply) }] },
    { ...chunk, choices: [], usage },
  ];
}

function callDeltas({ index, id, type, function: called }: ReturnType<typeof wireCalls>[number]) {
  const start = { index, id, type, function: { name: called.name, arguments: "" } };
  const pieces = called.arguments.match(/.{1,8}/gs) ?? [];
  const rest = pieces.map((piece) => ({ index, function: { arguments: piece } }));
  return [start, ...rest].map((call) => ({ tool_calls: [call] }));
}

function send(response: ServerResponse, body: Body): void {
  const reply = replyTo(body);
  if (!body.stream) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(completion(reply)));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const events = [...chunks(reply).map((chunk) => JSON.stringify(chunk)), "[DONE]"];
  response.end(events.map((event) => `data: ${event}\n\n`).join(""));
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const raw = Buffer.concat(pieces);
  const [, contender = ""] = request.url?.split("/") ?? [];
  const { requests, bytes } = traffic.get(contender) ?? { requests: 0, bytes: 0 };
  traffic.set(contender, { requests: requests + 1, bytes: bytes + raw.length });
  send(response, JSON.parse(raw.toString()));
}

function tell(message: ServerMessage): void {
  process.send?.(message);
}

const server = createServer((request, response) => void respond(request, response));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  tell({ origin: `http://127.0.0.1:${port}` });
});

process.on("message", (contender: string) => {
  tell(traffic.get(contender) ?? { requests: 0, bytes: 0 });
  traffic.delete(contender);
});
