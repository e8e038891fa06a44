import type { IncomingMessage, ServerResponse } from "node:http";
import { type MethodTable, readArguments } from "./arguments.ts";
import type { Fault, Faults } from "./faults.ts";
import type { Call, Recorder } from "./recorder.ts";
import { scopesNeeded } from "./scopes.ts";
import { type JsonObject, SlackError } from "./slack-error.ts";
import type { Workspace } from "./workspace.ts";

/** The tokens that the fake issued, and what it grants them. */
export interface Credentials {
  readonly botToken: string;
  readonly appToken: string;
  /** Of the bot token; may be changed while the fake runs. */
  readonly scopes: Set<string>;
  /** Error code that every call with the token is answered with, such as `token_revoked`. */
  readonly revoked: Map<string, string>;
}

export interface WebApiDeps {
  readonly workspace: Workspace;
  readonly credentials: Credentials;
  readonly methods: MethodTable;
  readonly faults: Faults;
  readonly recorder: Recorder;
}

const APP_TOKEN_METHODS: ReadonlySet<string> = new Set(["apps.connections.open"]);

/** Serves `/api/<method>`. */
export function createWebApi(deps: WebApiDeps) {
  const { workspace, credentials, methods, faults, recorder } = deps;

  function answer(method: string, args: JsonObject, incoming: IncomingMessage): JsonObject {
    try {
      const known = methods[method];
      if (!known) throw new SlackError("unknown_method", { req_method: method });
      checkToken(credentials, method, tokenOf(incoming, args));
      checkScope(deps, method, args);
      noteUnknownArguments(recorder, method, known.argumentNames, args);
      return { ok: true, ...known.call(args) };
    } catch (error) {
      return failure(refused(error));
    }
  }

  return {
    async handle(method: string, incoming: IncomingMessage, outgoing: ServerResponse) {
      const read = await readArguments(incoming).catch(refused);
      const args = read instanceof SlackError ? {} : read;
      const fault = faults.take(method);
      const call = { method, args: withoutToken(args), at: workspace.now() };
      const index = recorder.calls.push(fault ? { ...call, fault: fault.kind } : call) - 1;

      const scopes = scopesOf(credentials, tokenOf(incoming, args));
      if (scopes) outgoing.setHeader("x-oauth-scopes", scopes);
      const run = () =>
        read instanceof SlackError ? failure(read) : answer(method, args, incoming);
      const body = await meet(fault, run, outgoing);
      recorder.calls[index] = settled(recorder.calls[index], body);
      if (body) sendJson(outgoing, 200, body);
      recorder.changed();
    },
  };
}

/** What a body was refused with; anything else is a fault of the fake and stays one. */
function refused(error: unknown): SlackError {
  if (error instanceof SlackError) return error;
  throw error;
}

function failure({ code, details }: SlackError): JsonObject {
  return { ok: false, error: code, ...details };
}

/** Runs the call as the fault has it; the answer to send, unless there is none. */
async function meet(
  fault: Fault | undefined,
  run: () => JsonObject,
  outgoing: ServerResponse,
): Promise<JsonObject | undefined> {
  if (fault?.kind === "latency") {
    await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
  }
  if (!fault || fault.kind === "latency") return run();
  if (fault.kind === "error") return { ok: false, error: fault.error };
  if (fault.kind === "ratelimited") {
    outgoing.setHeader("retry-after", fault.retryAfter);
    return void sendJson(outgoing, 429, { ok: false, error: "ratelimited" });
  }
  if (fault.acted) run();
  if (fault.kind === "status") outgoing.writeHead(fault.status).end("<html>error</html>");
  if (fault.kind === "reset") outgoing.socket?.resetAndDestroy();
  return undefined;
}

export function sendJson(outgoing: ServerResponse, status: number, body: JsonObject): void {
  outgoing.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  outgoing.end(JSON.stringify(body));
}

function settled(call: Call | undefined, body: JsonObject | undefined): Call {
  if (!call) throw new Error("A call is settled that was never recorded.");
  if (!body) return call;
  const error = typeof body.error === "string" ? { error: body.error } : {};
  return { ...call, ok: body.ok === true, ...error };
}

function tokenOf({ headers }: IncomingMessage, args: JsonObject): unknown {
  return headers.authorization?.replace(/^Bearer /, "") ?? args.token;
}

function withoutToken({ token: _, ...args }: JsonObject): JsonObject {
  return args;
}

/** What Slack says with each answer about the token that was used. */
function scopesOf({ botToken, appToken, scopes, revoked }: Credentials, token: unknown) {
  if (revoked.has(String(token))) return undefined;
  if (token === appToken) return "connections:write";
  return token === botToken ? [...scopes].join(",") : undefined;
}

function checkToken(credentials: Credentials, method: string, token: unknown): void {
  const { botToken, appToken, revoked } = credentials;
  if (!token) throw new SlackError("not_authed");
  const code = revoked.get(String(token));
  if (code) throw new SlackError(code);
  if (token !== botToken && token !== appToken) throw new SlackError("invalid_auth");
  const wanted = APP_TOKEN_METHODS.has(method) ? appToken : botToken;
  if (token !== wanted) throw new SlackError("not_allowed_token_type");
}

function checkScope({ workspace, credentials }: WebApiDeps, method: string, args: JsonObject) {
  const channel = workspace.channels.get(String(args.channel ?? args.channel_id));
  const scopes = scopesNeeded(method, args, channel?.kind);
  const needed = scopes.find((scope) => !credentials.scopes.has(scope));
  if (needed === undefined) return;
  const provided = [...credentials.scopes].join(",");
  throw new SlackError("missing_scope", { needed, provided });
}

function noteUnknownArguments(
  recorder: Recorder,
  method: string,
  known: readonly string[],
  args: JsonObject,
): void {
  for (const name of Object.keys(args)) {
    if (name === "token" || known.includes(name)) continue;
    recorder.warnings.push({ method, warning: `unknown argument ${name}` });
  }
}
