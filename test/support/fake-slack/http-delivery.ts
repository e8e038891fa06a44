import { createHmac } from "node:crypto";
import type { Answer, Carrier, PayloadKind, Retry } from "./deliveries.ts";
import type { JsonObject } from "./slack-error.ts";

/** A request that a test wants signed otherwise than Slack would. */
export interface Signing {
  readonly secret?: string;
  /** Seconds that the timestamp differs from now; negative: the past. */
  readonly skewSeconds?: number;
}

/** Requests as Slack makes them to the app's URL. */
export interface HttpDelivery extends Carrier {
  /** Where requests go; unset means that nothing is delivered over HTTP. */
  url: string | undefined;
  /** How the next requests are signed; `{}`: as Slack does. */
  signing: Signing;
  /** The handshake by which Slack checks the URL; resolves with status and body. */
  verifyUrl(challenge: string): Promise<{ readonly status: number; readonly body: string }>;
}

export interface HttpDeliveryDeps {
  readonly signingSecret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Until a request counts as failed; Slack: 3 seconds. */
  readonly timeoutMs: number;
}

export function createHttpDelivery(deps: HttpDeliveryDeps): HttpDelivery {
  const { signingSecret, now, timeoutMs } = deps;

  async function post(body: string, contentType: string, retry?: Retry): Promise<Response> {
    const { secret = signingSecret, skewSeconds = 0 } = self.signing;
    const timestamp = String(Math.floor(now() / 1000) + skewSeconds);
    const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
    return await fetch(self.url ?? "", {
      method: "POST",
      body,
      headers: {
        "content-type": contentType,
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": `v0=${digest}`,
        ...(retry && {
          "x-slack-retry-num": String(retry.attempt),
          "x-slack-retry-reason": retry.reason,
        }),
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
  }

  const self: HttpDelivery = {
    url: undefined,
    signing: {},

    async send(kind, payload, retry) {
      const sentAt = performance.now();
      const { body, contentType } = encode(kind, payload);
      try {
        const response = await post(body, contentType, retry);
        const text = await response.text();
        if (response.ok) {
          return { kind: "acked", body: parsed(text), afterMs: performance.now() - sentAt };
        }
        return refusal(response);
      } catch (error) {
        const timedOut = error instanceof DOMException && error.name === "TimeoutError";
        return { kind: "failed", reason: timedOut ? "http_timeout" : "connection_failed" };
      }
    },

    async verifyUrl(challenge) {
      const body = { token: "verification-token", challenge, type: "url_verification" };
      const response = await post(JSON.stringify(body), "application/json");
      return { status: response.status, body: await response.text() };
    },
  };
  return self;
}

function refusal({ status, headers }: Response): Answer {
  const noRetry = headers.get("x-slack-no-retry") === "1";
  return { kind: "failed", reason: "http_error", status, ...(noRetry && { noRetry }) };
}

/** Events are JSON, commands a form, and interactions a form with one field of JSON. */
function encode(kind: PayloadKind, payload: JsonObject) {
  if (kind === "events_api") {
    return { body: JSON.stringify(payload), contentType: "application/json" };
  }
  const fields =
    kind === "interactive"
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return {
    body: new URLSearchParams(fields).toString(),
    contentType: "application/x-www-form-urlencoded",
  };
}

/** Acks are empty, JSON, or the text that a command is answered with. */
function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
