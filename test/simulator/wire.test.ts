import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SimulatorToken } from "#src/simulator/simulator.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "#test/support/simulator.ts";

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator(smallSeed);
});
afterAll(() => simulator.stop());

function authorization({ tokenId, tokenSecret }: SimulatorToken = simulator): string {
  return `PVEAPIToken=${tokenId}=${tokenSecret}`;
}

/** A request written by hand, with the whole answer as text. */
async function raw(lines: readonly string[], body = "", token = authorization()): Promise<string> {
  const { port } = new URL(simulator.url);
  const socket = connect(Number(port), "127.0.0.1");
  const head = [...lines, "Host: localhost", `Authorization: ${token}`];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  return text(socket);
}

describe("authentication", () => {
  it.each([
    ["no token", undefined, "No ticket"],
    ["an unknown token", { tokenId: "x@pve!y", tokenSecret: "z" }, "Authentication failed!"],
  ])("refuses %s late and without a body", async (_, token, reason) => {
    await using slow = await startSimulator(smallSeed, { refuseAfterMs: 150 });
    const startedAt = performance.now();

    const reply = await slow.callAs(token)("GET", "/version");

    expect(reply).toMatchObject({ status: 401, reason, text: "" });
    expect(reply.headers.get("content-type")).toBeNull();
    expect(performance.now() - startedAt).toBeGreaterThan(140);
  });
});

describe("requests that Proxmox's server does not take", () => {
  it("refuses a body on DELETE", async () => {
    const reply = await raw(
      ["DELETE /api2/json/nodes/pve1/lxc/101 HTTP/1.1", "Content-Length: 7"],
      "purge=1",
    );

    expect(reply).toMatch(/^HTTP\/1\.1 501 Unexpected content for method 'DELETE'\r\n/);
    expect(reply).toMatch(/\r\n\r\n$/);
  });

  it("refuses a chunked body", async () => {
    const reply = await raw(
      ["POST /api2/json/nodes/pve1/vzdump HTTP/1.1", "Transfer-Encoding: chunked"],
      "0\r\n\r\n",
    );

    expect(reply).toMatch(/^HTTP\/1\.1 501 chunked transfer encoding not supported\r\n/);
  });

  it("refuses HEAD", async () => {
    expect(await raw(["HEAD /api2/json/version HTTP/1.1"])).toMatch(/^HTTP\/1\.1 501 /);
  });

  it("refuses more than half a mebibyte", async () => {
    const reply = await raw(
      ["POST /api2/json/nodes/pve1/vzdump HTTP/1.1", "Content-Length: 600000"],
      "vmid=101",
    );

    expect(reply).toMatch(/^HTTP\/1\.1 501 for data too large\r\n/);
  });
});

describe("forms", () => {
  const asRoot = (form: Record<string, string>) =>
    simulator.callAsRoot("PUT", "/nodes/pve1/lxc/101/config", form);

  it("ends a value at an unencoded semicolon", async () => {
    const { status, errors } = await simulator.call(
      "GET",
      "/nodes/pve1/tasks?typefilter=vzstart;limit=1;other=2",
    );

    expect(status).toBe(400);
    expect(Object.keys(errors ?? {})).toEqual(["other"]);
  });

  it("loses what follows an unencoded equals sign", async () => {
    const path = "/nodes/pve1/storage/local/prunebackups";

    expect(await simulator.call("GET", `${path}?prune-backups=keep-last=1`)).toMatchObject({
      status: 400,
      errors: { "prune-backups": expect.stringContaining("keep-last") },
    });
    expect(await simulator.call("GET", path, { "prune-backups": "keep-last=1" })).toMatchObject({
      status: 200,
    });
  });

  it("takes 1 and 0 for a boolean, and no words", async () => {
    expect(await asRoot({ onboot: "1" })).toMatchObject({ status: 200 });
    expect(await asRoot({ onboot: "true" })).toMatchObject({
      status: 400,
      reason: "Parameter verification failed.",
      message: "Parameter verification failed.\n",
      errors: { onboot: "type check ('boolean') failed - got 'true'" },
    });
  });

  it("takes words for a boolean in JSON", async () => {
    const reply = await raw(
      [
        "PUT /api2/json/nodes/pve1/lxc/101/config HTTP/1.1",
        "Content-Type: application/json",
        "Content-Length: 15",
      ],
      '{"onboot":true}',
      authorization(simulator.root),
    );

    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it("makes a list of a key that comes twice", async () => {
    const { errors } = await simulator.call("GET", "/cluster/nextid?vmid=101&vmid=102");

    expect(errors).toEqual({ vmid: "type check ('integer') failed - got ARRAY" });
  });

  it("names every parameter that is missing", async () => {
    const { status, errors } = await simulator.callAsRoot("POST", "/nodes/pve1/vzdump");

    expect(status).toBe(400);
    expect(errors).toEqual({ vmid: "property is missing and it is not optional" });
  });

  it("keeps what is not ASCII", async () => {
    await asRoot({ description: "Grüße ☕" });

    const { data } = await simulator.call("GET", "/nodes/pve1/lxc/101/config");
    expect(data).toMatchObject({ description: "Grüße ☕\n" });
  });
});

describe("connections", () => {
  it("announces no idle time, and closes after an error", async () => {
    const ok = await simulator.call("GET", "/version");
    const failed = await simulator.call("GET", "/nope");

    expect(ok.headers.get("keep-alive")).toBeNull();
    expect(ok.headers.get("connection")).toBe("Keep-Alive");
    expect(failed.headers.get("connection")).toBe("close");
  });

  it("closes after a hundred requests", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const connections = [];
    for (let count = 0; count < 101; count += 1) {
      connections.push(await connectionHeader(agent));
    }
    agent.destroy();

    expect(connections.indexOf("close")).toBe(99);
    expect(connections[100]).toBe("Keep-Alive");
  });

  it("compresses long answers for those who take it", async () => {
    const long = await simulator.callAsRoot("GET", "/access/permissions");
    const short = await simulator.callAsRoot("GET", "/version");

    expect(long.headers.get("content-encoding")).toBe("gzip");
    expect(short.headers.get("content-encoding")).toBeNull();
  });
});

function connectionHeader(agent: Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { agent, headers: { authorization: authorization() } };
    httpRequest(`${simulator.url}/api2/json/version`, options, (response) => {
      response.resume();
      response.on("end", () => resolve(response.headers.connection));
    })
      .on("error", reject)
      .end();
  });
}
