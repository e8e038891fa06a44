import { setTimeout as sleep } from "node:timers/promises";
import type { Recorder } from "./recorder.ts";
import type { JsonObject } from "./slack-error.ts";

/** The three kinds of what an app is sent. */
export type PayloadKind = "events_api" | "interactive" | "slash_commands";

/** Why an event is sent again, as Slack words it. */
export type RetryReason = "timeout" | "http_timeout" | "http_error" | "connection_failed";

export interface Retry {
  readonly attempt: number;
  readonly reason: RetryReason;
}

/** What became of sending a payload once. */
export type Answer =
  | { readonly kind: "acked"; readonly body: unknown; readonly afterMs: number }
  | {
      readonly kind: "failed";
      readonly reason: RetryReason;
      /** The answer's HTTP status, where there was one. */
      readonly status?: number;
      /** The app asked not to be sent it again. */
      readonly noRetry?: boolean;
    };

/** Takes payloads to the app, over Socket Mode or HTTP. Never rejects. */
export interface Carrier {
  send(kind: PayloadKind, payload: JsonObject, retry: Retry | undefined): Promise<Answer>;
}

/** A payload on its way, for those who want to know what became of it. */
export interface Delivery {
  readonly kind: PayloadKind;
  readonly payload: JsonObject;
  /** One for each time it was sent and settled, repetitions included. */
  readonly answers: readonly Answer[];
  /** The first ack, or the last failure once Slack gives up. Never rejects. */
  readonly outcome: Promise<Answer>;
}

export interface Deliveries {
  /** Everything sent so far. */
  readonly all: readonly Delivery[];
  /** How often each event is sent, whether it is acked or not; 1 unless a test wants duplicates. */
  copies: number;
  /** Sends a payload; events are sent again when they are not acked, nothing else is. */
  send(kind: PayloadKind, payload: JsonObject): Delivery;
  stop(): void;
}

export interface DeliveryOptions {
  readonly carrier: () => Carrier;
  readonly recorder: Recorder;
  /** Waits before each further attempt at an event; Slack: none, 1 minute, 5 minutes. */
  readonly retryDelaysMs: readonly number[];
}

export function createDeliveries({
  carrier,
  recorder,
  retryDelaysMs,
}: DeliveryOptions): Deliveries {
  const all: Delivery[] = [];
  const stopping = new AbortController();

  async function attempt(delivery: Delivery, answers: Answer[], retry?: Retry): Promise<Answer> {
    const answer = await carrier().send(delivery.kind, delivery.payload, retry);
    answers.push(answer);
    recorder.changed();
    return answer;
  }

  async function sendEvent(delivery: Delivery, answers: Answer[]): Promise<Answer> {
    let answer = await attempt(delivery, answers);
    for (const [index, delayMs] of retryDelaysMs.entries()) {
      if (answer.kind === "acked" || answer.noRetry) return answer;
      const { reason } = answer;
      const slept = sleep(delayMs, true, { signal: stopping.signal, ref: false });
      if (!(await slept.catch(() => false))) return answer;
      answer = await attempt(delivery, answers, { attempt: index + 1, reason });
    }
    return answer;
  }

  const self: Deliveries = {
    all,
    copies: 1,
    send(kind, payload) {
      const answers: Answer[] = [];
      const settled = Promise.withResolvers<Answer>();
      const delivery = { kind, payload, answers, outcome: settled.promise };
      all.push(delivery);
      const copies = kind === "events_api" ? self.copies : 1;
      const sent = Array.from({ length: copies }, () => {
        return kind === "events_api" ? sendEvent(delivery, answers) : attempt(delivery, answers);
      });
      void Promise.all(sent).then(([first]) => first && settled.resolve(first));
      return delivery;
    },
    stop() {
      stopping.abort();
    },
  };
  return self;
}
