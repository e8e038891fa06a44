import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type NetworkFault, startFaultProxy } from "./fault-proxy.ts";

const answer = "0123456789".repeat(100);

/** A server behind a proxy, what it saw, and a client whose errors are told by their codes. */
async function start(fault?: NetworkFault) {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    seen.push(`${request.method} ${request.url} ${body}`.trim());
    response.end(answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  if (fault) proxy.strike(fault);

  const call = async (path: string, options?: RequestInit): Promise<string> => {
    try {
      const response = await fetch(`${proxy.url}${path}`, options);
      return await response.text();
    } catch (error) {
      return (error as { readonly cause?: { readonly code: string } }).cause?.code ?? String(error);
    }
  };
  return { proxy, seen, call };
}

describe("a fault proxy", () => {
  it("passes everything on unless it is told otherwise", async () => {
    const { proxy, seen, call } = await start();

    expect(await call("/a")).toBe(answer);
    expect(await call("/b", { method: "POST", body: "words" })).toBe(answer);
    expect(seen).toEqual(["GET /a", "POST /b words"]);
    expect(proxy.struck()).toBe(0);
  });

  it("loses an answer after the server has acted", async () => {
    const { seen, call } = await start({ kind: "lost-answer", times: 1 });

    expect(await call("/a", { method: "POST", body: "words" })).toMatch(
      /ECONNRESET|UND_ERR_SOCKET/,
    );
    expect(seen).toEqual(["POST /a words"]);
    expect(await call("/b")).toBe(answer);
  });

  it("breaks off in the middle of an answer", async () => {
    const { seen, call } = await start({ kind: "lost-answer", afterBytes: 500 });

    expect(await call("/a")).toMatch(/ECONNRESET|UND_ERR_SOCKET|terminated/);
    expect(seen).toEqual(["GET /a"]);
  });

  it("loses a request before the server sees it", async () => {
    const { seen, call } = await start({ kind: "lost-request" });

    expect(await call("/a")).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(seen).toEqual([]);
  });

  it("swallows a request, so that only patience ends it", async () => {
    const { seen, call } = await start({ kind: "black-hole" });

    expect(await call("/a", { signal: AbortSignal.timeout(50) })).toContain("TimeoutError");
    expect(seen).toEqual([]);
  });

  it("makes things slow", async () => {
    const { call } = await start({ kind: "latency", milliseconds: 60 });
    const before = performance.now();

    expect(await call("/a", { method: "POST", body: "words" })).toBe(answer);
    expect(performance.now() - before).toBeGreaterThan(55);
  });

  it("strikes the requests that are meant, on a connection that is open already too", async () => {
    const { proxy, call } = await start();
    await call("/warm");
    proxy.strike({ kind: "lost-request", request: /^DELETE \/guests\//, times: 2 });

    expect(await call("/guests/101")).toBe(answer);
    expect(await call("/guests/101", { method: "DELETE" })).not.toBe(answer);
    expect(await call("/guests/102", { method: "DELETE" })).not.toBe(answer);
    expect(await call("/guests/103", { method: "DELETE" })).toBe(answer);
    expect(proxy.struck()).toBe(2);
  });

  it("strikes different requests differently", async () => {
    const { proxy, seen, call } = await start({ kind: "lost-request", request: /^GET \/a/ });
    proxy.strike({ kind: "lost-answer", request: /^GET \/b/, times: 1 });

    expect([await call("/a"), await call("/b")]).not.toContain(answer);
    expect(await call("/b")).toBe(answer);
    expect(seen).toEqual(["GET /b", "GET /b"]);
  });

  it("is well again when it is told so", async () => {
    const { proxy, call } = await start({ kind: "lost-request" });
    await call("/a");

    proxy.clear();

    expect(await call("/a")).toBe(answer);
    expect(proxy.struck()).toBe(1);
  });
});
