import type { WebClient } from "@slack/web-api";

/** Where a conversation takes place: a thread, or the channel itself where there is none. */
export interface ConversationPlace {
  readonly channel: string;
  readonly threadTs?: string | undefined;
}

/** A message as a confirmation's place: channel and timestamp. */
export function placeOf(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}

/** The message of a place that {@link placeOf} made. */
export function messageAt(place: string): { readonly channel: string; readonly ts: string } {
  const [channel = "", ts = ""] = place.split("/");
  return { channel, ts };
}

/** The conversation that takes place there. */
export function conversationIn(
  teamId: string,
  { channel, threadTs = "" }: ConversationPlace,
): string {
  return `slack:${teamId}/${channel}/${threadTs}`;
}

/** Where a conversation of Slack takes place; undefined for that of another front end. */
export function conversationPlace(conversation: string): ConversationPlace | undefined {
  const [, channel, threadTs] = /^slack:[^/]+\/([^/]+)\/([^/]*)$/.exec(conversation) ?? [];
  return channel ? { channel, threadTs: threadTs || undefined } : undefined;
}

/** Whether a question was asked in Slack: in a conversation, or by a button of a notice. */
export function isOfSlack({ conversation }: { readonly conversation: string }): boolean {
  return /^(?:slack|deletion):/.test(conversation);
}

/** Address of the message at a place, for a person; undefined where Slack does not say. */
export async function permalinkTo(web: WebClient, place: string): Promise<string | undefined> {
  const { channel, ts: message_ts } = messageAt(place);
  const answer = await web.chat.getPermalink({ channel, message_ts }).catch(() => undefined);
  return answer?.permalink;
}
