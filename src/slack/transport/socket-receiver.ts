import { setTimeout as sleep } from "node:timers/promises";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { isDoneWithin } from "#src/slack/within.ts";
import type { Ingest } from "./ingest.ts";
import type { PayloadReceiver } from "./receiver.ts";
import {
  createSocketConnection,
  defaultSocketTimings,
  type SocketTimings,
} from "./socket-connection.ts";

/** Slack refreshes each connection every few hours; with two, one is always there. */
const connectionCount = 2;
/** Milliseconds between two looks at the connections, and that closing them may take. */
const lookEvery = 100;
const closeTime = 2_000;

interface Options {
  readonly appToken: string;
  readonly apiUrl?: string | undefined;
  readonly ingest: Ingest;
  readonly log: Logger;
  readonly timings?: Partial<SocketTimings> | undefined;
}

/**
 * Receives by Socket Mode, over two connections of which either gets a payload. When both are down
 * for a minute, or Slack refuses us, `failed` says so: a program that hears nothing must not run.
 */
export function createSocketReceiver({
  ingest,
  log,
  timings,
  ...options
}: Options): PayloadReceiver {
  const effective = { ...defaultSocketTimings, ...timings };
  const failed = Promise.withResolvers<Error>();
  const heard = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let refusing = false;
  let running: Promise<unknown> = Promise.resolve();

  const connections = Array.from({ length: connectionCount }, (_, index) => {
    const connectionLog = log.child({ connection: index + 1 });
    return createSocketConnection({
      ...options,
      timings: effective,
      log: connectionLog,
      onPayload(payload, ack) {
        if (refusing) return;
        ingest(payload, ack).catch((error) => {
          connectionLog.error({ error }, "slack payload not taken in");
        });
      },
    });
  });

  /** The sockets themselves are asked: no event tells of one that never came to be. */
  async function watch(): Promise<void> {
    let lastActive = performance.now();
    while (!stopping.signal.aborted) {
      if (connections.some((connection) => connection.isActive())) {
        lastActive = performance.now();
        heard.resolve();
      } else if (performance.now() - lastActive > effective.deaf) {
        const seconds = Math.round(effective.deaf / 1000);
        failed.resolve(new PublicError(`No connection to Slack for ${seconds} s.`));
        return;
      }
      await sleep(lookEvery, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  return {
    failed: failed.promise,
    async start() {
      const runs = connections.map((connection) =>
        connection.run(stopping.signal).catch(failed.resolve),
      );
      running = Promise.all([...runs, watch()]);
      const error = await Promise.race([heard.promise, failed.promise]);
      if (error) throw error;
    },
    isOpen: () => !refusing && connections.some((connection) => connection.isActive()),
    refuse() {
      refusing = true;
    },
    async stop() {
      stopping.abort();
      // Slack need not answer our goodbye.
      await isDoneWithin(closeTime, running);
    },
  };
}
