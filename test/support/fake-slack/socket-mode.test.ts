import { SocketModeClient } from "@slack/socket-mode";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { FakeSlackConnection, FakeSlackOptions } from "./fake-slack.ts";
import { SILENT, startFakeSlack, webClient } from "./started.ts";

interface Frame {
  readonly type: string;
  readonly envelope_id?: string;
  readonly payload?: { readonly event_id?: string };
  readonly [name: string]: unknown;
}

/** A bare socket: it keeps every frame and acks only when told to. */
async function connect(connection: FakeSlackConnection, { acks = true } = {}) {
  const { url = "" } = await webClient(connection, connection.appToken).apps.connections.open();
  const socket = new WebSocket(url);
  const frames: Frame[] = [];
  const ended = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    const frame: Frame = JSON.parse(String(data));
    frames.push(frame);
    if (frame.type === "hello") opened.resolve();
    if (acks && frame.envelope_id) socket.send(JSON.stringify({ envelope_id: frame.envelope_id }));
  });
  socket.on("error", opened.reject);
  socket.on("close", () => ended.resolve());
  onTestFinished(() => socket.terminate());
  await opened.promise;
  return { socket, frames, ended: ended.promise };
}

async function startConnected(options?: FakeSlackOptions, behaviour?: { acks: boolean }) {
  const started = await startFakeSlack({ ackTimeoutMs: 50, retryDelaysMs: [0, 0], ...options });
  const client = await connect(started.connection, behaviour);
  return { ...started, ...client, alice: started.slack.person("U0ALICE") };
}

const envelopes = (frames: readonly Frame[]) => frames.filter((frame) => frame.envelope_id);

describe("connecting", () => {
  it("says hello with the number of connections", async () => {
    const { slack, connection, frames } = await startConnected();
    const second = await connect(connection);

    expect(frames[0]).toMatchObject({
      type: "hello",
      num_connections: 1,
      connection_info: { app_id: slack.workspace.bot.appId },
      debug_info: { approximate_connection_time: 18_060 },
    });
    expect(second.frames[0]).toMatchObject({ num_connections: 2 });
    expect(slack.socket.connections()).toEqual([1, 2]);
  });

  it("takes each ticket once, and none while it refuses", async () => {
    const { slack, connection, socket } = await startConnected();

    await expect(connect({ ...connection, appToken: "xapp-wrong" })).rejects.toThrow(
      "invalid_auth",
    );
    const reused = new WebSocket(socket.url);
    await expect(new Promise((_, reject) => reused.once("error", reject))).rejects.toThrow("403");

    slack.socket.refusing = true;
    await expect(connect(connection)).rejects.toThrow("503");
  });

  it("lets no more than ten connections stay", async () => {
    const { connection, slack } = await startConnected({ maxConnections: 1 });
    const { url = "" } = await webClient(connection, connection.appToken).apps.connections.open();
    const socket = new WebSocket(url);

    const frame = await new Promise((resolve) =>
      socket.once("message", (data) => resolve(`${data}`)),
    );

    expect(frame).toContain("too_many_websockets");
    expect(slack.socket.connections()).toEqual([1]);
  });
});

