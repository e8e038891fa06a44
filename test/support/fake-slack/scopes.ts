import type { JsonObject } from "./slack-error.ts";
import type { FakeChannel } from "./workspace.ts";

/** `history` and the like stand for `channels:history`, `groups:history` … by the kind of channel. */
const NEEDED: Readonly<Record<string, string>> = {
  "agents.sessions.rename": "chat:write",
  "agents.sessions.setStatus": "chat:write",
  "assistant.threads.setStatus": "chat:write",
  "assistant.threads.setSuggestedPrompts": "assistant:write",
  "assistant.threads.setTitle": "assistant:write",
  "chat.appendStream": "chat:write",
  "chat.delete": "chat:write",
  "chat.postEphemeral": "chat:write",
  "chat.postMessage": "chat:write",
  "chat.startStream": "chat:write",
  "chat.stopStream": "chat:write",
  "chat.update": "chat:write",
  "conversations.history": "history",
  "conversations.info": "read",
  "conversations.join": "channels:join",
  "conversations.list": "read",
  "conversations.members": "read",
  "conversations.open": "im:write",
  "conversations.replies": "history",
  "reactions.add": "reactions:write",
  "usergroups.list": "usergroups:read",
  "usergroups.users.list": "usergroups:read",
  "users.info": "users:read",
  "users.list": "users:read",
};

const FAMILY: Readonly<Record<FakeChannel["kind"], string>> = {
  public: "channels",
  private: "groups",
  im: "im",
  mpim: "mpim",
};

/** Kinds of channels, as `conversations.list` calls them. */
export const KIND_OF_TYPE: Readonly<Record<string, FakeChannel["kind"]>> = {
  public_channel: "public",
  private_channel: "private",
  im: "im",
  mpim: "mpim",
};

/** Without the scope, Slack does not send the events of a subscription. */
const NEEDED_BY_SUBSCRIPTION: Readonly<Record<string, string>> = {
  app_mention: "app_mentions:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  "message.mpim": "mpim:history",
};

/** The events that an app is sent: those it subscribed to and has the scope for. */
export function eventsGranted(
  subscriptions: ReadonlySet<string>,
  scopes: ReadonlySet<string>,
): (subscription: string) => boolean {
  return (subscription) => {
    const scope = NEEDED_BY_SUBSCRIPTION[subscription];
    return subscriptions.has(subscription) && (scope === undefined || scopes.has(scope));
  };
}

/** The scopes that a call needs, all of them; `kind` is that of the channel it names. */
export function scopesNeeded(
  method: string,
  args: JsonObject,
  kind: FakeChannel["kind"] = "public",
): readonly string[] {
  const scope = NEEDED[method];
  if (scope === undefined) return [];
  if (scope.includes(":")) return [scope];
  const types = typeof args.types === "string" ? args.types.split(",") : [];
  const kinds = types.map((type) => KIND_OF_TYPE[type.trim()] ?? kind);
  return (kinds.length > 0 ? kinds : [kind]).map((each) => `${FAMILY[each]}:${scope}`);
}
