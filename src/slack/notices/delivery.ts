import { WebAPIRateLimitedError, type WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Clock } from "#src/clock.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { type Delivery, DeliveryError } from "#src/outbox/outbox-sender.ts";
import type { OutboxMessage } from "#src/outbox/outbox-store.ts";
import { deletionCard } from "#src/slack/deletions/deletion-card.ts";
import { standingOf } from "#src/slack/deletions/standing.ts";
import { escapeText } from "#src/slack/format/escape.ts";
import { placeOf } from "#src/slack/place.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import { slackErrorOf } from "#src/slack/slack-error.ts";

interface Deps {
  readonly web: WebClient;
  readonly deletions: Pick<DeletionStore, "find">;
  readonly clock: Clock;
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

/** Notices as Slack takes them. */
export interface SlackDelivery extends Delivery {
  /** Whether the last that was to be said could not be; what is tried again tells when it can. */
  isFailing(): boolean;
}

/**
 * Says notices in Slack, marked with their key so that they can be found again; with buttons, where
 * they can be answered.
 */
export function createSlackDelivery(deps: Deps): SlackDelivery {
  const { web, deletions, clock, identity, channel } = deps;
  let failing = false;

  async function channelOf({ recipient }: OutboxMessage): Promise<string> {
    if (recipient === "channel") return channel;
    const user = recipient.replace(/^user:/, "");
    if (!/^[UW][A-Z0-9]+$/.test(user)) {
      throw new DeliveryError(`Nobody in Slack has the id ${user}.`, { permanent: true });
    }
    const opened = await web.conversations.open({ users: user });
    return z.object({ id: z.string() }).parse(opened.channel).id;
  }

  async function contentOf({ message, about }: OutboxMessage) {
    if (!about) return { text: escapeText(message) };
    const deletion = await deletions.find(about.deletion);
    const card = deletionCard(message, standingOf(deletion, about.revision, clock.now()));
    return { text: card.text, blocks: [...card.blocks] };
  }

  async function say(message: OutboxMessage): Promise<string> {
    const answer = await web.chat.postMessage({
      channel: await channelOf(message),
      ...(await contentOf(message)),
      metadata: { event_type: eventType, event_payload: { key: message.key } },
      unfurl_links: false,
      unfurl_media: false,
    });
    const { channel: place, ts } = posted.parse(answer);
    return placeOf(place, ts);
  }

  return {
    isFailing: () => failing,

    async send(message) {
      try {
        const place = await say(message);
        failing = false;
        return place;
      } catch (error) {
        const failure = asDeliveryError(error);
        if (concernsAll(message, failure)) failing = true;
        throw failure;
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
      failing = false;
      const found = history.parse(answer).messages.find(({ bot_id, metadata }) => {
        const isNotice = bot_id === identity.botId && metadata?.event_type === eventType;
        return isNotice && metadata.event_payload.key === message.key;
      });
      return found && placeOf(place, found.ts);
    },
  };
}

/** Whether nobody is told anything, or only one person not. */
function concernsAll({ recipient }: OutboxMessage, failure: unknown): boolean {
  if (!(failure instanceof DeliveryError)) return true;
  return recipient === "channel" && !failure.permanent;
}

/** An answer of Slack's says that nothing arrived; without one, nobody knows. */
function asDeliveryError(error: unknown): unknown {
  const code = error instanceof WebAPIRateLimitedError ? "ratelimited" : slackErrorOf(error);
  if (code === undefined) return error;
  const message = `Slack refused a notice: ${code}`;
  return new DeliveryError(message, { permanent: permanent.has(code), cause: error });
}
