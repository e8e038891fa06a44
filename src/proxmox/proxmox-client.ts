import { ExponentialBackoff, handleWhen, retry } from "cockatiel";
import { z } from "zod";
import { type Clock, systemClock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { nodeOfPath } from "./api-path.ts";
import { startDeadline } from "./call-deadline.ts";
import {
  type CallDescription,
  errorOfBody,
  errorOfConnection,
  errorOfResponse,
  isTransient,
} from "./classify-error.ts";
import { type ClientTimeouts, createEndpoints, type Endpoint } from "./endpoints.ts";
import { createNodeLanes } from "./node-lanes.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { guardedBy, WithheldError } from "./request-guard.ts";
import { createServerClock } from "./server-clock.ts";
import type { TlsTrust } from "./tls.ts";
import { untilAborted } from "./waiting.ts";

/** CallParameters of a call; booleans travel as 1 and 0, what is undefined is left out. */
export type CallParameters = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly parameters?: CallParameters | undefined;
  /** Ends a read at once. A write is not sent any more; one on its way is awaited for its UPID. */
  readonly signal: AbortSignal;
  /**
   * Of a write: called when nothing but sending it is left. What it throws is what the call
   * rejects with, and nothing was sent.
   */
  readonly guard?: (() => void) | undefined;
}

/**
 * The API of one Proxmox cluster. Paths start below `/api2/json`; answers are checked by a schema.
 *
 * Reads are tried up to three times, through the next endpoint where one does not answer. Writes
 * are sent once, to an endpoint that answered just before; a write without a clear answer throws
 * `outcome-unknown`. Every failure is a ProxmoxError, except an abort: it throws its reason.
 */
export interface ProxmoxClient {
  /** `user@realm!name`: whose tasks are ours. */
  readonly tokenId: string;
  get<T>(path: string, schema: z.ZodType<T>, options: CallOptions): Promise<T>;
  post<T>(path: string, schema: z.ZodType<T>, options: CallOptions): Promise<T>;
  put<T>(path: string, schema: z.ZodType<T>, options: CallOptions): Promise<T>;
  delete<T>(path: string, schema: z.ZodType<T>, options: CallOptions): Promise<T>;
  /** The cluster's idea of now, in epoch seconds: by the last answer's date, else our own. */
  serverTime(): number;
  /**
   * The cluster's clock minus ours, in milliseconds, by the last answer's date, which knows seconds
   * only; nothing before the first answer.
   */
  clockOffset(): number | undefined;
  /** Waits for the calls in flight, then closes the connections. */
  close(): Promise<void>;
}

export interface ProxmoxClientOptions {
  /** Base URLs of nodes of one cluster, such as `https://pve1:8006`. */
  readonly endpoints: readonly string[];
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly tls: TlsTrust;
  readonly log?: Logger | undefined;
  /** What the cluster's clock is compared with; the machine's own. */
  readonly clock?: Clock | undefined;
  readonly timeouts?: Partial<ClientTimeouts> | undefined;
  /** How long a node that does not answer is spared, in milliseconds; ten seconds. */
  readonly spareNodeFor?: number | undefined;
}

/**
 * Headers outlast the thirty seconds after which Proxmox answers 596 by itself. Two endpoints that
 * do not answer leave time for a third try; a node that took longer to fail is not asked again.
 */
const defaultTimeouts: ClientTimeouts = {
  connect: 5_000,
  headers: 35_000,
  body: 35_000,
  total: 60_000,
  repeat: 12_000,
};
const retriesOfReads = 2;

interface Call<T> extends CallDescription {
  readonly parameters: CallParameters;
  readonly schema: z.ZodType<T>;
  readonly guard?: (() => void) | undefined;
}