describe("envelopes", () => {
  it("carry events, interactions and commands, and their acks are kept", async () => {
    const { slack, frames, alice } = await startConnected();

    await alice.says(alice.dm, "hi").deliveries[0]?.outcome;
    await alice.runs("/pve status").outcome;

    expect(envelopes(frames)).toMatchObject([
      { type: "events_api", accepts_response_payload: false, retry_attempt: 0, retry_reason: "" },
      { type: "slash_commands", accepts_response_payload: true },
    ]);
    expect(slack.socket.acks.map(({ kind }) => kind)).toEqual(["events_api", "slash_commands"]);
  });

  it("reach one connection each", async () => {
    const { connection, frames, alice } = await startConnected();
    const second = await connect(connection);

    const said = Array.from({ length: 40 }, (_, index) => alice.says(alice.dm, `${index}`));
    await Promise.all(said.map(({ deliveries }) => deliveries[0]?.outcome));

    const [one, two] = [envelopes(frames).length, envelopes(second.frames).length];
    expect(one + two).toBe(40);
    expect(Math.min(one, two)).toBeGreaterThan(0);
  });

  it("come again when an event is not acked, with the same event_id and another envelope", async () => {
    const { frames, alice } = await startConnected({}, { acks: false });

    const [delivery] = alice.says(alice.dm, "hi").deliveries;

    expect(await delivery?.outcome).toEqual({ kind: "failed", reason: "timeout" });
    const sent = envelopes(frames);
    expect(sent.map((frame) => [frame.retry_attempt, frame.retry_reason])).toEqual([
      [0, ""],
      [1, "timeout"],
      [2, "timeout"],
    ]);
    expect(new Set(sent.map(({ payload }) => payload?.event_id)).size).toBe(1);
    expect(new Set(sent.map((frame) => frame.envelope_id)).size).toBe(3);
  });

  it("come once when an interaction is not acked", async () => {
    const { frames, alice } = await startConnected({}, { acks: false });

    expect(await alice.runs("/pve status").outcome).toMatchObject({ kind: "failed" });
    expect(envelopes(frames)).toHaveLength(1);
  });

  it("come twice on demand", async () => {
    const { slack, frames, alice } = await startConnected();
    slack.deliveries.copies = 2;

    const [delivery] = alice.says(alice.dm, "hi").deliveries;
    await delivery?.outcome;

    expect(envelopes(frames)).toHaveLength(2);
    expect(delivery?.answers).toHaveLength(2);
  });

  it("wait for a connection when they are events, and are lost when they are not", async () => {
    const { slack, connection } = await startFakeSlack({ ackTimeoutMs: 500 });
    const alice = slack.person("U0ALICE");

    const said = alice.says(alice.dm, "hi");
    const before = performance.now();
    expect(await alice.runs("/pve status").outcome).toEqual({
      kind: "failed",
      reason: "connection_failed",
    });
    expect(performance.now() - before).toBeLessThan(250);
    await connect(connection);

    expect(await said.deliveries[0]?.outcome).toMatchObject({ kind: "acked" });
  });
});

describe("what goes wrong with connections", () => {
  it.each(["refresh_requested", "link_disabled", "warning"] as const)(
    "ends them with %s",
    async (reason) => {
      const { slack, frames, ended } = await startConnected({ warningMs: 10 });

      slack.socket.disconnect(reason);

      await ended;
      expect(frames.at(-1)).toMatchObject({ type: "disconnect", reason });
      expect(slack.socket.connections()).toEqual([]);
    },
  );

  it("cuts one of them without a word", async () => {
    const { slack, connection, frames, ended } = await startConnected();
    await connect(connection);

    slack.socket.kill(1);

    await ended;
    expect(frames.at(-1)).not.toMatchObject({ type: "disconnect" });
    expect(slack.socket.connections()).toEqual([2]);
  });

  it("answers pings until it is told not to, and sends its own", async () => {
    const { slack, socket } = await startConnected({ pingIntervalMs: 5 });
    let pongs = 0;
    socket.on("pong", () => pongs++);

    socket.ping();
    await new Promise((resolve) => socket.once("pong", resolve));
    slack.socket.pongs = false;
    socket.ping();
    await new Promise((resolve) => socket.once("ping", resolve));

    expect(pongs).toBe(1);
  });

  it("refuses apps.connections.open by script", async () => {
    const { slack, connection } = await startFakeSlack();
    slack.faults.next("apps.connections.open", { kind: "error", error: "internal_error" });

    await expect(connect(connection)).rejects.toThrow("internal_error");
  });
});

describe("the client of Slack", () => {
  it("takes payloads, acks them, and comes back after a refresh", async () => {
    const { slack, connection } = await startFakeSlack();
    const client = new SocketModeClient({
      appToken: connection.appToken,
      clientPingTimeout: 100,
      logger: SILENT,
      clientOptions: { slackApiUrl: connection.apiUrl },
    });
    client.on("message", ({ ack }: { ack: (answer?: object) => Promise<void> }) => ack());
    await client.start();
    onTestFinished(() => client.disconnect());
    const alice = slack.person("U0ALICE");

    slack.socket.disconnect("refresh_requested");
    const said = alice.says(alice.dm, "hi");

    expect(await said.deliveries[0]?.outcome).toMatchObject({ kind: "acked" });
    expect(slack.socket.acks).toMatchObject([{ kind: "events_api" }]);
  });
});
