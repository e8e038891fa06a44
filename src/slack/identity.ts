import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  type WebClient,
} from "@slack/web-api";
import { z } from "zod";
import { fullJitter, retry } from "#src/agent/models/retry.ts";
import { PublicError } from "#src/errors.ts";
import type { SlackIdentity } from "./services.ts";

/** How long Slack may be away at the start, in attempts and milliseconds between them. */
const patience = { attempts: 8, firstDelay: 1_000, longestDelay: 10_000 };

/** Platform errors that mean Slack's own trouble; every other one is an answer. */
const passing = new Set([
  "fatal_error",
  "internal_error",
  "ratelimited",
  "request_timeout",
  "service_unavailable",
]);

const answerSchema = z.object({
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string(),
  enterprise_id: z.string().optional().catch(undefined),
});

/**
 * Asks Slack who we are, and waits about half a minute for a Slack that is away.
 *
 * @throws PublicError when Slack refuses the token, when it is not a bot's, or when Slack stays away.
 */
export async function readIdentity(
  web: WebClient,
  signal: AbortSignal,
  { attempts, firstDelay, longestDelay } = patience,
): Promise<SlackIdentity> {
  const delayAfter = (error: unknown, failures: number) => {
    if (signal.aborted || failures >= attempts || !mayPass(error)) return undefined;
    if (error instanceof WebAPIRateLimitedError) return error.retryAfter * 1000;
    return fullJitter(failures, firstDelay, longestDelay);
  };
  const answer = await retry(() => web.auth.test(), { delayAfter, signal }).catch((error) => {
    throw new PublicError(describeFailure(error), { cause: error });
  });
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) {
    throw new PublicError("SLACK_BOT_TOKEN is not a bot's token; expected one with xoxb-….");
  }
  const { team_id, user_id, bot_id, enterprise_id } = parsed.data;
  return { teamId: team_id, enterpriseId: enterprise_id, botUserId: user_id, botId: bot_id };
}

function mayPass(error: unknown): boolean {
  if (error instanceof WebAPIPlatformError) return passing.has(error.data.error);
  if (error instanceof WebAPIHTTPError) return error.statusCode >= 500;
  return true;
}

function describeFailure(error: unknown): string {
  if (error instanceof WebAPIPlatformError && !passing.has(error.data.error)) {
    return `Slack refuses SLACK_BOT_TOKEN (${error.data.error}): copy the token again from OAuth & Permissions, or install the app again.`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `Slack did not say who we are, so nothing was started: ${reason}`;
}
