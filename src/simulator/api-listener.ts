import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as timeout } from "node:timers/promises";
import { type Caller, callerId } from "./acl.ts";
import type { Api } from "./api.ts";
import { ApiError } from "./api-error.ts";
import type { FaultAction, Faults } from "./faults.ts";
import { type Reply, readBody, send } from "./http-server.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { parseForm, parseJson, type RawInput } from "./parameters.ts";

interface Deps {
  readonly api: Api;
  readonly authenticate: (header: string) => Caller | undefined;
  readonly faults: Faults;
  readonly journal: Journal;
  /** How long a caller without a valid token is kept waiting. */
  readonly refuseAfterMs: number;
  /** Ends what hangs or waits. */
  readonly signal: AbortSignal;
  /** The date of answers; milliseconds since the epoch. */
  readonly now: () => number;
}

/** Answers one request of the API; the path is the one below `/api2/json`. */
export type ApiListener = (
  request: IncomingMessage,
  response: ServerResponse,
  url: { readonly path: string; readonly query: string },
) => Promise<void>;

const json = "application/json;charset=UTF-8";

/** The API on the wire: who calls, with what, and what goes wrong on the way. */
export function createApiListener(deps: Deps): ApiListener {
  const { api, faults, journal, signal } = deps;

  async function answer(
    request: IncomingMessage,
    path: string,
    query: string,
    note: (seen: Partial<JournalEntry>) => void,
  ): Promise<Reply> {
    const { method = "GET" } = request;
    const body = await readBody(request);
    const caller = await identify(request);
    const input = { ...parseForm(query), ...parseBody(request, body) };
    note({ input, caller: callerId(caller) });
    const { data, total } = await api({ method, path, input, caller });
    const content = JSON.stringify(total === undefined ? { data } : { data, total });
    return { status: 200, reason: "OK", contentType: json, body: content };
  }

  async function identify({ headers }: IncomingMessage): Promise<Caller> {
    const header = headers.authorization;
    const caller = header === undefined ? undefined : deps.authenticate(header);
    if (caller) return caller;
    await pause(deps.refuseAfterMs, signal);
    const reason = header === undefined ? "No ticket" : "Authentication failed!";
    throw new ApiError(401, reason, { empty: true });
  }

  return async (request, response, { path, query }) => {
    const { method = "GET" } = request;
    const note = journal.begin(method, path);
    const fault = faults.take(method, path);
    const sendDated = (reply: Reply) => {
      response.setHeader("date", new Date(deps.now()).toUTCString());
      return send(request, response, reply);
    };
    if (fault?.kind === "delay") await pause(fault.ms, signal);
    if (fault && fault.kind !== "delay" && fault.when === "before") {
      return strike(fault, request, sendDated, note, signal);
    }
    const reply = await answer(request, path, query, note).catch(errorReply);
    if (fault && fault.kind !== "delay") return strike(fault, request, sendDated, note, signal);
    note({ status: reply.status });
    await sendDated(reply);
  };
}

async function strike(
  fault: Exclude<FaultAction, { readonly kind: "delay" }>,
  request: IncomingMessage,
  sendDated: (reply: Reply) => Promise<void>,
  note: (seen: Partial<JournalEntry>) => void,
  signal: AbortSignal,
): Promise<void> {
  if (fault.kind === "drop") return void request.socket.destroy();
  if (fault.kind === "hang") {
    signal.addEventListener("abort", () => request.socket.destroy(), { once: true });
    return;
  }
  const { status, reason, contentType, body } = fault;
  note({ status });
  await sendDated({ status, reason, body, ...(contentType && { contentType }) });
}

function parseBody({ headers }: IncomingMessage, body: string): RawInput {
  if (body === "") return {};
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/json")) return parseJson(body);
  if (type.startsWith("application/x-www-form-urlencoded")) return parseForm(body);
  throw new ApiError(506, `upload 'Content-Type '${type}' not implemented`, { empty: true });
}

function errorReply(error: unknown): Reply {
  if (!(error instanceof ApiError)) throw error;
  const { status, message, errors, empty } = error;
  if (empty) return { status, reason: message };
  const body = JSON.stringify({ data: null, message, ...(errors && { errors }) });
  return { status, reason: message, contentType: json, body };
}

/** Returns early when the simulator stops. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { signal }).catch(() => undefined);
}
