import { SlackError, WebAPIPlatformError } from "@slack/web-api";

/** Slack's own word for what went wrong, such as `channel_not_found`; undefined for other errors. */
export function slackErrorOf(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/** Whether it was a call to Slack that failed, in whatever way. */
export function isSlackFailure(error: unknown): boolean {
  return error instanceof SlackError;
}
