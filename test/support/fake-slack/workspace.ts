import { randomUUID } from "node:crypto";

/** Somebody in the workspace, or somebody of another one who shares a channel with it. */
export interface FakeUser {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  /** IANA zone. */
  readonly tz: string;
  readonly isBot: boolean;
  /** Guests: of several channels (`restricted`) or of a single one (`ultra_restricted`). */
  readonly guest?: "restricted" | "ultra_restricted";
  /** Another workspace's id makes the user a Slack Connect external. */
  readonly teamId: string;
  readonly deleted: boolean;
}

export interface FakeChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: "public" | "private" | "im" | "mpim";
  readonly members: Set<string>;
  readonly archived: boolean;
}

export interface FakeUserGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
}

/** A user as a test asks for one; what is left out is that of a usual member. */
export type UserSeed = Pick<FakeUser, "id"> & Partial<FakeUser>;
export type ChannelSeed = Pick<FakeChannel, "id" | "name"> & {
  readonly kind?: "public" | "private" | "mpim";
  /** Default: everybody, the bot included. */
  readonly members?: readonly string[];
  readonly archived?: boolean;
};

export interface WorkspaceSeed {
  readonly users?: readonly UserSeed[];
  readonly channels?: readonly ChannelSeed[];
  readonly userGroups?: readonly FakeUserGroup[];
  /** Milliseconds since the epoch; default: the real time. */
  readonly now?: () => number;
}

/** Who and what there is, and where ids and timestamps come from. */
export interface Workspace {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly bot: { readonly userId: string; readonly botId: string; readonly appId: string };
  readonly users: Map<string, FakeUser>;
  readonly channels: Map<string, FakeChannel>;
  readonly userGroups: Map<string, FakeUserGroup>;
  readonly now: () => number;
  /** `seconds.microseconds`, later than every one before. */
  nextTs(): string;
  /** `Ev00000001` and the like, unique for each prefix. */
  nextId(prefix: string): string;
  addUser(seed: UserSeed): FakeUser;
  addChannel(seed: ChannelSeed): FakeChannel;
  /** The DM between the app and a user, opened if there was none. */
  dmWith(userId: string): FakeChannel;
}

const DEFAULT_USERS: readonly UserSeed[] = [
  { id: "U0ALICE", realName: "Alice Example" },
  { id: "U0BOB", realName: "Bob Example", tz: "America/New_York" },
  { id: "USLACKBOT", name: "slackbot", realName: "Slackbot" },
];
const DEFAULT_CHANNELS: readonly ChannelSeed[] = [
  { id: "C0PROXMOX", name: "proxmox" },
  { id: "C0GENERAL", name: "general" },
];

export function createWorkspace(seed: WorkspaceSeed = {}): Workspace {
  const now = seed.now ?? Date.now;
  const users = new Map<string, FakeUser>();
  const channels = new Map<string, FakeChannel>();
  const counters = new Map<string, number>();
  let lastMicros = 0;

  const workspace: Workspace = {
    team: { id: "T0FAKE", name: "Fake", domain: "fake" },
    bot: { userId: "U0BOT", botId: "B0BOT", appId: "A0APP" },
    users,
    channels,
    userGroups: new Map((seed.userGroups ?? []).map((group) => [group.id, group])),
    now,
    nextTs() {
      lastMicros = Math.max(lastMicros + 1, now() * 1000);
      const seconds = Math.floor(lastMicros / 1e6);
      return `${seconds}.${String(lastMicros % 1e6).padStart(6, "0")}`;
    },
    nextId(prefix) {
      const count = (counters.get(prefix) ?? 0) + 1;
      counters.set(prefix, count);
      return `${prefix}${String(count).padStart(8, "0")}`;
    },
    addUser(user) {
      const full: FakeUser = {
        name: user.id.replace(/^U0/, "").toLowerCase(),
        realName: user.id,
        tz: "Europe/Vienna",
        isBot: false,
        teamId: workspace.team.id,
        deleted: false,
        ...user,
      };
      users.set(full.id, full);
      return full;
    },
    addChannel({ kind = "public", archived = false, members = [...users.keys()], ...channel }) {
      const full = { ...channel, kind, archived, members: new Set(members) };
      channels.set(full.id, full);
      return full;
    },
    dmWith(userId) {
      const id = `D0${userId.slice(1)}`;
      const open = channels.get(id);
      if (open) return open;
      const members = new Set([userId, workspace.bot.userId]);
      const dm = { id, name: id, kind: "im", archived: false, members } as const;
      channels.set(id, dm);
      return dm;
    },
  };
  workspace.addUser({ id: workspace.bot.userId, name: "pve", realName: "pve", isBot: true });
  for (const user of seed.users ?? DEFAULT_USERS) workspace.addUser(user);
  for (const channel of seed.channels ?? DEFAULT_CHANNELS) workspace.addChannel(channel);
  return workspace;
}

/** An id that nobody guesses, as triggers, envelopes and response URLs have. */
export function secretId(): string {
  return randomUUID();
}
