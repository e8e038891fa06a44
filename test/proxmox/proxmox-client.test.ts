import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createLogger } from "#src/log.ts";
import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { nothing, taskStart, version } from "#src/proxmox/responses.ts";
import { eventually } from "#test/support/eventually.ts";
import { clientOf, errorOf, signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const start = "/nodes/pve1/qemu/200/status/start";
const config = "/nodes/pve1/lxc/101/config";
/** A port that nothing listens on. */
const closed = "http://127.0.0.1:9";

let simulator: RunningSimulator;
let client: ProxmoxClient;

beforeEach(async () => {
  simulator = await startSimulator();
  client = clientOf(simulator);
});

afterEach(async () => {
  await client.close();
  await simulator.stop();
});

const requests = (method: string) =>
  simulator.controls.journal().filter((entry) => entry.method === method);

const answer = (status: number) => ({ kind: "answer", status, reason: "Broken pipe" }) as const;

describe("a call", () => {
  it("is authorized by the token and parsed by its schema", async () => {
    expect(await client.get("/version", version, { signal })).toMatchObject({ version: "9.2.11" });
    expect(requests("GET")[0]?.caller).toBe(simulator.tokenId);
  });

  it("sends a form that survives semicolons, equals signs and umlauts, and yes as 1", async () => {
    const root = clientOf(simulator, simulator.root);
    const parameters = { a: "x;y=z", b: "Grüße ☕", c: true, d: undefined };
    await errorOf(root.post(start, nothing, { parameters, signal }));
    expect(requests("POST")[0]?.input).toMatchObject({ a: "x;y=z", b: "Grüße ☕", c: "1" });
    expect(requests("POST")[0]?.input).not.toHaveProperty("d");
    await root.close();
  });

  it("carries a DELETE's parameters in the URL", async () => {
    const error = await errorOf(
      client.delete("/nodes/pve1/lxc/101", nothing, { parameters: { purge: true }, signal }),
    );
    expect(requests("DELETE")[0]?.input).toEqual({ purge: "1" });
    expect(error.message).not.toContain("Unexpected content");
  });

  it("keeps its connections, and closes an idle one before the server's five seconds", async () => {
    const open = new Set<Socket>();
    let connections = 0;
    await using server = await listening((_, response) => response.end('{"data":1}'));
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => {
      connections += 1;
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    });
    const keeping = clientOf(simulator, { endpoints: [urlOf(server)] });
    for (let call = 0; call < 20; call += 1) await keeping.get("/version", nothing, { signal });
    // The next call may find the connection still busy with the end of the last one.
    expect(connections).toBeLessThanOrEqual(2);
    expect(open.size).toBeGreaterThan(0);
    await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 4_800, interval: 50 });
    await keeping.close();
  });

  it("has at most four calls of one node in flight, and does not hold up the others", async () => {
    const inFlight: ServerResponse[] = [];
    let most = 0;
    await using server = await listening((request, response) => {
      if (request.url?.includes("pve2")) return void response.end('{"data":1}');
      most = Math.max(most, inFlight.push(response));
    });
    const busy = clientOf(simulator, { endpoints: [urlOf(server)] });
    const calls = Array.from({ length: 12 }, () => busy.get(config, nothing, { signal }));
    await busy.get("/nodes/pve2/lxc", nothing, { signal });
    await eventually(() => inFlight).toHaveLength(4);
    const answering = setInterval(() => inFlight.shift()?.end('{"data":1}'), 1);
    await Promise.all(calls);
    clearInterval(answering);
    expect(most).toBe(4);
    await busy.close();
  });
});

