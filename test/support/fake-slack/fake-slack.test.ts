import { SocketModeClient } from "@slack/socket-mode";
import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeSlack, type FakeSlack, type FakeSlackConnection } from "./fake-slack.ts";

let slack: FakeSlack;
let connection: FakeSlackConnection;
let web: WebClient;

beforeEach(async () => {
  slack = createFakeSlack();
  connection = await slack.start();
  web = new WebClient(connection.botToken, {
    slackApiUrl: connection.apiUrl,
    retryConfig: { retries: 0 },
  });
});
afterEach(() => slack.stop());

describe("the fake as a client of Slack sees it", () => {
  it("says who the app is", async () => {
    expect(await web.auth.test()).toMatchObject({
      ok: true,
      user_id: slack.workspace.bot.userId,
      bot_id: slack.workspace.bot.botId,
    });
  });

  it("keeps what is posted and changed", async () => {
    const { ts } = await web.chat.postMessage({ channel: "C0PROXMOX", text: "one" });
    await web.chat.update({ channel: "C0PROXMOX", ts: ts ?? "", text: "two" });

    expect(slack.messages({ channel: "C0PROXMOX" }).map(({ text }) => text)).toEqual(["two"]);
  });

  it("delivers what people say over a socket, and takes the ack", async () => {
    const client = new SocketModeClient({
      appToken: connection.appToken,
      clientOptions: { slackApiUrl: connection.apiUrl },
    });
    client.on("message", async ({ ack, event }) => {
      await ack();
      await web.chat.postMessage({ channel: event.channel, thread_ts: event.ts, text: "hello" });
    });
    await client.start();
    const alice = slack.person("U0ALICE");

    const said = alice.says(alice.dm, "hi");

    expect(await said.deliveries[0]?.outcome).toMatchObject({ kind: "acked" });
    await slack.waitForMessage({ channel: alice.dm, thread: said.ts, matching: "hello" });
    await client.disconnect();
  });

  it("opens one modal for one click", async () => {
    const { ts } = await web.chat.postMessage({
      channel: "C0PROXMOX",
      text: "Delete web-01?",
      blocks: [
        {
          type: "actions",
          elements: [
            {
              type: "button",
              action_id: "delete",
              text: { type: "plain_text", text: "Delete web-01" },
              value: "x",
            },
          ],
        },
      ],
    });
    const card = slack.lastMessage();
    if (!card) throw new Error("no card");
    expect(card.ts).toBe(ts);

    const { payload } = slack.person("U0ALICE").clicks(card, { actionId: "delete" });
    const view = {
      type: "modal" as const,
      title: { type: "plain_text" as const, text: "Delete" },
      blocks: [],
    };
    await web.views.open({ trigger_id: String(payload.trigger_id), view });

    expect(slack.openView("U0ALICE")?.title).toBe("Delete");
    await expect(web.views.open({ trigger_id: String(payload.trigger_id), view })).rejects.toThrow(
      "exchanged_trigger_id",
    );
  });
});
