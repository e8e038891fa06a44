import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { ApiError } from "./api-error.ts";
import type { Certificate } from "./certificate.ts";

/** Proxmox closes an idle connection after this long, without saying so beforehand. */
const idleMs = 5000;
const requestsPerConnection = 100;
/** Connections at a time; the client keeps sixteen. */
const mostConnections = 500;
const maxBodyBytes = 512 * 1024;
const compressedFromBytes = 1024;
const compress = promisify(gzip);

/** What goes back over the wire. */
export interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** How long a caller may take, in milliseconds. */
interface Patience {
  /** From the connection to the last byte of the request. */
  readonly requestMs: number;
  /** Without a byte in either direction; longer than any client waits for a call that hangs. */
  readonly silenceMs: number;
}

const defaultPatience: Patience = { requestMs: 10_000, silenceMs: 120_000 };

/** HTTP or, with a certificate, HTTPS; nothing listens yet. Callers that dawdle are cut off. */
export async function createHttpServer(
  listener: RequestListener,
  certificate: Certificate | undefined,
  { requestMs, silenceMs }: Patience = defaultPatience,
): Promise<Server> {
  const options = {
    keepAliveTimeout: idleMs,
    keepAliveTimeoutBuffer: 0,
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: requestMs / 4,
  };
  const server = certificate
    ? (await import("node:https")).createServer({ ...options, ...certificate }, listener)
    : createServer(options, listener);
  server.maxConnections = mostConnections;
  return server.setTimeout(silenceMs);
}

/** Listens on the loopback interface and returns the port; 0 takes a free one. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** @throws ApiError for what Proxmox's server refuses before it looks at the call */
export async function readBody(request: IncomingMessage): Promise<string> {
  const { method, headers } = request;
  if (headers["transfer-encoding"]) throw refusal("chunked transfer encoding not supported");
  const length = Number(headers["content-length"] ?? 0);
  if (length > maxBodyBytes) throw refusal("for data too large");
  if (length > 0 && method !== "POST" && method !== "PUT") {
    throw refusal(`Unexpected content for method '${method}'`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** How many requests came over a connection so far. */
const served = new WeakMap<Socket, number>();

/** Sends the reply, and closes the connection where Proxmox would. */
export async function send(
  { socket, headers }: IncomingMessage,
  response: ServerResponse,
  { status, reason, contentType, body = "" }: Reply,
): Promise<void> {
  const count = (served.get(socket) ?? 0) + 1;
  served.set(socket, count);
  const closes = status >= 400 || count >= requestsPerConnection;
  const zips = body.length > compressedFromBytes && /\bgzip\b/.test(acceptedBy(headers));
  const content = zips ? await compress(body) : Buffer.from(body);
  response.writeHead(status, headerText(reason), {
    // Written out, because node:http would add a Keep-Alive header that Proxmox does not send.
    connection: closes ? "close" : "Keep-Alive",
    server: "pve-api-daemon/3.0",
    "content-length": content.length,
    ...(contentType && { "content-type": contentType }),
    ...(zips && { "content-encoding": "gzip" }),
  });
  response.end(content);
}

function acceptedBy(headers: IncomingMessage["headers"]): string {
  return String(headers["accept-encoding"] ?? "");
}

function refusal(message: string): ApiError {
  return new ApiError(501, message, { empty: true });
}

/** A reason phrase is one line of Latin-1. */
function headerText(text: string): string {
  const [line = ""] = text.split("\n");
  return line.replace(/[^\t\x20-\x7e\xa0-\xff]/g, "?");
}
