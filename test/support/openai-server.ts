import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import {
  chatEvents,
  chatJson,
  responsesEvents,
  responsesJson,
  type ServerReply,
} from "./openai-replies.ts";
import {
  chatEntries,
  protocolViolations,
  responsesEntries,
  toolNames,
  type WireEntry,
} from "./openai-wire.ts";

/** A request, read the same way whichever API it was made to. */
export interface ServerRequest {
  readonly api: "chat" | "responses";
  readonly stream: boolean;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
  readonly bytes: number;
  readonly entries: readonly WireEntry[];
  readonly tools: readonly string[];
  /** The last words of the user, the volatile context before them included. */
  readonly lastUserText: string;
  /** Results of tools since then, in order. */
  readonly results: readonly string[];
}

/** An answer that is sent as it is: an error, a page of a proxy, a broken body. */
export interface RawReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** A stream whose events are sent as they are; a string becomes the data line itself. */
export interface RawEvents extends Pick<ServerReply, "cutAfter" | "stallAfter"> {
  readonly events: readonly unknown[];
}

export type ServerStep =
  | ServerReply
  | RawReply
  | RawEvents
  | ((request: ServerRequest) => ServerReply | RawReply | RawEvents);

/** Steps, one per request, or one function that answers them all. */
export type ServerScript = readonly ServerStep[] | Extract<ServerStep, (...args: never) => unknown>;

/** A scripted server that speaks Chat Completions and Responses, whole and streamed. */
export interface OpenAiServer {
  /** With the `/v1` that clients expect. */
  readonly baseUrl: string;
  readonly requests: readonly ServerRequest[];
  /** What a strict server would have refused; also answered with a 400 at once. */
  readonly violations: readonly string[];
  /** @throws Error on a violation of the protocol, or when steps are left over. */
  assertComplete(): void;
  close(): Promise<void>;
}

/**
 * Starts the server on a free port of 127.0.0.1.
 *
 * It holds clients to the protocol: every call answered once before anything else is said, and the
 * same tools, byte for byte, in every request that was not refused. Clients are told apart by
 * their API and their key.
 */
export async function startOpenAiServer(script: ServerScript): Promise<OpenAiServer> {
  const requests: ServerRequest[] = [];
  const violations: string[] = [];
  const acceptedTools = new Map<string, string | undefined>();

  function checkTools(request: ServerRequest): string[] {
    const client = clientOf(request);
    const tools = JSON.stringify(request.body.tools);
    const changed = acceptedTools.has(client) && tools !== acceptedTools.get(client);
    return changed ? ["the tools differ from those of the request before"] : [];
  }

  function replyTo(request: ServerRequest): ServerReply | RawReply | RawEvents {
    const found = [...protocolViolations(request.entries), ...checkTools(request)];
    violations.push(...found);
    if (found.length > 0) return { status: 400, body: { error: { message: found.join("; ") } } };

    const step = typeof script === "function" ? script : script[requests.length - 1];
    const reply = typeof step === "function" ? step(request) : step;
    if (!reply) return { status: 400, body: { error: { message: "the script is at its end" } } };
    if (!("status" in reply)) {
      acceptedTools.set(clientOf(request), JSON.stringify(request.body.tools));
    }
    return reply;
  }

  const server = createServer(async (incoming, outgoing) => {
    if (incoming.method === "GET") return sendJson(outgoing, summary(requests, violations));
    const request = readRequest(incoming, await readBody(incoming));
    requests.push(request);
    await send(request, replyTo(request), outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    violations,
    assertComplete() {
      if (violations.length > 0) throw new Error(violations.join("\n"));
      if (typeof script === "function" || requests.length === script.length) return;
      throw new Error(`${script.length} steps were scripted, ${requests.length} were asked for.`);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function clientOf({ api, headers }: ServerRequest): string {
  return `${api} ${headers.authorization}`;
}

/** What `GET /` answers, for those who run the server in a process of its own. */
function summary(requests: readonly ServerRequest[], violations: readonly string[]) {
  const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
  return { requests: requests.length, bytes, violations };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts);
}

function readRequest({ url = "", headers }: IncomingMessage, raw: Buffer): ServerRequest {
  const body: Record<string, unknown> = JSON.parse(raw.toString());
  const api = url.endsWith("/responses") ? "responses" : "chat";
  const entries = api === "chat" ? chatEntries(body) : responsesEntries(body);
  const lastUser = entries.findLastIndex((entry) => entry.type === "user");
  const lastUserEntry = entries[lastUser];
  return {
    api,
    stream: body.stream === true,
    headers,
    body,
    bytes: raw.length,
    entries,
    tools: toolNames(body),
    lastUserText: lastUserEntry?.type === "user" ? lastUserEntry.text : "",
    results: entries.slice(lastUser + 1).flatMap((entry) => {
      return entry.type === "result" ? [entry.output] : [];
    }),
  };
}

async function send(
  request: ServerRequest,
  reply: ServerReply | RawReply | RawEvents,
  outgoing: ServerResponse,
): Promise<void> {
  if ("status" in reply) return sendRaw(outgoing, reply);
  if ("events" in reply) return sendEvents(outgoing, reply.events, reply);
  if (reply.delayMs) await new Promise((resolve) => setTimeout(resolve, reply.delayMs).unref());

  const chat = request.api === "chat";
  if (request.stream) {
    const events = chat ? [...chatEvents(reply), "[DONE]"] : responsesEvents(reply);
    return sendEvents(outgoing, events, reply);
  }
  if (reply.stallAfter !== undefined) return;
  const body = chat ? chatJson(reply) : responsesJson(reply);
  if (reply.cutAfter !== undefined) return cutJson(outgoing, JSON.stringify(body));
  sendJson(outgoing, body);
}

function sendRaw(outgoing: ServerResponse, { status, headers, body }: RawReply): void {
  const json = typeof body !== "string";
  outgoing.writeHead(status, {
    "content-type": json ? "application/json" : "text/html",
    ...headers,
  });
  outgoing.end(json ? JSON.stringify(body ?? {}) : body);
}

function sendJson(outgoing: ServerResponse, body: unknown): void {
  sendRaw(outgoing, { status: 200, body });
}

function cutJson(outgoing: ServerResponse, json: string): void {
  outgoing.writeHead(200, { "content-type": "application/json", "content-length": json.length });
  outgoing.write(json.slice(0, json.length / 2), () => outgoing.destroy());
}

function sendEvents(
  outgoing: ServerResponse,
  events: readonly unknown[],
  { cutAfter, stallAfter }: Pick<ServerReply, "cutAfter" | "stallAfter">,
): void {
  const end = cutAfter ?? stallAfter ?? events.length;
  const data = events.slice(0, end).map((event) => {
    const type = typeof event === "object" && event !== null && "type" in event && event.type;
    const name = type ? `event: ${type}\n` : "";
    return `${name}data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;
  });
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  if (end === events.length) outgoing.end(data.join(""));
  else outgoing.write(data.join(""), () => cutAfter !== undefined && outgoing.destroy());
}

/**
 * `node openai-server.ts SCRIPT` serves what the module SCRIPT exports as `script`, prints the base
 * URL as its first line, and ends when its standard input does.
 */
if (import.meta.main) {
  const { script } = await import(pathToFileURL(process.argv[2] ?? "").href);
  const server = await startOpenAiServer(script);
  process.stdout.write(`${server.baseUrl}\n`);
  process.stdin.resume().once("end", () => server.close());
}
