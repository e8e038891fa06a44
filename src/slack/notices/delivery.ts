import { WebAPIRateLimitedError, type WebClient } from "@slack/web-api";
import { z } from "zod";
import { type Delivery, DeliveryError } from "#src/outbox/outbox-sender.ts";
import type { OutboxMessage } from "#src/outbox/outbox-store.ts";
import { escapeText } from "#src/slack/format/escape.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import { slackErrorOf } from "#src/slack/slack-error.ts";

interface Deps {
  readonly web: WebClient;
  readonly identity: Pick<SlackIdentity, "botId">;
  /** The id of the channel that hears of everything. */
  readonly channel: string;
}

/** By which a message is found again, and told from what anybody else writes. */
const eventType = "proxmox_agent_notice";

/** After these the same message never arrives. What a person can mend, such as a channel, may wait. */
const permanent = new Set(["user_not_found", "cannot_dm_bot", "msg_too_long", "no_text"]);

const posted = z.object({ channel: z.string(), ts: z.string() });
const history = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().optional(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.object({ key: z.string().optional() }) })
        .optional()
        .catch(undefined),
    }),
  ),
});

/** Says notices in Slack, marked with their key so that they can be found again. */
export function createSlackDelivery({ web, identity, channel }: Deps): Delivery {
  async function channelOf({ recipient }: OutboxMessage): Promise<string> {
    if (recipient === "channel") return channel;
    const opened = await web.conversations.open({ users: recipient.replace(/^user:/, "") });
    return z.object({ id: z.string() }).parse(opened.channel).id;
  }

  return {
    async send(message) {
      try {
        const answer = await web.chat.postMessage({
          channel: await channelOf(message),
          text: escapeText(message.message),
          metadata: { event_type: eventType, event_payload: { key: message.key } },
          unfurl_links: false,
          unfurl_media: false,
        });
        const { channel: place, ts } = posted.parse(answer);
        return `${place}/${ts}`;
      } catch (error) {
        throw asDeliveryError(error);
      }
    },

    async find(message) {
      const place = await channelOf(message);
      const oldest = String(Math.floor(message.createdAt / 1000) - 60);
      const answer = await web.conversations.history({
        channel: place,
        oldest,
        limit: 200,
        include_all_metadata: true,
      });
      const found = history.parse(answer).messages.find(({ bot_id, metadata }) => {
        const isNotice = bot_id === identity.botId && metadata?.event_type === eventType;
        return isNotice && metadata.event_payload.key === message.key;
      });
      return found && `${place}/${found.ts}`;
    },
  };
}

/** An answer of Slack's says that nothing arrived; without one, nobody knows. */
function asDeliveryError(error: unknown): unknown {
  const code = error instanceof WebAPIRateLimitedError ? "ratelimited" : slackErrorOf(error);
  if (code === undefined) return error;
  const message = `Slack refused a notice: ${code}`;
  return new DeliveryError(message, { permanent: permanent.has(code), cause: error });
}
