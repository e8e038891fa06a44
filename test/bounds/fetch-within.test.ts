import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { fetchWithin } from "#src/bounds/fetch-within.ts";

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("an answer", () => {
  it("of the size that is allowed is what it was, head and body", async () => {
    const url = await serving((_, response) => {
      response.writeHead(418, { "x-kind": "teapot" }).end("0123456789");
    });

    const response = await fetchWithin(10)(url);

    expect([response.status, response.headers.get("x-kind")]).toEqual([418, "teapot"]);
    expect(await response.text()).toBe("0123456789");
  });

  it("without a body stays without one", async () => {
    const url = await serving((_, response) => void response.writeHead(204).end());

    expect((await fetchWithin(10)(url)).body).toBeNull();
  });

  it("that never ends is given up, and its connection ends", async () => {
    const ended = Promise.withResolvers<void>();
    const url = await serving((request, response) => {
      const writing = setInterval(() => response.write("x".repeat(1_000)), 1);
      request.socket.on("close", () => {
        clearInterval(writing);
        ended.resolve();
      });
    });

    const response = await fetchWithin(5_000)(url);

    await expect(response.text()).rejects.toThrow("longer than 5000 B");
    await ended.promise;
  });

  it("that comes a byte at a time ends with its caller's signal", async () => {
    const url = await serving((_, response) => {
      response.writeHead(200);
      const dripping = setInterval(() => response.write("x"), 1);
      response.on("close", () => clearInterval(dripping));
    });
    const stopping = new AbortController();

    const response = await fetchWithin(1_000_000)(url, { signal: stopping.signal });
    const reading = response.text();
    stopping.abort(new Error("That is enough."));

    await expect(reading).rejects.toThrow("That is enough.");
  });

  it("that is small and unpacks to a large one is given up", async () => {
    const packed = gzipSync(Buffer.alloc(10_000_000));
    const url = await serving((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
    });
    expect(packed.length).toBeLessThan(20_000);

    const response = await fetchWithin(20_000)(url);

    await expect(response.text()).rejects.toThrow("longer than 20000 B");
  });
});
