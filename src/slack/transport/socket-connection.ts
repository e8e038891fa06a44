import { setTimeout as sleep } from "node:timers/promises";
import { WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";
import { fullJitter } from "#src/agent/models/retry.ts";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { createSdkLogger } from "#src/slack/sdk-logger.ts";
import { webOptions } from "#src/slack/web-clients.ts";
import { EnvelopeClient } from "./envelope-client.ts";
import type { Ack } from "./worker.ts";

export interface SocketTimings {
  /** How long it may take until Slack says hello, in milliseconds as everything here. */
  readonly connect: number;
  /** How long Slack may leave a ping unanswered. */
  readonly pong: number;
  /** How long Slack may keep a connection that it said it would end. */
  readonly leave: number;
  /** A connection that lived shorter failed: the next one is not opened at once. */
  readonly settled: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** How long all connections may be down before that is the end. */
  readonly deaf: number;
}

export const defaultSocketTimings: SocketTimings = {
  connect: 15_000,
  pong: 5_000,
  leave: 30_000,
  settled: 5_000,
  firstDelay: 250,
  longestDelay: 15_000,
  deaf: 60_000,
};

export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl?: string | undefined;
  readonly log: Logger;
  readonly timings: SocketTimings;
  onPayload(payload: unknown, ack: Ack): void;
}

/** One connection to Slack, opened again whenever it ends. */
export interface SocketConnection {
  isActive(): boolean;
  /**
   * Keeps it open until the signal aborts.
   *
   * @throws PublicError when Slack refuses us for good.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** What Slack answers to somebody whom it will never let in. */
const refusals = new Set([
  "access_denied",
  "account_inactive",
  "invalid_auth",
  "missing_scope",
  "no_permission",
  "not_allowed_token_type",
  "not_authed",
  "team_access_not_granted",
  "team_disabled",
  "token_expired",
  "token_revoked",
  "user_removed_from_team",
]);

export function createSocketConnection(options: SocketOptions): SocketConnection {
  const { log, timings } = options;
  /** The client that Slack said hello to. */
  let current: EnvelopeClient | undefined;

  /**
   * Opens one connection and stays with it until it ends, or until Slack says why it will. Then it
   * may still bring something, so it is left to Slack to close.
   */
  async function stayConnected(signal: AbortSignal): Promise<string | undefined> {
    const ended = Promise.withResolvers<string | undefined>();
    let leaving: NodeJS.Timeout | undefined;
    const client = new EnvelopeClient(clientOptions(options), {
      onPayload: options.onPayload,
      onDisconnect(reason) {
        leaving = setTimeout(disconnect, timings.leave).unref();
        ended.resolve(reason);
      },
    });
    const disconnect = () => void client.disconnect().catch(() => {});
    signal.addEventListener("abort", disconnect, { once: true });
    client.on("disconnected", () => {
      clearTimeout(leaving);
      signal.removeEventListener("abort", disconnect);
      ended.resolve(undefined);
    });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timings.connect)]);
    const connected = client.start().then(() => {
      // Nobody waits for it any more, so nobody else would close it.
      if (limit.aborted) return disconnect();
      current = client;
      log.info("slack socket connected");
    });
    await Promise.race([connected, ended.promise, rejectOnAbort(limit)]).catch((error) => {
      disconnect();
      throw error;
    });
    return ended.promise;
  }

  /** Milliseconds until the next connection. */
  async function stayOnce(signal: AbortSignal, failures: number): Promise<number | "settled"> {
    const startedAt = performance.now();
    try {
      const reason = await stayConnected(signal);
      if (signal.aborted) return 0;
      log.info({ reason }, "slack socket ended");
      if (reason === "link_disabled") {
        throw new PublicError("Socket Mode is switched off for the Slack app: switch it on again.");
      }
      if (reason === "too_many_websockets") return timings.longestDelay;
      if (performance.now() - startedAt >= timings.settled) return "settled";
    } catch (error) {
      if (error instanceof PublicError) throw error;
      if (signal.aborted) return 0;
      refuse(error);
      log.warn({ error, failures }, "slack socket did not connect");
      if (error instanceof WebAPIRateLimitedError) return error.retryAfter * 1000;
    }
    const { firstDelay, longestDelay } = timings;
    return firstDelay / 2 + fullJitter(failures, firstDelay, longestDelay);
  }

  return {
    isActive: () => current?.websocket?.isActive() ?? false,
    async run(signal) {
      for (let failures = 1; !signal.aborted; failures++) {
        const delay = await stayOnce(signal, failures);
        if (delay === "settled") failures = 0;
        else await sleep(delay, undefined, { signal }).catch(() => {});
      }
    },
  };
}

function clientOptions({ appToken, apiUrl, log, timings }: SocketOptions) {
  return {
    appToken,
    logger: createSdkLogger(log),
    // Its own way to connect again rejects where nobody catches; ours does not leave it to it.
    autoReconnectEnabled: false,
    clientPingTimeout: timings.pong,
    clientOptions: webOptions({ apiUrl }, log),
  };
}

async function rejectOnAbort(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function refuse(error: unknown): void {
  if (!(error instanceof WebAPIPlatformError) || !refusals.has(error.data.error)) return;
  throw new PublicError(
    `Slack refuses SLACK_APP_TOKEN (${error.data.error}): make an app-level token with the scope connections:write.`,
    { cause: error },
  );
}
