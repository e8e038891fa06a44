import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { DeliveryContext } from "#src/slack/transport/transport.ts";
import { clockAt } from "#test/support/clock.ts";
import {
  hearMessages,
  startFakeSlack,
  type TestTransport,
  testTransport,
} from "#test/support/slack-transport.ts";

const eventually = { timeout: 20_000, interval: 10 };

/** A log whose messages are kept. */
function keptLog() {
  const messages: string[] = [];
  const write = (line: string) => void messages.push(JSON.parse(line).msg);
  return { log: pino({ level: "info" }, { write }), messages };
}

async function states({ db }: Pick<TestTransport, "db">) {
  const rows = await db.selectFrom("inbox").select(["state", "attempts", "payload"]).execute();
  return rows;
}

describe("messages", () => {
  it("of one thread come one after another, in the order in which they were written", async () => {
    const tested = await testTransport();
    const first = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const heard = hearMessages(tested, async () => {
      most = Math.max(most, ++running);
      await first.promise;
      running--;
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    const { ts: thread } = alice.says(alice.dm, "0");
    await expect.poll(() => heard.length, eventually).toBe(1);
    const said = [1, 2, 3, 4, 5, 6, 7].map((each) => alice.says(alice.dm, `${each}`, { thread }));
    await Promise.all(said.map(({ deliveries }) => deliveries[0]?.outcome));
    first.resolve();
    await expect.poll(() => heard.length, eventually).toBe(8);

    expect(most).toBe(1);
    expect(heard.map(({ text }) => Number(text))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("of several threads come side by side, but not all at once", async () => {
    const tested = await testTransport({ limits: { messages: { slots: 3, slotsPerPerson: 3 } } });
    const go = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => go.promise);
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    for (let each = 0; each < 6; each++) alice.says(alice.dm, String(each));
    await expect.poll(() => heard.length, eventually).toBe(3);
    await sleep(100);
    expect(heard).toHaveLength(3);

    go.resolve();
    await expect.poll(() => heard.length, eventually).toBe(6);
  });

  it("with a mention come once, as a message or as a mention", async () => {
    const tested = await testTransport();
    const go = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => go.promise);
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    const { deliveries } = alice.mentions("C0PROXMOX", "list guests");
    await Promise.all(deliveries.map(({ outcome }) => outcome));
    go.resolve();
    await sleep(50);

    expect(deliveries).toHaveLength(2);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.inboxKey).toMatch(/^msg:T0FAKE:C0PROXMOX:\d+\.\d+$/);
  });

  it("are acknowledged before they are answered", async () => {
    const tested = await testTransport();
    const go = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => go.promise);
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    const [delivery] = alice.says(alice.dm, "hello").deliveries;

    expect(await delivery?.outcome).toMatchObject({ kind: "acked" });
    expect(heard).toHaveLength(1);
    go.resolve();
  });

  it("are not taken in beyond what one person may have waiting, who is told once", async () => {
    const tested = await testTransport({ limits: { waitingPerPerson: 2 } });
    const go = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => go.promise);
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    const { ts: thread } = alice.says(alice.dm, "0");
    await expect.poll(() => heard.length, eventually).toBe(1);
    for (let each = 1; each < 5; each++) alice.says(alice.dm, String(each), { thread });
    const told = () =>
      tested.fake.recorder.calls.filter(({ method }) => method === "chat.postEphemeral").length;
    await expect.poll(told, eventually).toBe(1);
    go.resolve();

    await expect.poll(() => heard.length, eventually).toBe(3);
    await sleep(50);
    expect(heard).toHaveLength(3);
    expect(told()).toBe(1);
  });
});

