import { SlackError, WebAPIPlatformError } from "@slack/web-api";

/** Slack's own word for why it refused a call, such as `channel_not_found`. */
export function slackErrorOf(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/** Whether a call to Slack failed, refused or not. */
export function isSlackFailure(error: unknown): boolean {
  return error instanceof SlackError;
}
