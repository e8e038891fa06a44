import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { PublicError } from "#src/errors.ts";
import { hearMessages, startFakeSlack, testTransport } from "#test/support/slack-transport.ts";

const eventually = { timeout: 20_000, interval: 10 };

async function listening(options: Parameters<typeof testTransport>[0] = {}) {
  const tested = await testTransport(options);
  const heard = hearMessages(tested);
  await tested.transport.start();
  await expect.poll(() => tested.fake.socket.connections().length, eventually).toBe(2);
  return { ...tested, heard, alice: tested.fake.person("U0ALICE") };
}

describe("the connections to Slack", () => {
  it("are two, and either may bring a message", async () => {
    const { fake, alice, heard } = await listening();

    const said = Array.from({ length: 20 }, (_, each) => alice.says(alice.dm, `message ${each}`));
    await Promise.all(said.flatMap(({ deliveries }) => deliveries.map(({ outcome }) => outcome)));

    expect(heard).toHaveLength(20);
    expect(new Set(fake.socket.acks.map(({ connection }) => connection)).size).toBe(2);
  });

  it("bring every click while they are refreshed", async () => {
    const slack = await startFakeSlack({ warningMs: 150 });
    const { fake, alice } = await listening({ slack });
    const first = fake.socket.connections();

    fake.socket.disconnect("warning");
    const clicks = [];
    for (let each = 0; each < 40; each++) {
      clicks.push(alice.runs("/pve status"));
      await sleep(10);
    }
    const outcomes = await Promise.all(clicks.map(({ outcome }) => outcome));

    expect(outcomes.filter(({ kind }) => kind !== "acked")).toEqual([]);
    await expect.poll(() => fake.socket.connections().length, eventually).toBe(2);
    expect(fake.socket.connections()).not.toEqual(expect.arrayContaining([first[0]]));
  });

  it("come back when Slack fails for a while", async () => {
    const { fake, alice, heard } = await listening();

    fake.faults.always("apps.connections.open", { kind: "status", status: 503 });
    fake.socket.kill();
    await sleep(500);
    alice.says(alice.dm, "are you there?");
    fake.faults.clear();

    await expect.poll(() => heard.map(({ text }) => text), eventually).toEqual(["are you there?"]);
  });

  it("are given up when a pong does not come, and opened again", async () => {
    const { fake } = await listening();
    const before = fake.socket.connections();

    fake.socket.pongs = false;
    await expect
      .poll(() => before.some((number) => fake.socket.connections().includes(number)), eventually)
      .toBe(false);
    fake.socket.pongs = true;

    await expect.poll(() => fake.socket.connections().length, eventually).toBe(2);
  });

  it("keep their distance where there are too many", async () => {
    const slack = await startFakeSlack({ maxConnections: 1 });
    const tested = await testTransport({ slack, timings: { longestDelay: 60_000 } });
    await tested.transport.start();
    await sleep(500);

    const opened = slack.fake.recorder.calls.filter(
      ({ method }) => method === "apps.connections.open",
    );
    expect(opened.length).toBeLessThanOrEqual(3);
    expect(slack.fake.socket.connections()).toHaveLength(1);
  });
});

describe("what is not as documented", () => {
  it("is acknowledged and ends nothing", async () => {
    const { fake, alice, heard } = await listening();

    const odd = [{}, { event: null }, { type: "event_callback" }, { event: { type: 7 } }];
    const sent = odd.map((payload) => fake.deliveries.send("events_api", payload));
    const outcomes = await Promise.all(sent.map(({ outcome }) => outcome));
    alice.says(alice.dm, "still there?");

    expect(outcomes.map(({ kind }) => kind)).toEqual(odd.map(() => "acked"));
    await expect.poll(() => heard.length, eventually).toBe(1);
  });
});

describe("a transport that hears nothing any more", () => {
  it.each(["invalid_auth", "not_allowed_token_type", "missing_scope"])(
    "does not start where Slack refuses the app token: %s",
    async (error) => {
      const { fake, transport } = await testTransport();
      fake.faults.always("apps.connections.open", { kind: "error", error });

      await expect(transport.start()).rejects.toThrow(`Slack refuses SLACK_APP_TOKEN (${error})`);
    },
  );

  it("fails once the app token is revoked", async () => {
    const { fake, transport } = await listening();

    fake.faults.always("apps.connections.open", { kind: "error", error: "invalid_auth" });
    fake.socket.kill();

    expect(await transport.failed).toMatchObject({
      message: expect.stringContaining("SLACK_APP_TOKEN (invalid_auth)"),
    });
  });

  it("fails when Socket Mode is switched off", async () => {
    const { fake, transport } = await listening();

    fake.socket.disconnect("link_disabled");

    const error = await transport.failed;
    expect(error).toBeInstanceOf(PublicError);
    expect(error.message).toContain("Socket Mode is switched off");
  });

  it("fails when no socket is active for too long", async () => {
    const { fake, transport } = await listening({ timings: { deaf: 600 } });
    const startedAt = performance.now();

    fake.socket.refusing = true;
    fake.socket.kill();

    expect((await transport.failed).message).toMatch(/^No connection to Slack for/);
    expect(performance.now() - startedAt).toBeGreaterThan(500);
  });

  it("does not start when no socket ever becomes active", async () => {
    const { fake, transport } = await testTransport({ timings: { deaf: 400 } });
    fake.socket.refusing = true;

    await expect(transport.start()).rejects.toThrow(/^No connection to Slack for/);
  });
});

describe("stop", () => {
  it("lets what is under way end, refuses what is new, and disconnects", async () => {
    const tested = await testTransport();
    const ended = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => ended.promise);
    await tested.transport.start();
    const { fake } = tested;
    const alice = fake.person("U0ALICE");
    alice.says(alice.dm, "first");
    await expect.poll(() => heard.length, eventually).toBe(1);

    expect(tested.transport.isOpen()).toBe(true);
    const stopped = tested.transport.stop();
    expect(tested.transport.isOpen()).toBe(false);
    alice.says(alice.dm, "second");
    await sleep(100);
    expect(fake.socket.connections().length).toBeGreaterThan(0);
    ended.resolve();
    await stopped;

    expect(heard.map(({ text, signal }) => ({ text, cut: signal.aborted }))).toEqual([
      { text: "first", cut: false },
    ]);
    await expect.poll(() => fake.socket.connections().length, eventually).toBe(0);
    const rows = await tested.db.selectFrom("inbox").select("state").execute();
    expect(rows).toEqual([{ state: "done" }]);
  });

  it("does not wait for a connection that is just being made", async () => {
    const { fake, transport } = await testTransport();
    fake.faults.always("apps.connections.open", { kind: "latency", ms: 500 });
    const started = transport.start().catch(() => {});

    await sleep(50);
    const startedAt = performance.now();
    await transport.stop();
    await sleep(800);

    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(fake.socket.connections()).toEqual([]);
    void started;
  });
});
