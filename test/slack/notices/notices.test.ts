import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { systemClock } from "#src/clock.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { silentLogger } from "#src/log.ts";
import { DeliveryError } from "#src/outbox/outbox-sender.ts";
import { createOutboxStore, type OutboxMessage } from "#src/outbox/outbox-store.ts";
import { resolveChannel } from "#src/slack/notices/channel.ts";
import { createSlackDelivery } from "#src/slack/notices/delivery.ts";
import { openNotices } from "#src/slack/notices/notices.ts";
import { aTarget } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { createFakeSlack, type FakeSlack } from "#test/support/fake-slack/fake-slack.ts";

const message: OutboxMessage = {
  key: "audit:7",
  recipient: "channel",
  message: "web-01 <!channel> was deleted.",
  state: "new",
  attempts: 0,
  createdAt: Date.now(),
};

let slack: FakeSlack;
let web: WebClient;
let deletions: DeletionStore;

beforeEach(async () => {
  deletions = await anEmptySchedule(systemClock);
  slack = createFakeSlack({
    channels: [
      { id: "C0PROXMOX", name: "proxmox" },
      { id: "C0STRANGE", name: "strange", members: ["U0ALICE"] },
      { id: "C0OLDTIMES", name: "old-times", archived: true },
    ],
  });
  const { botToken, apiUrl } = await slack.start();
  const retryConfig = { retries: 0 };
  web = new WebClient(botToken, { slackApiUrl: apiUrl, retryConfig, rejectRateLimitedCalls: true });
});
afterEach(() => slack.stop());

const said = () => slack.messages({ channel: "C0PROXMOX" }).map(({ text }) => text);

describe("the channel that hears of everything", () => {
  it.each(["#proxmox", "proxmox", "C0PROXMOX"])("is found as %s", async (wanted) => {
    expect(await resolveChannel(web, wanted)).toBe("C0PROXMOX");
  });

  it.each([
    ["#nowhere", "There is no channel #nowhere"],
    ["C0NOWHERE", "There is no channel C0NOWHERE"],
    ["#old-times", "There is no channel #old-times"],
    ["#strange", "I am not in #strange: invite me"],
    ["C0STRANGE", "I am not in #strange: invite me"],
  ])("is complained of as %s", async (wanted, complaint) => {
    await expect(resolveChannel(web, wanted)).rejects.toThrow(complaint);
  });
});

describe("the delivery in Slack", () => {
  const delivery = () =>
    createSlackDelivery({
      web,
      deletions,
      clock: systemClock,
      identity: { botId: slack.workspace.bot.botId },
      channel: "C0PROXMOX",
    });

  it("says a notice to the channel, and pings nobody", async () => {
    const place = await delivery().send(message);

    expect(said()).toEqual(["web-01 &lt;!channel&gt; was deleted."]);
    expect(place).toBe(`C0PROXMOX/${slack.lastMessage()?.ts}`);
  });

  it("says one to a person in a direct message", async () => {
    await delivery().send({ ...message, recipient: "user:U0ALICE" });

    expect(slack.messages({ channel: slack.person("U0ALICE").dm })).toHaveLength(1);
  });

  it("knows that nobody in Slack has an id of another kind, without asking Slack", async () => {
    const failure = await delivery()
      .send({ ...message, recipient: "user:alice" })
      .catch((cause: unknown) => cause);

    expect(failure).toMatchObject({ name: "DeliveryError", permanent: true });
    expect(slack.calls()).toEqual([]);
  });

  it("finds what it has said by its key, and only that", async () => {
    const place = await delivery().send(message);

    expect(await delivery().find(message)).toBe(place);
    expect(await delivery().find({ ...message, key: "audit:8" })).toBeUndefined();
  });

  it.each([
    ["msg_too_long", true],
    ["channel_not_found", false],
    ["not_in_channel", false],
    ["internal_error", false],
  ])("knows of %s that nothing arrived", async (error, permanent) => {
    slack.faults.next("chat.postMessage", { kind: "error", error });

    const failure = await delivery()
      .send(message)
      .catch((cause: unknown) => cause);

    expect(failure).toBeInstanceOf(DeliveryError);
    expect(failure).toMatchObject({ permanent });
  });

  it("knows of a rate limit that nothing arrived", async () => {
    slack.faults.next("chat.postMessage", { kind: "ratelimited", retryAfter: 30 });

    const failure = await delivery()
      .send(message)
      .catch((cause: unknown) => cause);

    expect(failure).toMatchObject({ name: "DeliveryError", permanent: false });
  });

  describe("says whether it is failing:", () => {
    const another = { ...message, key: "audit:8" };

    it.each([
      ["the channel is not told", message, { kind: "error", error: "not_in_channel" }, true],
      ["Slack limits us", message, { kind: "ratelimited", retryAfter: 30 }, true],
      ["Slack does not answer", message, { kind: "reset" }, true],
      ["Slack will never take it", message, { kind: "error", error: "msg_too_long" }, false],
      [
        "one person is not told",
        { ...message, recipient: "user:U0ALICE" },
        { kind: "error", error: "channel_not_found" },
        false,
      ],
    ] as const)("%s", async (_, refused, fault, failing) => {
      const said = delivery();
      slack.faults.next("chat.postMessage", fault);

      await expect(said.send(refused)).rejects.toThrow();

      expect(said.isFailing()).toBe(failing);
      await said.send(another);
      expect(said.isFailing()).toBe(false);
    });

    it("not any more once it was found to have arrived", async () => {
      const said = delivery();
      slack.faults.next("chat.postMessage", { kind: "reset", acted: true });
      await expect(said.send(message)).rejects.toThrow();

      await said.find(message);

      expect(said.isFailing()).toBe(false);
    });
  });

  it("does not know whether a message arrived whose answer was lost", async () => {
    slack.faults.next("chat.postMessage", { kind: "reset", acted: true });

    const failure = await delivery()
      .send(message)
      .catch((cause: unknown) => cause);

    expect(failure).not.toBeInstanceOf(DeliveryError);
    expect(await delivery().find(message)).toBe(`C0PROXMOX/${slack.lastMessage()?.ts}`);
  });
});

describe("the notices", () => {
  async function setUp() {
    const db = await testDatabase();
    const audit = createAuditLog(db, systemClock);
    const channel = "#proxmox";
    const clock = systemClock;
    const outbox = createOutboxStore(db, clock);
    const kept = { db, outbox, audit, deletions };
    const deps = { ...kept, channel, clock, log: silentLogger, timeZone: "UTC" };
    const open = () =>
      openNotices({ ...deps, identity: { botId: slack.workspace.bot.botId }, web: { bulk: web } });
    const power = () =>
      audit.append({
        actionId: "a1",
        step: "succeeded",
        tool: "stop_guest",
        input: {},
        target: { guest: aTarget() },
        principal: { id: "bob", name: "Bob", role: "operator" },
      });
    return { open, power };
  }

  it("tell the channel what has happened, once, also over a restart", async () => {
    const { open, power } = await setUp();
    const first = await open();
    first.start();
    await first.stop();
    await power();

    const second = await open();
    second.start();
    await slack.waitForMessage({ channel: "C0PROXMOX", matching: "was cut by Bob" });
    await second.stop();
    const third = await open();
    third.start();
    await third.stop();

    expect(said()).toEqual(["The power of test-runner (CT 103 on pve1) was cut by Bob."]);
  });

  it("do not begin without their channel", async () => {
    const { open } = await setUp();
    slack.faults.next("conversations.list", { kind: "error", error: "missing_scope" });

    await expect(open()).rejects.toThrow("missing_scope");
  });
});
