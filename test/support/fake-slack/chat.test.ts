import { describe, expect, it } from "vitest";
import { errorOf, startFakeSlack } from "./started.ts";

const channel = "C0PROXMOX";
const section = (text: string) => ({
  type: "section" as const,
  text: { type: "mrkdwn" as const, text },
});

describe("posting", () => {
  it("posts to channels, threads and people", async () => {
    const { slack, web } = await startFakeSlack();
    const root = slack.person("U0ALICE").says(channel, "hi");

    await web.chat.postMessage({ channel, text: "beside it" });
    await web.chat.postMessage({ channel, text: "in the thread", thread_ts: root.ts });
    await web.chat.postMessage({ channel: "U0BOB", text: "in the DM" });

    expect(slack.messages({ channel, thread: root.ts })).toMatchObject([{ text: "in the thread" }]);
    expect(slack.messages({ channel: slack.person("U0BOB").dm })).toMatchObject([
      { text: "in the DM", user: slack.workspace.bot.userId, botId: slack.workspace.bot.botId },
    ]);
  });

  it("refuses where it cannot post", async () => {
    const { slack, web } = await startFakeSlack();
    slack.workspace.addChannel({ id: "C0OTHER", name: "other", members: ["U0ALICE"] });
    slack.workspace.addChannel({ id: "C0OLD", name: "old", archived: true });
    slack.workspace.addChannel({
      id: "G0SECRET",
      name: "secret",
      kind: "private",
      members: ["U0ALICE"],
    });
    const post = (where: string) => errorOf(web.chat.postMessage({ channel: where, text: "x" }));

    expect(await post("C0NOWHERE")).toBe("channel_not_found");
    expect(await post("C0OTHER")).toBe("not_in_channel");
    expect(await post("C0OLD")).toBe("is_archived");
    expect(await post("G0SECRET")).toBe("channel_not_found");
    expect(await errorOf(web.chat.postMessage({ channel, text: "x", thread_ts: "1.000001" }))).toBe(
      "thread_not_found",
    );
  });

  it("refuses what cannot be shown", async () => {
    const { web } = await startFakeSlack();
    const blocks = [section("x".repeat(3_001))];
    const markdown_text = "x".repeat(12_001);

    expect(await errorOf(web.chat.postMessage({ channel, text: " " }))).toBe("no_text");
    expect(await errorOf(web.chat.postMessage({ channel, text: "x", blocks }))).toBe(
      "invalid_blocks",
    );
    expect(await errorOf(web.chat.postMessage({ channel, markdown_text }))).toBe("msg_too_long");
    expect(
      await errorOf(web.apiCall("chat.postMessage", { channel, text: "x", markdown_text: "x" })),
    ).toBe("markdown_text_conflict");
  });

  it("cuts a text at 40,000 characters", async () => {
    const { slack, web } = await startFakeSlack();

    await web.chat.postMessage({ channel, text: "x".repeat(40_001) });

    expect(slack.lastMessage()?.text).toHaveLength(40_000);
    expect(slack.recorder.warnings).toMatchObject([{ warning: expect.stringContaining("cut") }]);
  });

  it("notes blocks without a text, bare buttons and pings", async () => {
    const { slack, web } = await startFakeSlack();
    const button = {
      type: "button" as const,
      action_id: "x",
      text: { type: "plain_text" as const, text: "Delete" },
    };

    await web.chat.postMessage({
      channel,
      blocks: [section("Hello <!channel>"), { type: "actions", elements: [button] }],
    });

    expect(slack.recorder.warnings.map(({ warning }) => warning)).toEqual([
      "blocks without a text",
      'button "Delete" without accessibility_label',
    ]);
    expect(slack.recorder.pings).toEqual([{ method: "chat.postMessage", ping: "<!channel>" }]);
  });

  it("gives every block an id", async () => {
    const { slack, web } = await startFakeSlack();

    await web.chat.postMessage({ channel, text: "x", blocks: [section("x")] });

    expect(slack.lastMessage()?.blocks[0]?.block_id).toMatch(/^\w{5}$/);
  });
});

