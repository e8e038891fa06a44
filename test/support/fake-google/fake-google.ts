import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Temporal } from "temporal-polyfill";
import { createFakeCalendar, type FakeCalendar } from "./fake-calendar.ts";
import { createFaults, type Faults, type Operation } from "./faults.ts";
import { applyMask } from "./field-mask.ts";
import { GoogleRefusal, notFound } from "./google-refusal.ts";
import { type CalendarPeople, createPeople } from "./people.ts";
import { createServiceAccount, type FakeServiceAccount } from "./service-account.ts";

/** A request, as it came; in `answered` as it was answered, undefined when it was not. */
export interface GoogleRequest {
  readonly operation: Operation;
  /** Of the event, where there is one. */
  readonly eventId: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
  answered?: number;
}

/** Google Calendar on 127.0.0.1: one calendar, shared with one service account. */
export interface FakeGoogle {
  readonly apiRootUrl: string;
  readonly tokenUrl: string;
  readonly account: FakeServiceAccount;
  readonly calendar: FakeCalendar;
  /** What people do to the calendar. */
  readonly people: CalendarPeople;
  readonly faults: Faults;
  readonly requests: GoogleRequest[];
  /** How many requests of a kind there were. */
  count(operation: Operation): number;
  /** What the `date` header says and tokens are judged by; the machine's time when undefined. */
  now: Temporal.Instant | undefined;
  stop(): Promise<void>;
}

export async function startFakeGoogle(): Promise<FakeGoogle> {
  const calendar = createFakeCalendar("deletions@group.calendar.google.com");
  const account = createServiceAccount();
  const faults = createFaults();
  const requests: GoogleRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (!incoming.errored) throw error;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const text = await readText(incoming);
    const request = readRequest(incoming, text);
    if (!request) return send(outgoing, notFound().status, notFound().body);
    requests.push(request);
    const fault = faults.take(request.operation);
    if (fault?.kind === "delay") await sleep(fault.ms, undefined, { ref: false });
    if (fault?.kind === "error") {
      if (fault.retryAfter !== undefined) outgoing.setHeader("retry-after", fault.retryAfter);
      request.answered = fault.status;
      return send(outgoing, fault.status, new GoogleRefusal(fault.status, fault.reason ?? "").body);
    }
    const isSilent = fault !== undefined && fault.kind !== "delay";
    if (isSilent && !fault.acted) return fail(fault.kind, outgoing);
    const { status, body } = answer(request, text);
    if (isSilent) return fail(fault.kind, outgoing);
    request.answered = status;
    send(outgoing, status, body);
  }

  function answer(request: GoogleRequest, text: string) {
    if (request.operation === "token") return answerToken(text);
    try {
      if (!account.isAuthorized(request.headers.authorization)) {
        throw new GoogleRefusal(401, "authError", "Invalid Credentials");
      }
      const body = applyMask(act(request), request.query.get("fields"));
      return { status: request.operation === "delete" ? 204 : 200, body };
    } catch (error) {
      if (!(error instanceof GoogleRefusal)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  function answerToken(form: string) {
    try {
      const now = fake.now?.epochMilliseconds ?? Date.now();
      return { status: 200, body: account.exchange(new URLSearchParams(form), now) };
    } catch (error) {
      return { status: 400, body: { error: (error as Error).message } };
    }
  }

  function act({ operation, eventId = "", query, headers, body }: GoogleRequest): unknown {
    if (calendar.accessRole === "none") throw notFound();
    if (operation === "list") return calendar.list(query);
    if (operation === "get") return calendar.get(eventId);
    if (calendar.accessRole !== "writer" && calendar.accessRole !== "owner") {
      throw new GoogleRefusal(403, "requiredAccessLevel", "You need to have writer access.");
    }
    if (operation === "insert") return calendar.insert(body, account.email);
    const ifMatch = headers["if-match"];
    if (operation === "patch") return calendar.patch(eventId, body, ifMatch);
    return calendar.remove(eventId, ifMatch);
  }

  function readRequest(incoming: IncomingMessage, text: string): GoogleRequest | undefined {
    const { pathname, searchParams: query } = new URL(incoming.url ?? "", origin);
    const { headers, method = "" } = incoming;
    if (pathname === "/token") {
      return { operation: "token", eventId: undefined, query, headers, body: {} };
    }
    const [, id = "", eventId] =
      /^\/calendar\/v3\/calendars\/([^/]+)\/events(?:\/([^/]+))?$/.exec(pathname) ?? [];
    const operation = operations[`${method} ${eventId === undefined ? "events" : "event"}`];
    if (decodeURIComponent(id) !== calendar.id || !operation) return undefined;
    const body = text === "" ? {} : JSON.parse(text);
    return { operation, eventId, query, headers, body };
  }

  function send(outgoing: ServerResponse, status: number, body: unknown): void {
    if (fake.now) outgoing.setHeader("date", new Date(fake.now.epochMilliseconds).toUTCString());
    outgoing.writeHead(status, { "content-type": "application/json; charset=UTF-8" });
    outgoing.end(status === 204 ? undefined : JSON.stringify(body));
  }

  const fake: FakeGoogle = {
    apiRootUrl: `${origin}/`,
    tokenUrl: `${origin}/token`,
    account,
    calendar,
    people: createPeople(calendar),
    faults,
    requests,
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    now: undefined,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return fake;
}

const operations: Readonly<Record<string, Operation>> = {
  "GET events": "list",
  "POST events": "insert",
  "GET event": "get",
  "PATCH event": "patch",
  "DELETE event": "delete",
};

function fail(kind: "reset" | "hang" | "garbage", outgoing: ServerResponse): void {
  if (kind === "reset") outgoing.socket?.resetAndDestroy();
  if (kind === "garbage") outgoing.writeHead(200, { "content-type": "text/html" }).end("<html>");
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts).toString();
}
