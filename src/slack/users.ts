import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { type Clock, isTimeZone } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { plainText } from "#src/plain-text.ts";
import type { Principal, Principals } from "#src/policy/principal.ts";
import { nobody } from "#src/policy/roles.ts";
import { maybeText } from "./maybe-text.ts";
import type { SlackIdentity, SlackSettings } from "./services.ts";

/** The people of a workspace as the policy knows them. */
export interface SlackUsers {
  /**
   * Who this is, never by what a message says. Role: the policy's for the person's id, else for
   * the first of the groups that the person is in, else the one for unknown users. Never rejects:
   * somebody about whom Slack does not answer gets no role but the one for the own id.
   */
  principalOf(userId: string): Promise<Principal>;
}

interface Deps {
  readonly web: WebClient;
  readonly identity: Pick<SlackIdentity, "teamId" | "enterpriseId">;
  readonly principals: Principals;
  /** What guests of the workspace and people of other organizations get. */
  readonly externals: SlackSettings["externals"];
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long what Slack said is believed: a person who travels or changes groups waits so long. */
const lifetime = { minutes: 10 } as const;

const profileSchema = z.object({
  team_id: z.string().optional(),
  real_name: maybeText,
  tz: maybeText,
  deleted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  is_restricted: z.boolean().default(false),
  is_ultra_restricted: z.boolean().default(false),
  is_stranger: z.boolean().default(false),
  enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
});
type Profile = z.infer<typeof profileSchema>;

/** The people behind the ids of Slack's events. */
export function createSlackUsers(deps: Deps): SlackUsers {
  const { web, identity, principals, externals, log } = deps;

  const profileOf = remember(deps, async (user): Promise<Profile> => {
    const answer = await web.users.info({ user });
    return profileSchema.parse(answer.user);
  });
  const membersOf = remember(deps, async (usergroup): Promise<readonly string[]> => {
    const answer = await web.usergroups.users.list({ usergroup });
    return z.array(z.string()).parse(answer.users);
  });

  /** Undefined where Slack does not say it. */
  async function ask<T>(what: string, answer: Promise<T>): Promise<T | undefined> {
    return answer.catch((error: unknown) => {
      log.warn({ err: error, what }, "Slack did not say who somebody is");
      return undefined;
    });
  }

  async function roleOf(userId: string, profile: Profile | undefined): Promise<string> {
    if (!profile || profile.deleted || profile.is_bot) return nobody;
    if (isExternal(profile, identity)) return externals === "viewer" ? "viewer" : nobody;
    for (const { id, role } of principals.groups) {
      const members = await ask("group", membersOf(id));
      if (members?.includes(userId)) return role;
    }
    return principals.find(userId).role;
  }

  /** Undefined where no group matters. What guests and strangers are in gives them nothing. */
  async function groupsOf(userId: string, profile: Profile | undefined) {
    const { groupIds } = principals;
    if (groupIds.length === 0) return undefined;
    if (!profile || isExternal(profile, identity)) return "unknown";
    const asked = groupIds.map(async (id) => ({ id, members: await ask("group", membersOf(id)) }));
    const answers = await Promise.all(asked);
    if (answers.some(({ members }) => members === undefined)) return "unknown";
    return answers.filter(({ members }) => members?.includes(userId)).map(({ id }) => id);
  }

  return {
    async principalOf(userId) {
      const listed = principals.known.find(({ id }) => id === userId);
      const found = listed ?? principals.find(userId);
      const profile = await ask("user", profileOf(userId));
      const role = listed?.role ?? (await roleOf(userId, profile));
      const groups = await groupsOf(userId, profile);
      const person = { name: nameOf(found, profile), timeZone: zoneOf(found, profile) };
      return { ...found, role, ...person, ...(groups && { groups }) };
    },
  };
}

function isExternal(profile: Profile, { teamId, enterpriseId }: Deps["identity"]): boolean {
  const { is_restricted, is_ultra_restricted, is_stranger, team_id, enterprise_user } = profile;
  const ofEnterprise = enterpriseId && enterprise_user?.enterprise_id === enterpriseId;
  const ofTeam = team_id === undefined || team_id === teamId;
  return is_restricted || is_ultra_restricted || is_stranger || !(ofTeam || ofEnterprise);
}

/** The policy's name goes first: people choose the one in their profile themselves. */
function nameOf({ id, name }: Principal, profile: Profile | undefined): string {
  return name === id ? plainText(profile?.real_name ?? "", 64) || id : name;
}

function zoneOf({ timeZone }: Principal, profile: Profile | undefined): string {
  const zone = profile?.tz;
  return zone && isTimeZone(zone) ? zone : timeZone;
}

/**
 * Remembers answers for a while, and asks once for all who ask at the same time. While Slack does
 * not answer, what it said last still holds.
 */
function remember<T>({ clock }: Pick<Deps, "clock">, ask: (key: string) => Promise<T>) {
  const answers = new Map<string, { readonly answer: Promise<T>; readonly until: number }>();

  return (key: string): Promise<T> => {
    const now = clock.now();
    const before = answers.get(key);
    if (before && before.until > now.epochMilliseconds) return before.answer;

    const answer = ask(key).catch((error: unknown) => {
      answers.delete(key);
      if (!before) throw error;
      answers.set(key, before);
      return before.answer;
    });
    answers.set(key, { answer, until: now.add(lifetime).epochMilliseconds });
    return answer;
  };
}
