import { createHmac, timingSafeEqual } from "node:crypto";
import { Temporal } from "temporal-polyfill";

/** How far a signature's time may be from ours, either way. */
const tolerance = Temporal.Duration.from({ minutes: 5 });

interface SignedRequest {
  readonly body: Buffer;
  /** The header `x-slack-request-timestamp`. */
  readonly timestamp: string | undefined;
  /** The header `x-slack-signature`. */
  readonly signature: string | undefined;
}

/** Why a request is not Slack's, or undefined when it is. */
export function findForgery(
  { body, timestamp, signature }: SignedRequest,
  secret: string,
  now: Temporal.Instant,
): string | undefined {
  if (!timestamp || !signature) return "unsigned";
  if (!/^\d{1,12}$/.test(timestamp)) return "no time";
  const off = Math.abs(now.epochMilliseconds - Number(timestamp) * 1000);
  if (off > tolerance.total("milliseconds")) return "too old or from the future";
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body);
  const expected = Buffer.from(`v0=${hmac.digest("hex")}`);
  const given = Buffer.from(signature);
  const equal = given.length === expected.length && timingSafeEqual(given, expected);
  return equal ? undefined : "wrong signature";
}
