import { z } from "zod";
import { count, flag, type MethodTable, method } from "#test/support/fake-slack/arguments.ts";
import { SlackError } from "#test/support/fake-slack/slack-error.ts";
import type { FakeUser, Workspace } from "#test/support/fake-slack/workspace.ts";

/** `users.*` and `usergroups.*`. */
export function userMethods({ users, userGroups }: Workspace): MethodTable {
  const list = { include_disabled: flag.optional(), include_users: flag.optional() };
  return {
    "users.info": method({ user: z.string(), include_locale: flag.optional() }, ({ user }) => {
      const found = users.get(user);
      if (!found) throw new SlackError("user_not_found");
      return { user: wireUser(found) };
    }),
    "users.list": method({ cursor: z.string().optional(), limit: count.optional() }, () => ({
      members: [...users.values()].map(wireUser),
      response_metadata: { next_cursor: "" },
    })),
    "usergroups.list": method({ ...list, include_count: flag.optional() }, (args) => ({
      usergroups: [...userGroups.values()].map(({ users: members, ...group }) => ({
        ...group,
        name: group.handle,
        date_delete: 0,
        user_count: members.length,
        ...(args.include_users && { users: members }),
      })),
    })),
    "usergroups.users.list": method({ ...list, usergroup: z.string() }, ({ usergroup }) => {
      const group = userGroups.get(usergroup);
      if (!group) throw new SlackError("no_such_subteam");
      return { users: group.users };
    }),
  };
}

function wireUser(user: FakeUser) {
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    tz: user.tz,
    profile: { real_name: user.realName, display_name: user.name },
    is_bot: user.isBot,
    is_restricted: user.guest !== undefined,
    is_ultra_restricted: user.guest === "ultra_restricted",
    is_stranger: false,
  };
}
