import { randomInt } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { Answer, Carrier, PayloadKind, Retry } from "./deliveries.ts";
import type { Recorder } from "./recorder.ts";
import type { JsonObject } from "./slack-error.ts";
import { secretId, type Workspace } from "./workspace.ts";

export interface SocketModeOptions {
  /** Until an envelope counts as not acked; Slack: 3 seconds. */
  readonly ackTimeoutMs: number;
  /** Connections that an app may have; Slack: 10. */
  readonly maxConnections: number;
  /** Between pings of the server. */
  readonly pingIntervalMs: number;
  /** From a `warning` to the end of the connection; Slack: about 10 seconds. */
  readonly warningMs: number;
}

/** Why Slack ends a connection. */
export type DisconnectReason =
  | "warning"
  | "refresh_requested"
  | "too_many_websockets"
  | "link_disabled";

/** An ack as it came in. */
export interface Ack {
  readonly envelopeId: string;
  readonly kind: PayloadKind;
  readonly payload: unknown;
  readonly afterMs: number;
  /** Number of the connection, counted from 1 over the life of the fake. */
  readonly connection: number;
}

/** Slack's end of Socket Mode, and what tests do to it. */
export interface SocketMode extends Carrier {
  /** Numbers of the open connections. */
  connections(): readonly number[];
  readonly acks: readonly Ack[];
  /** False stops answering pings. */
  pongs: boolean;
  /** True answers every attempt to connect with 503. */
  refusing: boolean;
  /** Sends the frame and ends the connection as Slack does; default: all of them. */
  disconnect(reason: DisconnectReason, connection?: number): void;
  /** Cuts the TCP connection; default: all of them. */
  kill(connection?: number): void;
  /** A URL for one connection. */
  issueUrl(): string;
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  stop(): void;
}

const ackFrame = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });

interface Connection {
  readonly number: number;
  readonly socket: WebSocket;
}

interface Waiting {
  readonly kind: PayloadKind;
  readonly sentAt: number;
  readonly settle: (answer: Answer) => void;
}

export function createSocketMode(
  workspace: Workspace,
  recorder: Recorder,
  host: () => string,
  options: SocketModeOptions,
): SocketMode {
  const server = new WebSocketServer({ noServer: true, autoPong: false });
  const tickets = new Set<string>();
  const waiting = new Map<string, Waiting>();
  const acks: Ack[] = [];
  let connections: readonly Connection[] = [];
  let opened = 0;

  function accept(socket: WebSocket): void {
    const connection = { number: ++opened, socket };
    const pings = setInterval(() => socket.ping(), options.pingIntervalMs).unref();
    socket.on("ping", (data) => self.pongs && socket.pong(data));
    socket.on("message", (data) => takeAck(connection.number, String(data)));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      clearInterval(pings);
      connections = connections.filter((each) => each !== connection);
      recorder.changed();
    });
    if (connections.length >= options.maxConnections) {
      end(socket, "too_many_websockets");
      return;
    }
    connections = [...connections, connection];
    socket.send(JSON.stringify(hello(workspace, connections.length)));
    recorder.changed();
  }

  function takeAck(connection: number, frame: string): void {
    const { envelope_id: envelopeId, payload } = ackFrame.parse(JSON.parse(frame));
    const envelope = waiting.get(envelopeId);
    if (!envelope) return;
    waiting.delete(envelopeId);
    const afterMs = performance.now() - envelope.sentAt;
    acks.push({ envelopeId, kind: envelope.kind, payload, afterMs, connection });
    envelope.settle({ kind: "acked", body: payload, afterMs });
  }

  /** Events wait for a connection; whatever a person waits for does not. */
  async function pick(kind: PayloadKind): Promise<Connection | undefined> {
    const any = () => {
      const open = connections.filter(isOpen);
      return open[randomInt(Math.max(open.length, 1))];
    };
    if (kind !== "events_api") return any();
    return recorder.eventually("a connection", any, options.ackTimeoutMs).catch(() => undefined);
  }

  const self: SocketMode = {
    pongs: true,
    refusing: false,
    acks,
    connections: () => connections.filter(isOpen).map(({ number }) => number),

    async send(kind, payload, retry) {
      const connection = await pick(kind);
      if (!connection) return { kind: "failed", reason: "connection_failed" };
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const envelope = envelopeOf(kind, payload, retry);
      waiting.set(envelope.envelope_id, { kind, sentAt: performance.now(), settle: resolve });
      connection.socket.send(JSON.stringify(envelope));
      const timer = setTimeout(() => {
        resolve({ kind: "failed", reason: "timeout" });
      }, options.ackTimeoutMs).unref();
      return promise.finally(() => clearTimeout(timer));
    },

    disconnect(reason, number) {
      const after = reason === "warning" ? options.warningMs : 0;
      for (const { socket } of chosen(connections, number)) end(socket, reason, after);
    },

    kill(number) {
      for (const { socket } of chosen(connections, number)) socket.terminate();
    },

    issueUrl() {
      const ticket = secretId();
      tickets.add(ticket);
      return `ws://${host()}/link?ticket=${ticket}&app_id=${workspace.bot.appId}`;
    },

    upgrade(incoming, socket, head) {
      socket.on("error", () => socket.destroy());
      const ticket = new URL(incoming.url ?? "/", "http://localhost").searchParams.get("ticket");
      if (self.refusing || !tickets.delete(ticket ?? "")) {
        const status = self.refusing ? "503 Service Unavailable" : "403 Forbidden";
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
        return;
      }
      server.handleUpgrade(incoming, socket, head, accept);
    },

    stop() {
      self.kill();
      server.close();
    },
  };
  return self;
}

function isOpen({ socket }: Connection): boolean {
  return socket.readyState === socket.OPEN;
}

function chosen(connections: readonly Connection[], number: number | undefined) {
  return connections.filter((connection) => number === undefined || connection.number === number);
}

function hello({ bot }: Workspace, connections: number): JsonObject {
  return {
    type: "hello",
    num_connections: connections,
    debug_info: { host: "fake-slack", build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: bot.appId },
  };
}

function envelopeOf(kind: PayloadKind, payload: JsonObject, retry: Retry | undefined) {
  return {
    envelope_id: secretId(),
    type: kind,
    payload,
    accepts_response_payload: kind !== "events_api",
    ...(kind === "events_api" && {
      retry_attempt: retry?.attempt ?? 0,
      retry_reason: retry?.reason ?? "",
    }),
  };
}

function end(socket: WebSocket, reason: DisconnectReason, afterMs = 0): void {
  socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "fake-slack" } }));
  if (afterMs === 0) socket.close(1000);
  else setTimeout(() => socket.close(1000), afterMs).unref();
}
