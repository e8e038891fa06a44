import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { PublicError } from "#src/errors.ts";
import { slackErrorOf } from "#src/slack/slack-error.ts";

const channelSchema = z.object({
  id: z.string(),
  name: z.string(),
  is_member: z.boolean().default(false),
  is_archived: z.boolean().default(false),
});
type Channel = z.infer<typeof channelSchema>;

const pageSchema = z.object({
  channels: z.array(channelSchema),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** Of a thousand channels each; whoever has more names the channel by its id. */
const mostPages = 100;

/**
 * The id of the channel that hears of everything.
 *
 * @param wanted an id, or a name with or without `#`
 * @throws PublicError when there is no such channel, or when we are not in it.
 */
export async function resolveChannel(web: WebClient, wanted: string): Promise<string> {
  const channel = await findChannel(web, wanted.replace(/^#/, ""));
  if (!channel || channel.is_archived) {
    throw new PublicError(
      `There is no channel ${wanted} that I can see: create it, or name another in SLACK_CHANNEL; a private one I see once I am invited.`,
    );
  }
  if (!channel.is_member) {
    throw new PublicError(`I am not in #${channel.name}: invite me there with /invite.`);
  }
  return channel.id;
}

async function findChannel(web: WebClient, wanted: string): Promise<Channel | undefined> {
  if (/^[CG][A-Z0-9]{6,}$/.test(wanted)) return readChannel(web, wanted);
  let cursor: string | undefined;
  for (let read = 0; read < mostPages; read++) {
    const answer = await web.conversations.list({
      types: "public_channel,private_channel",
      exclude_archived: true,
      limit: 1_000,
      ...(cursor && { cursor }),
    });
    const page = pageSchema.parse(answer);
    const found = page.channels.find(({ name }) => name === wanted);
    if (found) return found;
    cursor = page.response_metadata?.next_cursor;
    if (!cursor) return undefined;
  }
  return undefined;
}

async function readChannel(web: WebClient, id: string): Promise<Channel | undefined> {
  try {
    const answer = await web.conversations.info({ channel: id });
    return channelSchema.parse(answer.channel);
  } catch (error) {
    if (slackErrorOf(error) === "channel_not_found") return undefined;
    throw error;
  }
}
