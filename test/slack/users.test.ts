import { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { silentLogger } from "#src/log.ts";
import { createPrincipals, type GroupRole, type Principal } from "#src/policy/principal.ts";
import { createSlackUsers } from "#src/slack/users.ts";
import { clockAt } from "#test/support/clock.ts";
import type { WorkspaceSeed } from "#test/support/fake-slack/workspace.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";

const ann: Principal = { id: "U1", name: "U1", role: "admin", owner: "ann", timeZone: "UTC" };

interface Options extends WorkspaceSeed {
  readonly known?: readonly Principal[];
  readonly unknownRole?: string;
  readonly groups?: readonly GroupRole[];
  readonly groupIds?: readonly string[];
  readonly externals?: "refuse" | "viewer";
}

async function setUp(options: Options = {}) {
  const { known = [], unknownRole = "viewer", groups, groupIds, ...rest } = options;
  const { externals = "refuse", ...seed } = rest;
  const { fake, connection } = await startFakeSlack({
    users: [{ id: "U1", realName: "Ann Example", tz: "America/New_York" }],
    ...seed,
  });
  const clock = clockAt("2026-11-24T12:00:00Z");
  const web = new WebClient(connection.botToken, {
    slackApiUrl: connection.apiUrl,
    retryConfig: { retries: 0 },
  });
  const unknown = { role: unknownRole, timeZone: "Europe/Berlin" };
  const principals = createPrincipals(known, unknown, groups, groupIds);
  const identity = { teamId: fake.workspace.team.id };
  const log = silentLogger;
  const users = createSlackUsers({ web, identity, principals, externals, clock, log });
  return { users, fake, clock };
}

describe("somebody's name and time zone", () => {
  it("come from Slack", async () => {
    const { users } = await setUp({ known: [ann] });

    expect(await users.principalOf("U1")).toEqual({
      ...ann,
      name: "Ann Example",
      timeZone: "America/New_York",
    });
  });

  it("are the policy's name where it says one, and its zone where Slack's is none", async () => {
    const { users } = await setUp({
      users: [{ id: "U1", realName: "Root", tz: "Nowhere/Atlantis" }],
      known: [{ ...ann, name: "Ann" }],
    });

    expect(await users.principalOf("U1")).toMatchObject({ name: "Ann", timeZone: "UTC" });
  });

  it("are no reason for having no role where Slack says none", async () => {
    const { users } = await setUp({ users: [{ id: "U1", tz: null as unknown as string }] });

    expect(await users.principalOf("U1")).toMatchObject({
      role: "viewer",
      timeZone: "Europe/Berlin",
    });
  });

  it("hide nothing", async () => {
    const { users } = await setUp({ users: [{ id: "U1", realName: "A\u202enn\nlee" }] });

    expect((await users.principalOf("U1")).name).toBe("A nn lee");
  });

  it("are asked for once in a while, and once for all who ask at once", async () => {
    const { users, fake, clock } = await setUp();

    await Promise.all([users.principalOf("U1"), users.principalOf("U1")]);
    await users.principalOf("U1");
    expect(fake.calls("users.info")).toHaveLength(1);

    clock.advance({ minutes: 11 });
    fake.workspace.addUser({ id: "U1", realName: "Ann", tz: "Asia/Tokyo" });
    expect((await users.principalOf("U1")).timeZone).toBe("Asia/Tokyo");
    expect(fake.calls("users.info")).toHaveLength(2);
  });
});

describe("somebody's role", () => {
  const userGroups = [
    { id: "S1", handle: "ops", users: ["U1"] },
    { id: "S2", handle: "admins", users: ["U1"] },
    { id: "S3", handle: "others", users: ["U2"] },
  ];

  it("is the policy's for the own id, whatever the groups", async () => {
    const groups = [{ id: "S1", role: "viewer" }];
    const { users } = await setUp({ known: [ann], userGroups, groups });

    expect((await users.principalOf("U1")).role).toBe("admin");
  });

  it("is that of the first group that the person is in", async () => {
    const groups = [
      { id: "S3", role: "owner" },
      { id: "S2", role: "admin" },
      { id: "S1", role: "operator" },
    ];
    const { users } = await setUp({ userGroups, groups });

    expect((await users.principalOf("U1")).role).toBe("admin");
  });

  it("is that of unknown users for anybody else, also where a group cannot be read", async () => {
    const { users, fake } = await setUp({ userGroups, groups: [{ id: "S1", role: "admin" }] });
    fake.faults.always("usergroups.users.list", { kind: "error", error: "missing_scope" });

    expect((await users.principalOf("U1")).role).toBe("viewer");
  });

  it.each([
    ["a guest", { guest: "restricted" }],
    ["a guest of one channel", { guest: "ultra_restricted" }],
    ["a person of another workspace", { teamId: "T0OTHER" }],
  ] as const)("is none for %s, or to look on where that is wanted", async (_, facts) => {
    const seed = {
      users: [{ id: "U1", ...facts }],
      userGroups,
      groups: [{ id: "S1", role: "admin" }],
    };

    const refusing = await setUp(seed);
    expect((await refusing.users.principalOf("U1")).role).toBe("nobody");
    const inviting = await setUp({ ...seed, externals: "viewer" });
    expect((await inviting.users.principalOf("U1")).role).toBe("viewer");
  });

  it.each([
    ["a deactivated account", { deleted: true }],
    ["a bot", { isBot: true }],
  ])("is none for %s", async (_, facts) => {
    const { users } = await setUp({ users: [{ id: "U1", ...facts }] });

    expect((await users.principalOf("U1")).role).toBe("nobody");
  });

  it("is none while Slack does not say who it is, but for the own id's", async () => {
    const { users, fake } = await setUp({ known: [ann] });
    fake.faults.always("users.info", { kind: "error", error: "internal_error" });

    expect(await users.principalOf("U1")).toEqual(ann);
    expect(await users.principalOf("U2")).toMatchObject({
      role: "nobody",
      timeZone: "Europe/Berlin",
    });
  });

  it("still holds while Slack does not say it again", async () => {
    const { users, fake, clock } = await setUp();
    await users.principalOf("U1");
    clock.advance({ minutes: 11 });
    fake.faults.always("users.info", { kind: "status", status: 503 });

    expect(await users.principalOf("U1")).toMatchObject({ role: "viewer", name: "Ann Example" });
  });
});

describe("the groups somebody is in", () => {
  const userGroups = [
    { id: "S1", handle: "ops", users: ["U1"] },
    { id: "S2", handle: "others", users: ["U9"] },
  ];
  const seed = { userGroups, groupIds: ["S1", "S2"] };

  it("are those that the policy's rules name, also for whom it lists", async () => {
    const { users } = await setUp({ ...seed, known: [ann] });

    expect((await users.principalOf("U1")).groups).toEqual(["S1"]);
    expect((await users.principalOf("U2")).groups).toBe("unknown");
  });

  it("are not known where Slack does not say all of them", async () => {
    const { users, fake } = await setUp(seed);
    fake.faults.always("usergroups.users.list", { kind: "error", error: "missing_scope" });

    expect((await users.principalOf("U1")).groups).toBe("unknown");
  });

  it("give nothing to a guest of the workspace", async () => {
    const guests = [{ id: "U1", guest: "restricted" as const }];
    const { users } = await setUp({ ...seed, users: guests, externals: "viewer" });

    expect((await users.principalOf("U1")).groups).toBe("unknown");
  });

  it("are asked for only where a rule names groups", async () => {
    const { users } = await setUp({ userGroups });

    expect(await users.principalOf("U1")).not.toHaveProperty("groups");
  });
});
