import { describe, expect, it } from "vitest";
import { errorOf, startFakeSlack } from "./started.ts";

const channel = "C0PROXMOX";

describe("conversations", () => {
  it("are listed page by page, by kind", async () => {
    const { slack, web } = await startFakeSlack();
    slack.workspace.addChannel({ id: "G0OPS", name: "ops", kind: "private" });
    slack.workspace.addChannel({ id: "G0X", name: "x", kind: "private", members: ["U0BOB"] });

    const first = await web.conversations.list({ limit: 1 });
    const cursor = first.response_metadata?.next_cursor ?? "";
    const second = await web.conversations.list({ limit: 1, cursor });
    const hidden = await web.conversations.list({ types: "private_channel" });

    expect(first.channels).toMatchObject([{ id: channel, name: "proxmox", is_member: true }]);
    expect(second.channels).toMatchObject([{ id: "C0GENERAL" }]);
    expect(second.response_metadata?.next_cursor).toBe("");
    expect(hidden.channels?.map(({ id }) => id)).toEqual(["G0OPS"]);
  });

  it("say who is in them, and open DMs once", async () => {
    const { slack, web } = await startFakeSlack();
    slack.workspace.addChannel({ id: "C0OTHER", name: "other", members: ["U0ALICE"] });

    const { channel: dm } = await web.conversations.open({ users: "U0ALICE" });

    expect(dm?.id).toBe(slack.person("U0ALICE").dm);
    expect((await web.conversations.members({ channel: "C0OTHER" })).members).toEqual(["U0ALICE"]);
    expect((await web.conversations.info({ channel: "C0OTHER" })).channel).toMatchObject({
      is_member: false,
    });
    expect(await errorOf(web.conversations.info({ channel: "C0NOWHERE" }))).toBe(
      "channel_not_found",
    );
    expect(await errorOf(web.conversations.open({ users: "U0NOBODY" }))).toBe("user_not_found");
  });

  it("are joined with the scope to join", async () => {
    const { slack, web } = await startFakeSlack();
    slack.workspace.addChannel({ id: "C0OTHER", name: "other", members: [] });

    expect(await errorOf(web.conversations.join({ channel: "C0OTHER" }))).toBe("missing_scope");
    slack.credentials.scopes.add("channels:join");
    await web.conversations.join({ channel: "C0OTHER" });

    expect(await web.chat.postMessage({ channel: "C0OTHER", text: "x" })).toMatchObject({
      ok: true,
    });
  });

  it("have a history, newest first, of what is not in threads", async () => {
    const { slack, web } = await startFakeSlack();
    const alice = slack.person("U0ALICE");
    const one = alice.says(channel, "one");
    alice.says(channel, "reply", { thread: one.ts });
    alice.says(channel, "two");

    const { messages } = await web.conversations.history({ channel });
    const later = await web.conversations.history({ channel, oldest: one.ts });
    const inclusive = await web.conversations.history({ channel, oldest: one.ts, inclusive: true });

    expect(messages?.map(({ text }) => text)).toEqual(["two", "one"]);
    expect(messages?.[1]).toMatchObject({ reply_count: 1, thread_ts: one.ts });
    expect(later.messages?.map(({ text }) => text)).toEqual(["two"]);
    expect(inclusive.messages).toHaveLength(2);
  });

  it("are closed to those who are not in them", async () => {
    const { slack, web } = await startFakeSlack();
    slack.workspace.addChannel({ id: "C0OTHER", name: "other", members: ["U0ALICE"] });
    const { ts } = slack.person("U0ALICE").says("C0OTHER", "among us");

    expect(await errorOf(web.conversations.history({ channel: "C0OTHER" }))).toBe("not_in_channel");
    expect(await errorOf(web.conversations.replies({ channel: "C0OTHER", ts }))).toBe(
      "not_in_channel",
    );
  });

  it("have threads, the root first", async () => {
    const { slack, web } = await startFakeSlack();
    const alice = slack.person("U0ALICE");
    const root = alice.says(channel, "root");
    await web.chat.postMessage({ channel, thread_ts: root.ts, text: "answer" });

    const { messages } = await web.conversations.replies({ channel, ts: root.ts });

    expect(messages?.map(({ text }) => text)).toEqual(["root", "answer"]);
    expect(messages?.[1]).toMatchObject({ bot_id: slack.workspace.bot.botId, thread_ts: root.ts });
    expect(await errorOf(web.conversations.replies({ channel, ts: "1.000001" }))).toBe(
      "thread_not_found",
    );
  });

  it("take a reaction once", async () => {
    const { slack, web } = await startFakeSlack({ scopes: ["reactions:write"] });
    const { ts: timestamp } = slack.person("U0ALICE").says(channel, "x");
    const reaction = { channel, timestamp, name: "eyes" };

    await web.reactions.add(reaction);

    expect(slack.context.messages.find(channel, timestamp)?.reactions).toEqual(["eyes"]);
    expect(await errorOf(web.reactions.add(reaction))).toBe("already_reacted");
  });
});

describe("people and groups", () => {
  it("have a zone and a name; guests are told apart", async () => {
    const { slack, web } = await startFakeSlack();
    slack.workspace.addUser({ id: "U0GUEST", guest: "ultra_restricted" });
    slack.workspace.addUser({ id: "U0OUT", teamId: "T0PARTNER" });

    expect((await web.users.info({ user: "U0BOB" })).user).toMatchObject({
      tz: "America/New_York",
      real_name: "Bob Example",
      is_restricted: false,
    });
    expect((await web.users.info({ user: "U0GUEST" })).user).toMatchObject({
      is_restricted: true,
      is_ultra_restricted: true,
    });
    expect((await web.users.info({ user: "U0OUT" })).user).toMatchObject({ team_id: "T0PARTNER" });
    expect(await errorOf(web.users.info({ user: "U0NOBODY" }))).toBe("user_not_found");
    expect((await web.users.list({})).members?.map(({ id }) => id)).toContain("U0GUEST");
  });

  it("are in groups", async () => {
    const userGroups = [{ id: "S0OPS", handle: "ops", users: ["U0ALICE"] }];
    const { web } = await startFakeSlack({ userGroups });

    expect((await web.usergroups.list()).usergroups).toMatchObject([
      { id: "S0OPS", handle: "ops" },
    ]);
    expect((await web.usergroups.users.list({ usergroup: "S0OPS" })).users).toEqual(["U0ALICE"]);
    expect(await errorOf(web.usergroups.users.list({ usergroup: "S0NONE" }))).toBe(
      "no_such_subteam",
    );
  });
});
