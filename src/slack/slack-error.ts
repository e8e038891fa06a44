import { SlackError, WebAPIPlatformError } from "@slack/web-api";

/** Slack's own word for what went wrong, such as `channel_not_found`; undefined for other errors. */
export function slackErrorOf(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/** Whether it was a call to Slack that failed, in whatever way. */
export function isSlackFailure(error: unknown): boolean {
  return error instanceof SlackError;
}

/** After these a message stays as it is for good. */
const uneditable = new Set([
  "block_mismatch",
  "cant_update_message",
  "edit_window_closed",
  "message_not_found",
]);
/** After these nothing can be said there any more. */
const unreachable = new Set([
  "channel_not_found",
  "is_archived",
  "not_in_channel",
  "thread_not_found",
]);

/** Whether the message that could not be edited never will be. */
export function isUneditable(error: unknown): boolean {
  return uneditable.has(slackErrorOf(error) ?? "");
}

/** Whether nothing can be said or edited there, whatever is tried. */
export function isUnreachable(error: unknown): boolean {
  return unreachable.has(slackErrorOf(error) ?? "");
}