describe("changing and deleting", () => {
  it("replaces text and blocks, and takes blocks away where none are sent", async () => {
    const { slack, web } = await startFakeSlack();
    const { ts = "" } = await web.chat.postMessage({ channel, text: "x", blocks: [section("x")] });

    await web.chat.update({ channel, ts, text: "y", blocks: [section("y")] });
    expect(slack.lastMessage()).toMatchObject({ text: "y", blocks: [section("y")] });
    expect(slack.lastMessage()?.edited).toBeUndefined();

    await web.chat.update({ channel, ts, text: "z" });
    expect(slack.lastMessage()).toMatchObject({ text: "z", blocks: [] });
    expect(slack.lastMessage()?.edited).toBeDefined();
  });

  it("refuses a text of more than 4,000 characters", async () => {
    const { web } = await startFakeSlack();
    const { ts = "" } = await web.chat.postMessage({ channel, text: "x".repeat(5_000) });

    expect(await errorOf(web.chat.update({ channel, ts, text: "x".repeat(4_001) }))).toBe(
      "msg_too_long",
    );
  });

  it("touches its own messages only, and none that is gone or ephemeral", async () => {
    const { slack, web } = await startFakeSlack();
    const { ts } = slack.person("U0ALICE").says(channel, "mine");
    const shown = await web.chat.postEphemeral({ channel, user: "U0ALICE", text: "x" });
    const ephemeral = { channel, ts: String(shown.message_ts), text: "y" };

    expect(await errorOf(web.chat.update({ channel, ts, text: "yours" }))).toBe(
      "cant_update_message",
    );
    expect(await errorOf(web.chat.delete({ channel, ts }))).toBe("cant_delete_message");
    expect(await errorOf(web.chat.update({ channel, ts: "1.000001", text: "x" }))).toBe(
      "message_not_found",
    );
    expect(await errorOf(web.chat.update(ephemeral))).toBe("message_not_found");
  });

  it("deletes a message, and leaves a tombstone where there are replies", async () => {
    const { slack, web } = await startFakeSlack();
    const { ts = "" } = await web.chat.postMessage({ channel, text: "alone" });
    const root = slack.person("U0ALICE").says(channel, "root");
    await web.chat.postMessage({ channel, thread_ts: root.ts, text: "reply" });

    await web.chat.delete({ channel, ts });
    slack.person("U0ALICE").deletes(root);

    expect(slack.context.messages.find(channel, ts)).toBeUndefined();
    expect(slack.context.messages.find(channel, root.ts)?.subtype).toBe("tombstone");
    expect(
      await web.chat.postMessage({ channel, thread_ts: root.ts, text: "still here" }),
    ).toMatchObject({ ok: true });
  });

  it("links to a message", async () => {
    const { web } = await startFakeSlack();
    const { ts = "" } = await web.chat.postMessage({ channel, text: "x" });

    const { permalink } = await web.chat.getPermalink({ channel, message_ts: ts });

    expect(permalink).toBe(`https://fake.slack.com/archives/${channel}/p${ts.replace(".", "")}`);
    expect(await errorOf(web.chat.getPermalink({ channel, message_ts: "1.000001" }))).toBe(
      "message_not_found",
    );
  });
});

describe("ephemeral messages", () => {
  it("are seen by one member, and by no history", async () => {
    const { slack, web } = await startFakeSlack();

    const root = slack.person("U0ALICE").says(channel, "hi");
    const told = slack.deliveries.all.length;

    await web.chat.postEphemeral({ channel, user: "U0ALICE", text: "for you" });
    await web.chat.postEphemeral({ channel, user: "U0ALICE", text: "too", thread_ts: root.ts });

    expect(slack.ephemerals("U0ALICE").map(({ text }) => text)).toEqual(["for you", "too"]);
    expect(slack.messages({ channel })).toEqual([]);
    expect(slack.deliveries.all).toHaveLength(told);
    expect((await web.conversations.history({ channel })).messages).toHaveLength(1);
    expect((await web.conversations.replies({ channel, ts: root.ts })).messages).toHaveLength(1);
    expect(await errorOf(web.chat.postEphemeral({ channel, user: "U0STRANGER", text: "x" }))).toBe(
      "user_not_in_channel",
    );
  });
});

describe("metadata", () => {
  it("is kept, and returned to those who ask for it", async () => {
    const { web } = await startFakeSlack();
    const metadata = { event_type: "notice", event_payload: { key: "k1" } };
    await web.chat.postMessage({ channel, text: "x", metadata });

    const without = await web.conversations.history({ channel });
    const with_ = await web.conversations.history({ channel, include_all_metadata: true });

    expect(without.messages?.[0]).not.toHaveProperty("metadata");
    expect(with_.messages?.[0]).toMatchObject({ metadata });
  });
});