describe("a listener that fails", () => {
  it("is called again, as for something already begun", async () => {
    const tested = await testTransport({ limits: { firstPause: 10 } });
    const heard = hearMessages(tested, async ({ retaken }) => {
      if (!retaken) throw new Error("not now");
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    alice.says(alice.dm, "hello");
    await expect.poll(() => heard.map(({ retaken }) => retaken), eventually).toEqual([false, true]);

    await expect
      .poll(() => states(tested), eventually)
      .toEqual([{ state: "done", attempts: 2, payload: "" }]);
  });

  it("is called again for minutes, because Slack may be away for as long", async () => {
    const tested = await testTransport({ limits: { firstPause: 1 } });
    const times: number[] = [];
    hearMessages(tested, async () => {
      times.push(performance.now());
      if (times.length < 6) throw new Error("not now");
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    alice.says(alice.dm, "hello");
    await expect
      .poll(() => states(tested), eventually)
      .toEqual([{ state: "done", attempts: 6, payload: "" }]);

    // A thousandth of what it is usually.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(300);
  });

  it("is given up in the end, and its thread goes on", async () => {
    const { log, messages } = keptLog();
    const tested = await testTransport({ log, limits: { firstPause: 10, attempts: 3 } });
    const heard = hearMessages(tested, async ({ text }) => {
      if (text === "poison") throw new Error("always");
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    const { ts: thread } = alice.says(alice.dm, "poison");
    alice.says(alice.dm, "next", { thread });
    await expect
      .poll(() => heard.map(({ text }) => text), eventually)
      .toEqual(["poison", "poison", "poison", "next"]);

    const [first] = await states(tested);
    expect(first).toEqual({ state: "dead", attempts: 3, payload: "" });
    expect(messages).toContain("slack entry given up");
  });
});

describe("over HTTP", () => {
  async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
  }

  it("a message that comes again, as Slack repeats what it takes for lost, runs once", async () => {
    const port = await freePort();
    const signingSecret = "secret";
    const tested = await testTransport({
      settings: { transport: { kind: "http", signingSecret, port } },
    });
    const heard = hearMessages(tested);
    await tested.transport.start();
    const event = { type: "message", channel: "D1", user: "U0ALICE", ts: "1.1", text: "hello" };
    const body = JSON.stringify({ team_id: "T0FAKE", event_id: "Ev1", event });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const hmac = createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`);
    const headers = {
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${hmac.digest("hex")}`,
      "x-slack-retry-num": "1",
    };

    const post = () => fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
    const answers = [await post(), await post(), await post()];
    await sleep(50);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(heard.map(({ text }) => text)).toEqual(["hello"]);
  });
});

describe("what an earlier process left", () => {
  const dm = "D0U0ALICE";
  const bodyOf = (text: string, ts: string) => ({
    team_id: "T0FAKE",
    event: { type: "message", channel: dm, channel_type: "im", user: "U0ALICE", text, ts },
  });

  async function leave(
    { db }: TestTransport,
    text: string,
    row: { state: string; attempts: number; received_at?: number },
  ) {
    const key = `msg:T0FAKE:${dm}:${text}`;
    const payload = JSON.stringify(bodyOf(text, "1.1"));
    const received_at = row.received_at ?? Date.now();
    await db
      .insertInto("inbox")
      .values({ key, lane: `T0FAKE/${dm}/${text}`, payload, ...row, received_at })
      .execute();
  }

  it("is taken up before anything new, and known to be begun only if it was", async () => {
    const tested = await testTransport();
    await leave(tested, "waiting", { state: "received", attempts: 0 });
    await leave(tested, "begun", { state: "running", attempts: 1 });
    await leave(tested, "ended", { state: "done", attempts: 1 });
    const heard = hearMessages(tested);

    await tested.transport.start();

    await expect
      .poll(() => heard.map(({ text, retaken }) => ({ text, retaken })), eventually)
      .toEqual([
        { text: "waiting", retaken: false },
        { text: "begun", retaken: true },
      ]);
  });

  it("is given up when it has ended six processes, or is older than a day", async () => {
    const { log, messages } = keptLog();
    const tested = await testTransport({ log });
    const old = clockAt("2020-01-01T00:00:00Z").now().epochMilliseconds;
    await leave(tested, "deadly", { state: "running", attempts: 6 });
    await leave(tested, "old", { state: "received", attempts: 0, received_at: old });
    await leave(tested, "forgotten", { state: "done", attempts: 1, received_at: old });
    const heard = hearMessages(tested);

    await tested.transport.start();
    await expect
      .poll(async () => (await states(tested)).map(({ state }) => state), eventually)
      .toEqual(["dead"]);

    expect(heard).toEqual([]);
    expect(messages).toEqual(
      expect.arrayContaining(["slack entry given up", "slack entries given up: too old"]),
    );
  });

  it("includes what the end of a process cut short", async () => {
    const slack = await startFakeSlack();
    const limits = { drain: 50, afterAbort: 500 };
    const first = await testTransport({ slack, limits });
    const heard = hearMessages(first, ({ signal }) => {
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    });
    await first.transport.start();
    const alice = slack.fake.person("U0ALICE");
    alice.says(alice.dm, "long");
    await expect.poll(() => heard.length, eventually).toBe(1);
    await first.transport.stop();

    const second = await testTransport({ slack, db: first.db });
    const heardAgain = hearMessages(second);
    await second.transport.start();

    await expect
      .poll(() => heardAgain.map(({ text, retaken }) => ({ text, retaken })), eventually)
      .toEqual([{ text: "long", retaken: true }]);
  });
});

describe("clicks, commands and modals", () => {
  it("come at once, however busy the threads are", async () => {
    const tested = await testTransport({ limits: { messages: { slots: 1, slotsPerPerson: 1 } } });
    const go = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => go.promise);
    const commands: string[] = [];
    tested.transport.app.command("/pve", async ({ command, ack }) => {
      await ack();
      commands.push(command.text);
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");
    alice.says(alice.dm, "busy");
    await expect.poll(() => heard.length, eventually).toBe(1);

    const { outcome } = alice.runs("/pve status");

    expect(await outcome).toMatchObject({ kind: "acked" });
    await expect.poll(() => commands, eventually).toEqual(["status"]);
    go.resolve();
  });

  it("run once when they come twice, even while they run", async () => {
    const tested = await testTransport();
    const go = Promise.withResolvers<void>();
    let calls = 0;
    tested.transport.app.command("/pve", async () => {
      calls++;
      await go.promise;
    });
    await tested.transport.start();
    const ids = { user_id: "U0ALICE", team_id: "T0FAKE", channel_id: "C1", trigger_id: "1" };
    const send = () => tested.fake.deliveries.send("slash_commands", { command: "/pve", ...ids });

    const outcomes = await Promise.all([send().outcome, send().outcome]);
    go.resolve();

    expect(outcomes.map(({ kind }) => kind)).toEqual(["acked", "acked"]);
    expect(calls).toBe(1);
  });

  it("are not repeated when a listener fails: whoever clicked does it again", async () => {
    const tested = await testTransport({ limits: { firstPause: 10 } });
    let calls = 0;
    tested.transport.app.command("/pve", async () => {
      calls++;
      throw new Error("no");
    });
    await tested.transport.start();

    await tested.fake.person("U0ALICE").runs("/pve status").outcome;
    await expect.poll(async () => (await states(tested))[0]?.state, eventually).toBe("dead");

    expect(calls).toBe(1);
  });

  it("are answered in the acknowledgement where it is a modal that was submitted", async () => {
    const tested = await testTransport();
    const keys: string[] = [];
    tested.transport.app.view("name", async ({ ack, context }) => {
      keys.push((context as unknown as DeliveryContext).inboxKey);
      await ack({ response_action: "errors", errors: { name: "Type web-01 exactly" } });
    });
    await tested.transport.start();
    const submit = (callback_id: string) =>
      tested.fake.deliveries.send("interactive", {
        type: "view_submission",
        team: { id: "T0FAKE" },
        user: { id: "U0ALICE", team_id: "T0FAKE" },
        trigger_id: callback_id,
        view: { id: "V1", type: "modal", callback_id, state: { values: {} } },
      }).outcome;

    expect(await submit("name")).toMatchObject({
      kind: "acked",
      body: { response_action: "errors", errors: { name: "Type web-01 exactly" } },
    });
    expect(await submit("nobody listens")).toMatchObject({ kind: "acked", body: {} });
    expect(keys).toEqual(["act:name"]);
  });
});
