import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import type { Ingest } from "./ingest.ts";
import type { PayloadReceiver } from "./receiver.ts";
import { findForgery } from "./signature.ts";
import type { Ack } from "./worker.ts";

/** Bytes of the largest payload; one with a message's fifty blocks stays below half of it. */
const largestBody = 1024 * 1024;
/** Connections at a time: each may hold a body before anything says that it is Slack's. */
const mostConnections = 200;
/** Milliseconds in which a request has to arrive, and after which Slack does not wait any more. */
const defaultRequestTime = 10_000;
const answerTime = 3_000;

interface Options {
  readonly signingSecret: string;
  readonly port: number;
  /** Where to listen; on every interface when omitted. */
  readonly host?: string | undefined;
  /** Milliseconds in which a request has to arrive, from the connection to its last byte. */
  readonly requestTime?: number | undefined;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface HttpReceiver extends PayloadReceiver {
  /** The port that it listens on, once it does. */
  port(): number;
}

/**
 * Receives what Slack posts, on any path. A call without a signature of these five minutes leads
 * to nothing; whether it is a repetition is for the inbox to know.
 */
export function createHttpReceiver(options: Options): HttpReceiver {
  const { port, host, requestTime = defaultRequestTime, log } = options;
  const failed = Promise.withResolvers<Error>();
  let refusing = false;

  const patience = {
    requestTimeout: requestTime,
    headersTimeout: requestTime,
    connectionsCheckingInterval: requestTime / 4,
  };
  const server = createServer(patience, (request, response) => {
    response.setTimeout(answerTime, () => end(response, 500));
    const status = refusing ? Promise.resolve(503) : receive(request, response, options);
    status
      .catch((error) => {
        log.error({ error }, "slack request failed");
        return 500;
      })
      .then((code) => code && end(response, code));
  });

  server.maxConnections = mostConnections;

  return {
    failed: failed.promise,
    isOpen: () => !refusing && server.listening,
    port: () => (server.address() as AddressInfo).port,
    async start() {
      server.listen(port, host);
      try {
        await once(server, "listening");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new PublicError(`Cannot listen on SLACK_PORT ${port} (${code}).`, { cause: error });
      }
      server.on("error", (error) => failed.resolve(error));
      log.info({ port: (server.address() as AddressInfo).port }, "waiting for slack's calls");
    },
    refuse() {
      refusing = true;
    },
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The status to answer with; undefined where the acknowledgement is the answer. */
async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { ingest, signingSecret, clock, log }: Options,
): Promise<number | undefined> {
  if (Number(header(request, "content-length")) > largestBody) return 413;
  const body = await readBody(request);
  if (!body) return 413;
  const payload = parsePayload(body.toString("utf8"));
  // Slack looks whether the certificate is good, unsigned.
  if (payload?.ssl_check === "1" || request.url?.includes("?ssl_check=1")) return 200;
  if (request.method !== "POST") return 404;
  const forgery = findForgery(
    {
      body,
      timestamp: header(request, "x-slack-request-timestamp"),
      signature: header(request, "x-slack-signature"),
    },
    signingSecret,
    clock.now(),
  );
  if (forgery) {
    log.warn({ forgery, from: request.socket.remoteAddress }, "slack request refused");
    return 401;
  }
  if (!payload) return 400;
  if (payload.type === "url_verification") {
    answer(response, { challenge: payload.challenge });
    return undefined;
  }
  const ack: Ack = async (answered) => answer(response, answered);
  await ingest(payload, ack);
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The payload, whatever the content type says it is: JSON, a form, or JSON within a form. */
function parsePayload(text: string): Record<string, unknown> | undefined {
  const form = text.trimStart().startsWith("{") ? undefined : new URLSearchParams(text);
  const json = form ? form.get("payload") : text;
  if (form && json === null) return Object.fromEntries(form);
  try {
    const parsed: unknown = JSON.parse(json ?? "");
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, body: unknown): void {
  if (response.writableEnded) return;
  const json = typeof body === "string" ? { text: body } : body;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(body ? JSON.stringify(json) : undefined);
}

function end(response: ServerResponse, status: number): void {
  if (!response.writableEnded) response.writeHead(status).end();
}
