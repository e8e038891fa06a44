import { z } from "zod";
import type { FakeContext } from "./context.ts";
import type { Deliveries, Delivery } from "./deliveries.ts";
import { type Message, wireMessage } from "./messages.ts";
import type { ResponseUrls } from "./response-urls.ts";
import type { JsonObject } from "./slack-error.ts";
import { type FakeView, wireView } from "./views.ts";
import type { FakeUser } from "./workspace.ts";

/** An element that was used, with the state that Slack adds. */
export interface Action {
  readonly element: JsonObject;
  readonly blockId: string;
}

export interface InteractionDeps {
  readonly context: FakeContext;
  readonly deliveries: Deliveries;
  readonly responseUrls: ResponseUrls;
}

/** An ack that is itself a message. */
const shownAnswer = z.union([
  z.looseObject({ text: z.string().min(1) }),
  z.looseObject({ blocks: z.array(z.unknown()) }),
]);

/** Builds and sends the payloads of clicks, submissions and commands. */
export function createInteractions({ context, deliveries, responseUrls }: InteractionDeps) {
  const { workspace, views } = context;
  const { team, bot } = workspace;

  function common(type: string, user: FakeUser): JsonObject {
    return {
      type,
      team: { id: team.id, domain: team.domain },
      user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
      api_app_id: bot.appId,
      token: "verification-token",
      enterprise: null,
      is_enterprise_install: false,
      trigger_id: views.issueTrigger(user.id),
    };
  }

  function wireAction({ element, blockId }: Action): JsonObject {
    const { confirm: _, accessibility_label: __, ...shown } = element;
    return { ...shown, block_id: blockId, action_ts: workspace.nextTs() };
  }

  return {
    /** A click in a message; an ephemeral one is not in the payload. */
    clickInMessage(user: FakeUser, message: Message, action: Action): Delivery {
      const channel = workspace.channels.get(message.channel);
      const thread = message.threadTs && { thread_ts: message.threadTs };
      return deliveries.send("interactive", {
        ...common("block_actions", user),
        container: {
          type: "message",
          message_ts: message.ts,
          channel_id: message.channel,
          is_ephemeral: message.onlyFor !== undefined,
          ...thread,
        },
        channel: { id: message.channel, name: channelName(channel?.kind, channel?.name) },
        ...(!message.onlyFor && { message: wireMessage(workspace, message) }),
        state: { values: {} },
        response_url: responseUrls.issue({ channel: message.channel, user: user.id, message }),
        actions: [wireAction(action)],
      });
    },

    /** A click in a modal or in the home tab. */
    clickInView(user: FakeUser, view: FakeView, action: Action): Delivery {
      return deliveries.send("interactive", {
        ...common("block_actions", user),
        container: { type: "view", view_id: view.id },
        view: wireView(workspace, view),
        actions: [wireAction(action)],
      });
    },

    submission(user: FakeUser, view: FakeView, values: JsonObject): Delivery {
      return deliveries.send("interactive", {
        ...common("view_submission", user),
        view: wireView(workspace, view, values),
        response_urls: [],
      });
    },

    closing(user: FakeUser, view: FakeView): Delivery {
      const { trigger_id: _, ...rest } = common("view_closed", user);
      const payload = { ...rest, view: wireView(workspace, view), is_cleared: false };
      return deliveries.send("interactive", payload);
    },

    /** A slash command; a text in the answer is shown to the user alone. */
    command(user: FakeUser, channelId: string, command: string, text: string): Delivery {
      const channel = workspace.channels.get(channelId);
      const occasion = { channel: channelId, user: user.id };
      const delivery = deliveries.send("slash_commands", {
        token: "verification-token",
        team_id: team.id,
        team_domain: team.domain,
        channel_id: channelId,
        channel_name: channelName(channel?.kind, channel?.name),
        user_id: user.id,
        user_name: user.name,
        command,
        text,
        api_app_id: bot.appId,
        is_enterprise_install: "false",
        response_url: responseUrls.issue(occasion),
        trigger_id: views.issueTrigger(user.id),
      });
      void delivery.outcome.then((answer) => {
        const body = answer.kind === "acked" ? answer.body : undefined;
        const shown = shownAnswer.safeParse(body);
        if (shown.success) responseUrls.show(occasion, shown.data);
      });
      return delivery;
    },
  };
}

export type Interactions = ReturnType<typeof createInteractions>;

function channelName(kind: string | undefined, name: string | undefined): string {
  return kind === "im" ? "directmessage" : (name ?? "");
}