describe("a failed call", () => {
  it("with a bad token is unauthorized, and is not repeated", async () => {
    const stranger = clientOf(simulator, { tokenSecret: "wrong" });
    const error = await errorOf(stranger.get("/version", version, { signal }));
    expect(error).toMatchObject({ kind: "unauthorized", status: 401 });
    expect(requests("GET")).toHaveLength(1);
    await stranger.close();
  });

  it("names the privilege and the path that the token lacks", async () => {
    simulator.controls.token({ id: "reader@pve!t", secret: "s", grants: [] });
    const reader = clientOf(simulator, { tokenId: "reader@pve!t", tokenSecret: "s" });
    const error = await errorOf(reader.get(config, nothing, { signal }));
    expect(error.kind).toBe("forbidden");
    expect(error.message).toContain("VM.Audit on /vms/101");
    await reader.close();
  });

  it("for a guest that is not there says so", async () => {
    const error = await errorOf(client.get("/nodes/pve1/lxc/9999/config", nothing, { signal }));
    expect(error).toMatchObject({ kind: "no-such-guest", status: 500 });
  });

  it("never shows the token's secret", async () => {
    const lines: string[] = [];
    const log = createLogger({
      level: "trace",
      destination: { write: (line: string) => void lines.push(line) },
    });
    const secret = "5a4db0c5-1111-4222-8333-canary000000";
    const talkative = clientOf(simulator, { endpoints: [closed], tokenSecret: secret, log });
    const error = await errorOf(talkative.get("/version", version, { signal }));
    log.error({ err: error }, "failed");
    expect(lines.length).toBeGreaterThan(1);
    expect(`${lines.join()} ${error.message} ${error.stack}`).not.toContain("canary");
    await talkative.close();
  });

  it("that is no Proxmox at all is told as such", async () => {
    await using server = await listening((_, response) => response.end("<html>hello</html>"));
    const lost = clientOf(simulator, { endpoints: [urlOf(server)] });
    const error = await errorOf(lost.get("/version", version, { signal }));
    expect(error.kind).toBe("unexpected");
    expect(error.message).toContain("PROXMOX_URL");
    await lost.close();
  });

  it("throws the reason of an abort", async () => {
    simulator.controls.fault({ action: { kind: "hang" } });
    const reason = new Error("enough");
    const controller = new AbortController();
    const call = client.get("/version", version, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(call).rejects.toBe(reason);
  });
});

describe("a read", () => {
  it.each([
    ["a broken connection", { kind: "drop" } as const],
    ["595", answer(595)],
    ["596", answer(596)],
    ["599", answer(599)],
  ])("is tried again after %s", async (_, action) => {
    simulator.controls.fault({ path: config, times: 2, action });
    await client.get(config, nothing, { signal });
    expect(requests("GET")).toHaveLength(3);
  });

  it("is given up after three tries", async () => {
    simulator.controls.fault({ path: config, times: 10, action: answer(595) });
    const error = await errorOf(client.get(config, nothing, { signal }));
    expect(error).toMatchObject({ kind: "node-unreachable", status: 595 });
    expect(error.message).toContain("Node pve1");
    expect(requests("GET")).toHaveLength(3);
  });

  it.each([400, 403, 500, 501])("is not tried again after %i", async (status) => {
    simulator.controls.fault({ path: config, action: answer(status) });
    await errorOf(client.get(config, nothing, { signal }));
    expect(requests("GET")).toHaveLength(1);
  });

  it("is not tried again where the failure took long to come", async () => {
    let asked = 0;
    await using server = await listening((_, response) => {
      asked += 1;
      setTimeout(() => response.writeHead(595, "No route to host").end(), 40);
    });
    const options = { endpoints: [urlOf(server)], timeouts: { repeat: 20 } };
    const hasty = clientOf(simulator, options);
    expect((await errorOf(hasty.get(config, nothing, { signal }))).status).toBe(595);
    expect(asked).toBe(1);
    await hasty.close();
  });

  it("is not tried again when no answer comes in time", async () => {
    simulator.controls.fault({ path: config, times: 9, action: { kind: "hang" } });
    const hasty = clientOf(simulator, { timeouts: { headers: 50 } });
    const error = await errorOf(hasty.get(config, nothing, { signal }));
    expect(error.kind).toBe("node-unreachable");
    expect(requests("GET")).toHaveLength(1);
    await hasty.close();
  });
});

describe("a write", () => {
  it.each([
    ["a broken connection", { kind: "drop" } as const],
    ["a broken connection after it acted", { kind: "drop", when: "after" } as const],
    ["596", answer(596)],
    ["599", answer(599)],
    ["an unreadable answer", { ...answer(200), body: "<html>" }],
  ])("is never sent again after %s: its outcome is unknown", async (_, action) => {
    simulator.controls.fault({ method: "POST", action });
    const error = await errorOf(client.post(start, taskStart, { signal }));
    expect(error.kind).toBe("outcome-unknown");
    expect(requests("POST")).toHaveLength(1);
  });

  it("is never sent again when no answer comes in time", async () => {
    simulator.controls.fault({ method: "POST", action: { kind: "hang", when: "after" } });
    const hasty = clientOf(simulator, { timeouts: { headers: 50 } });
    const error = await errorOf(hasty.post(start, taskStart, { signal }));
    expect(error.kind).toBe("outcome-unknown");
    expect(requests("POST")).toHaveLength(1);
    await hasty.close();
  });

  it("that the node's proxy could not hand on changed nothing", async () => {
    simulator.controls.fault({ method: "POST", action: answer(595) });
    const error = await errorOf(client.post(start, taskStart, { signal }));
    expect(error.kind).toBe("node-unreachable");
    expect(requests("POST")).toHaveLength(1);
  });

  it("whose endpoint refuses the connection was never sent", async () => {
    const lost = clientOf(simulator, { endpoints: [closed] });
    const error = await errorOf(lost.post(start, taskStart, { signal }));
    expect(error.kind).toBe("unreachable");
    await lost.close();
  });

  it("that is on its way is awaited in spite of an abort: the answer holds the UPID", async () => {
    simulator.controls.fault({ method: "POST", action: { kind: "delay", ms: 50 } });
    const controller = new AbortController();
    const call = client.post(start, taskStart, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(await call).toMatch(/^UPID:/);
  });

  it("is not sent at all once aborted", async () => {
    const aborted = AbortSignal.abort(new Error("too late"));
    await expect(client.post(start, taskStart, { signal: aborted })).rejects.toThrow("too late");
    expect(requests("POST")).toHaveLength(0);
  });
});

describe("several endpoints", () => {
  it("stand in for one another when reading", async () => {
    const pair = clientOf(simulator, { endpoints: [closed, simulator.url] });
    expect(await pair.get("/version", version, { signal })).toMatchObject({ version: "9.2.11" });
    await pair.close();
  });

  it("are probed before a write, which is then sent once, to one that lives", async () => {
    const pair = clientOf(simulator, { endpoints: [closed, simulator.url] });
    expect(await pair.post(start, taskStart, { signal })).toMatch(/^UPID:/);
    expect(requests("POST")).toHaveLength(1);
    await pair.close();
  });

  it("need no probe while one has just answered", async () => {
    const pair = clientOf(simulator, { endpoints: [simulator.url, closed] });
    await pair.get(config, nothing, { signal });
    await pair.post(start, taskStart, { signal });
    expect(requests("GET")).toHaveLength(1);
    await pair.close();
  });

  it("are all tried before giving up", async () => {
    const nobody = clientOf(simulator, { endpoints: [closed, closed, closed] });
    const error = await errorOf(nobody.post(start, taskStart, { signal }));
    expect(error.kind).toBe("unreachable");
    expect(requests("POST")).toHaveLength(0);
    await nobody.close();
  });
});

describe("a node that does not answer", () => {
  it("is spared for a while, the others are not, and then asked again", async () => {
    const sparing = clientOf(simulator, { spareNodeFor: 100 });
    simulator.controls.fault({ path: "/nodes/pve1/*", times: 5, action: answer(595) });
    for (let call = 0; call < 5; call += 1) await errorOf(sparing.post(start, nothing, { signal }));
    simulator.controls.clearJournal();

    const error = await errorOf(sparing.post(start, taskStart, { signal }));
    expect(error).toMatchObject({ kind: "node-unreachable" });
    expect(error.message).toContain("nothing was sent");
    expect(requests("POST")).toHaveLength(0);
    await sparing.get("/version", nothing, { signal });

    await new Promise((resolve) => setTimeout(resolve, 120));
    await sparing.get(config, nothing, { signal });
    await sparing.close();
  });
});

it("reads the cluster's clock from its answers", async () => {
  await using server = await listening((_, response) => {
    response.writeHead(200, { date: "Sat, 21 Nov 2020 12:00:00 GMT" });
    response.end('{"data":1}');
  });
  const behind = clientOf(simulator, { endpoints: [urlOf(server)] });
  await behind.get("/version", z.unknown(), { signal });
  const noon = Date.UTC(2020, 10, 21, 12) / 1000;
  expect(behind.serverTime()).toBeGreaterThanOrEqual(noon - 1);
  expect(behind.serverTime()).toBeLessThan(noon + 5);
  await behind.close();
});

type Listener = Parameters<typeof createServer>[1];

async function listening(listener: NonNullable<Listener>): Promise<Server & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
