import { describe, expect, it } from "vitest";
import type { Delivery } from "./deliveries.ts";
import type { FakeSlackOptions } from "./fake-slack.ts";
import type { JsonObject } from "./slack-error.ts";
import { startFakeSlack } from "./started.ts";

const channel = "C0PROXMOX";

async function start(options?: FakeSlackOptions) {
  const started = await startFakeSlack(options);
  return { ...started, alice: started.slack.person("U0ALICE") };
}

const eventOf = (delivery: Delivery | undefined) => delivery?.payload.event as JsonObject;

describe("what people say", () => {
  it("reaches the app as the event of the place", async () => {
    const { slack, alice } = await start();

    const [delivery] = alice.says(alice.dm, "hi").deliveries;

    expect(delivery?.payload).toMatchObject({
      type: "event_callback",
      team_id: slack.workspace.team.id,
      api_app_id: slack.workspace.bot.appId,
      event_id: expect.stringMatching(/^Ev/),
      event: { type: "message", channel_type: "im", channel: alice.dm, user: alice.id, text: "hi" },
    });
    expect(eventOf(delivery)).not.toHaveProperty("bot_id");
  });

  it("reaches it twice when it is named, under two event ids", async () => {
    const { alice, slack } = await start();

    const { deliveries } = alice.mentions(channel, "hi");

    const [message, mention] = deliveries;
    expect(deliveries).toHaveLength(2);
    expect(eventOf(message)).toMatchObject({ type: "message", channel_type: "channel" });
    expect(eventOf(mention)).toMatchObject({
      type: "app_mention",
      text: `<@${slack.workspace.bot.userId}> hi`,
    });
    expect(eventOf(mention)).not.toHaveProperty("channel_type");
    expect(eventOf(mention).ts).toBe(eventOf(message).ts);
    expect(eventOf(mention).client_msg_id).toBe(eventOf(message).client_msg_id);
    expect(mention?.payload.event_id).not.toBe(message?.payload.event_id);
  });

  it("does not reach it where it is no member or did not subscribe", async () => {
    const { slack, alice } = await start({ subscriptions: ["app_mention"] });
    slack.workspace.addChannel({ id: "C0OTHER", name: "other", members: [alice.id] });

    expect(alice.mentions("C0OTHER", "hi").deliveries).toEqual([]);
    expect(alice.says(channel, "hi").deliveries).toEqual([]);
    expect(alice.mentions(channel, "hi").deliveries).toHaveLength(1);
  });

  it("does not reach it without the scope for it", async () => {
    const { slack, alice } = await start({ scopes: ["channels:history"] });

    expect(alice.says(alice.dm, "hi").deliveries).toEqual([]);
    expect(alice.mentions(channel, "hi").deliveries).toHaveLength(1);
    slack.credentials.scopes.add("im:history").add("app_mentions:read");
    expect(alice.says(alice.dm, "hi").deliveries).toHaveLength(1);
    expect(alice.mentions(channel, "hi").deliveries).toHaveLength(2);
  });

  it("is edited and deleted", async () => {
    const { alice } = await start();
    const said = alice.says(channel, "hi");

    const [edit] = alice.edits(said, "hello");
    const [deletion] = alice.deletes(said);

    expect(eventOf(edit)).toMatchObject({
      subtype: "message_changed",
      message: { text: "hello", ts: said.ts, edited: { user: alice.id } },
      previous_message: { text: "hi" },
    });
    expect(eventOf(deletion)).toMatchObject({ subtype: "message_deleted", deleted_ts: said.ts });
  });

  it("may be a file, a bot's, or from another workspace", async () => {
    const { slack, alice } = await start();
    slack.workspace.addUser({ id: "U0ROBOT", isBot: true });
    slack.workspace.addUser({ id: "U0OUT", teamId: "T0PARTNER" });

    const file = alice.sharesFile(channel, "log.txt", { text: "see" }).deliveries[0];
    const robot = slack.person("U0ROBOT").says(channel, "beep").deliveries[0];
    const outsider = slack.person("U0OUT").says(channel, "hi").deliveries[0];

    expect(eventOf(file)).toMatchObject({ subtype: "file_share", files: [{ name: "log.txt" }] });
    expect(eventOf(robot)).toMatchObject({ bot_id: "B0ROBOT", app_id: "A0OTHER" });
    expect(eventOf(outsider)).toMatchObject({ user_team: "T0PARTNER" });
  });

  it("may be nothing yet, when the tab is opened", async () => {
    const { alice } = await start();

    expect(eventOf(alice.opensHome("messages"))).toMatchObject({
      type: "app_home_opened",
      tab: "messages",
      channel: alice.dm,
      user: alice.id,
    });
  });

  it("comes back to the app when it said it itself", async () => {
    const { slack, web } = await start();

    const { ts = "" } = await web.chat.postMessage({ channel, text: "hi" });
    await web.chat.update({ channel, ts, text: "ho" });

    expect(slack.deliveries.all.map((delivery) => eventOf(delivery))).toMatchObject([
      { type: "message", bot_id: slack.workspace.bot.botId, user: slack.workspace.bot.userId },
      { type: "message", subtype: "message_changed" },
    ]);
  });
});
