import type { FakeContext } from "#test/support/fake-slack/context.ts";
import { SlackError } from "#test/support/fake-slack/slack-error.ts";
import type { FakeChannel, Workspace } from "#test/support/fake-slack/workspace.ts";

/** @throws SlackError `channel_not_found` */
export function findChannel({ channels, bot }: Workspace, id: string): FakeChannel {
  const channel = channels.get(id);
  const hidden = channel && channel.kind !== "public" && !channel.members.has(bot.userId);
  if (!channel || hidden) throw new SlackError("channel_not_found");
  return channel;
}

/**
 * Where the app may post; a user's id stands for the DM with that user.
 *
 * @throws SlackError `channel_not_found`, `is_archived` or `not_in_channel`.
 */
export function postableChannel({ workspace }: FakeContext, id: string): FakeChannel {
  const user = workspace.users.get(id);
  const channel = user ? workspace.dmWith(id) : findChannel(workspace, id);
  if (channel.archived) throw new SlackError("is_archived");
  if (!channel.members.has(workspace.bot.userId)) throw new SlackError("not_in_channel");
  return channel;
}
