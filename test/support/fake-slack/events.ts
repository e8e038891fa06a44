import type { Deliveries, Delivery } from "./deliveries.ts";
import { type Message, type MessageChange, wireMessage } from "./messages.ts";
import type { JsonObject } from "./slack-error.ts";
import type { FakeChannel, Workspace } from "./workspace.ts";

const MESSAGE_SUBSCRIPTION: Readonly<Record<FakeChannel["kind"], string>> = {
  public: "message.channels",
  private: "message.groups",
  im: "message.im",
  mpim: "message.mpim",
};

/** Tells the app what happens in the workspace, as far as it subscribed. */
export interface Events {
  /** Sends one event, if events of `subscription` (default: its type) are sent to the app. */
  emit(event: JsonObject, subscription?: string): Delivery | undefined;
  /** The `message` event of a change and, where the app is named, the `app_mention` beside it. */
  announce(change: MessageChange): Delivery[];
}

export function createEvents(
  workspace: Workspace,
  deliveries: Deliveries,
  isSent: (subscription: string) => boolean,
): Events {
  const { team, bot } = workspace;

  const self: Events = {
    emit(event, subscription = String(event.type)) {
      if (!isSent(subscription)) return undefined;
      return deliveries.send("events_api", {
        token: "verification-token",
        team_id: team.id,
        context_team_id: team.id,
        context_enterprise_id: null,
        api_app_id: bot.appId,
        event,
        type: "event_callback",
        event_id: workspace.nextId("Ev"),
        event_time: Math.floor(workspace.now() / 1000),
        authorizations: [
          {
            enterprise_id: null,
            team_id: team.id,
            user_id: bot.userId,
            is_bot: true,
            is_enterprise_install: false,
          },
        ],
        is_ext_shared_channel: false,
        event_context: `4-${workspace.nextId("Ec")}`,
      });
    },

    announce(change) {
      const message = change.kind === "deleted" ? change.previous : change.message;
      const channel = workspace.channels.get(message.channel);
      if (!channel?.members.has(bot.userId) || message.onlyFor) return [];
      const event = eventOf(workspace, channel, change);
      const sent = [self.emit(event, MESSAGE_SUBSCRIPTION[channel.kind])];
      if (change.kind === "posted" && mentionsApp(workspace, channel, message)) {
        const { channel_type: _, ...rest } = event;
        sent.push(self.emit({ ...rest, type: "app_mention" }));
      }
      return sent.filter((delivery) => delivery !== undefined);
    },
  };
  return self;
}

function mentionsApp({ bot }: Workspace, { kind }: FakeChannel, { user, text }: Message): boolean {
  return kind !== "im" && user !== bot.userId && text.includes(`<@${bot.userId}`);
}

function eventOf(workspace: Workspace, { id, kind }: FakeChannel, change: MessageChange) {
  const types = { public: "channel", private: "group", im: "im", mpim: "mpim" } as const;
  const place = { channel: id, channel_type: types[kind] };
  if (change.kind === "posted") {
    const { ts } = change.message;
    return { ...wireMessage(workspace, change.message), ...place, event_ts: ts };
  }
  const ts = workspace.nextTs();
  const previous = wireMessage(workspace, change.previous);
  const common = { type: "message", hidden: true, ...place, ts, event_ts: ts };
  return change.kind === "changed"
    ? {
        ...common,
        subtype: "message_changed",
        message: wireMessage(workspace, change.message),
        previous_message: previous,
      }
    : {
        ...common,
        subtype: "message_deleted",
        deleted_ts: change.previous.ts,
        previous_message: previous,
      };
}