/** Connects on the first call. */
export function createProxmoxClient(options: ProxmoxClientOptions): ProxmoxClient {
  const { tokenId, log } = options;
  const authorization = `PVEAPIToken=${tokenId}=${options.tokenSecret}`;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const endpoints = createEndpoints(options.endpoints, options.tls, timeouts);
  const laneOf = createNodeLanes(options.spareNodeFor ?? 10_000);
  const backoff = new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 });
  const serverClock = createServerClock(options.clock ?? systemClock);

  async function send<T>(call: Call<T>, endpoint: Endpoint, signal?: AbortSignal): Promise<T> {
    const startedAt = performance.now();
    const deadline = startDeadline(timeouts.total, signal);
    try {
      const { pool } = endpoint;
      const dispatcher = call.guard ? pool.compose(guardedBy(call.guard)) : pool;
      const noteDate = serverClock.request();
      const response = await dispatcher.request({
        ...requestOf(call, authorization),
        signal: deadline.signal,
      });
      noteDate(response.headers.date);
      const text = await response.body.text();
      endpoints.noteAnswer(endpoint);
      const ms = Math.round(performance.now() - startedAt);
      const { statusCode: status, statusText: reason } = response;
      log?.debug({ method: call.method, path: call.path, status, ms }, "proxmox answered");
      return readAnswer(call, endpoint, { status, reason, text });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof WithheldError) throw error.cause;
      const failure =
        error instanceof ProxmoxError ? error : errorOfConnection(call, endpoint.origin, error);
      if (failure.status === undefined || isTransient(failure)) endpoints.noteFailure(endpoint);
      log?.debug({ method: call.method, path: call.path, kind: failure.kind }, "proxmox failed");
      throw failure;
    } finally {
      deadline.clear();
    }
  }

  function read<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    const repeatUntil = performance.now() + timeouts.repeat;
    const isWorthRepeating = (error: unknown) =>
      isTransient(error) && performance.now() < repeatUntil;
    const retries = retry(handleWhen(isWorthRepeating), { maxAttempts: retriesOfReads, backoff });
    const attempt = () =>
      laneOf(call.node)(() => send(call, endpoints.preferred(), signal), signal);
    return untilAborted(retries.execute(attempt, signal), signal);
  }

  async function write<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    if (endpoints.size > 1 && !endpoints.isKnownToLive()) {
      await read(callOf("GET", "/version", z.unknown(), {}), signal);
    }
    return laneOf(call.node)(() => send(call, endpoints.preferred()), signal);
  }

  return {
    tokenId,
    get: (path, schema, options) => read(callOf("GET", path, schema, options), options.signal),
    post: (path, schema, options) => write(callOf("POST", path, schema, options), options.signal),
    put: (path, schema, options) => write(callOf("PUT", path, schema, options), options.signal),
    delete: (path, schema, options) =>
      write(callOf("DELETE", path, schema, options), options.signal),
    serverTime: () => serverClock.seconds(),
    clockOffset: () => serverClock.offset(),
    close: () => endpoints.close(),
  };
}

function callOf<T>(
  method: CallDescription["method"],
  path: string,
  schema: z.ZodType<T>,
  { parameters = {}, guard }: Omit<CallOptions, "signal">,
): Call<T> {
  return { method, path, schema, parameters, guard, node: nodeOfPath(path) };
}

/** GET and DELETE carry their parameters in the URL: a DELETE with a body is answered with 501. */
function requestOf({ method, path, parameters }: Call<unknown>, authorization: string) {
  const form = formOf(parameters);
  const url = `/api2/json${path}`;
  if (method === "GET" || method === "DELETE") {
    return { method, path: form ? `${url}?${form}` : url, headers: { authorization } } as const;
  }
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
  return { method, path: url, headers, body: form } as const;
}

/** URLSearchParams encodes `;` and `=`, at which Proxmox would cut a value. */
function formOf(parameters: CallParameters): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    form.set(name, typeof value === "boolean" ? String(Number(value)) : String(value));
  }
  return form.toString();
}

const envelope = z.object({
  data: z.unknown(),
  message: z.string().optional().catch(undefined),
  errors: z.record(z.string(), z.string()).optional().catch(undefined),
});

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
}

/** Failures of the proxy in front of Proxmox's daemon have an empty body. */
function readAnswer<T>(call: Call<T>, { origin }: Endpoint, answer: Answer): T {
  const { status, reason, text } = answer;
  const body = envelope.safeParse(parseJson(text));
  if (status < 200 || status > 299) {
    throw errorOfResponse(call, { status, reason, ...body.data });
  }
  const data = call.schema.safeParse(body.data?.data);
  if (body.success && data.success) return data.data;
  throw errorOfBody(call, origin, body.error ?? data.error);
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
