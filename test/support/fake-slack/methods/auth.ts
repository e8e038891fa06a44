import { type MethodTable, method } from "#test/support/fake-slack/arguments.ts";
import type { Workspace } from "#test/support/fake-slack/workspace.ts";

/** `auth.test` and `apps.connections.open`. */
export function authMethods(
  { team, bot, users }: Workspace,
  openConnection: () => string,
): MethodTable {
  return {
    "auth.test": method({}, () => ({
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: users.get(bot.userId)?.name,
      team_id: team.id,
      user_id: bot.userId,
      bot_id: bot.botId,
      is_enterprise_install: false,
    })),
    "apps.connections.open": method({}, () => ({ url: openConnection() })),
  };
}
