import { createHmac } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "#src/log.ts";
import { createHttpReceiver } from "#src/slack/transport/http-receiver.ts";
import type { Ingest } from "#src/slack/transport/ingest.ts";
import { clockAt } from "#test/support/clock.ts";
import { untilCutOff } from "#test/support/slow-caller.ts";

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
const now = Temporal.Instant.from("2026-11-21T12:00:00Z");
const event = JSON.stringify({ type: "event_callback", event: { type: "message", text: "hällo" } });

async function setup(ingest: Ingest = async (_, ack) => ack(), requestTime?: number) {
  const taken: unknown[] = [];
  const receiver = createHttpReceiver({
    signingSecret,
    port: 0,
    host: "127.0.0.1",
    requestTime,
    clock: clockAt(now.toString()),
    log: silentLogger,
    ingest: (body, ack) => {
      taken.push(body);
      return ingest(body, ack);
    },
  });
  await receiver.start();
  onTestFinished(() => receiver.stop());
  const post = (body: string | Buffer, headers: Record<string, string> = signed(body)) =>
    fetch(`http://127.0.0.1:${receiver.port()}/slack/events`, { method: "POST", headers, body });
  return { receiver, taken, post };
}

function signed(body: string | Buffer, { secret = signingSecret, seconds = 0 } = {}) {
  const timestamp = String(Math.floor(now.epochMilliseconds / 1000) + seconds);
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body);
  return {
    "content-type": "application/json",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${hmac.digest("hex")}`,
  };
}

describe("a call of Slack's", () => {
  it("is taken in and acknowledged", async () => {
    const { post, taken } = await setup();

    const response = await post(event);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    expect(taken).toEqual([JSON.parse(event)]);
  });

  it.each([
    ["application/x-www-form-urlencoded"],
    ["application/x-www-form-urlencoded;charset=UTF-8"],
    ["text/plain"],
  ])("is read whatever its content type says: %s", async (type) => {
    const { post, taken } = await setup();
    const click = `payload=${encodeURIComponent('{"type":"block_actions"}')}`;
    const command = "command=%2Fpve&text=status+all&trigger_id=1";

    for (const body of [event, click, command]) {
      const response = await post(body, { ...signed(body), "content-type": type });
      expect(response.status).toBe(200);
    }

    expect(taken.slice(1)).toEqual([
      { type: "block_actions" },
      { command: "/pve", text: "status all", trigger_id: "1" },
    ]);
  });

  it("is answered with what its listener acknowledges", async () => {
    const errors = { response_action: "errors", errors: { name: "Type web-01 exactly" } };
    const { post } = await setup(async (_, ack) => ack(errors));

    expect(await (await post(event)).json()).toEqual(errors);
  });

  it("that proves who listens gets its challenge back", async () => {
    const { post, taken } = await setup();

    const response = await post(JSON.stringify({ type: "url_verification", challenge: "3eZ" }));

    expect(await response.json()).toEqual({ challenge: "3eZ" });
    expect(taken).toEqual([]);
  });

  it("that looks at the certificate is answered, and leads to nothing", async () => {
    const { post, taken } = await setup();

    expect((await post("ssl_check=1&token=abc", {})).status).toBe(200);
    expect((await post("token=abc&ssl_check=1&command=%2Fpve", {})).status).toBe(200);
    expect(taken).toEqual([]);
  });

  it("may come up to five minutes late or early", async () => {
    const { post, taken } = await setup();

    for (const seconds of [-300, 300]) await post(event, signed(event, { seconds }));

    expect(taken).toHaveLength(2);
  });

  it("is to be repeated when it could not be written down, or when the program stops", async () => {
    const { post, receiver } = await setup(() => Promise.reject(new Error("disk full")));

    expect((await post(event)).status).toBe(500);
    expect(receiver.isOpen()).toBe(true);
    receiver.refuse();
    expect((await post(event)).status).toBe(503);
    expect(receiver.isOpen()).toBe(false);
  });
});

describe("a forged call", () => {
  const right = signed(event);

  it.each([
    ["without a signature", {}],
    ["with a wrong signature", { ...right, "x-slack-signature": `v0=${"0".repeat(64)}` }],
    ["with a short signature", { ...right, "x-slack-signature": "v0=00" }],
    ["signed with another secret", signed(event, { secret: "guessed" })],
    ["with another body's signature", signed(`${event} `)],
    [
      "with another version's signature",
      {
        ...right,
        "x-slack-signature": right["x-slack-signature"].replace("v0=", "v1="),
      },
    ],
    ["whose time is moved", { ...right, "x-slack-request-timestamp": "1795262401" }],
    ["whose time is none", { ...right, "x-slack-request-timestamp": "NaN" }],
    ["that is stale", signed(event, { seconds: -301 })],
    ["from the future", signed(event, { seconds: 301 })],
  ])("%s is refused and leads to nothing", async (_, headers) => {
    const { post, taken } = await setup();

    expect((await post(event, headers)).status).toBe(401);
    expect(taken).toEqual([]);
  });
});

describe("a call that makes no sense", () => {
  it("is refused", async () => {
    const { post, taken, receiver } = await setup();

    expect((await post("{not json")).status).toBe(400);
    expect((await post("x".repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${receiver.port()}/`)).status).toBe(404);
    expect(taken).toEqual([]);
  });
});

describe("a caller that takes its time", () => {
  it.each([
    ["says nothing", ""],
    ["does not end its head", "POST / HTTP/1.1\r\nHost: a\r\n"],
    ["does not end its body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"],
  ])("is cut off: one that %s", async (_, beginning) => {
    const { receiver, taken } = await setup(undefined, 60);

    expect(await untilCutOff(receiver.port(), beginning)).not.toContain("200");
    expect(taken).toEqual([]);
  });

  it("is cut off also when it is never silent", async () => {
    const { receiver } = await setup(undefined, 60);
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";

    expect(await untilCutOff(receiver.port(), head, "x")).not.toContain("200");
  });
});

describe("a port that is taken", () => {
  it("ends the start with one sentence", async () => {
    const { receiver } = await setup();
    const second = createHttpReceiver({
      signingSecret,
      port: receiver.port(),
      host: "127.0.0.1",
      clock: clockAt(now.toString()),
      log: silentLogger,
      ingest: async () => {},
    });

    await expect(second.start()).rejects.toThrow(/^Cannot listen on SLACK_PORT \d+ \(EADDRINUSE\)/);
  });
});
