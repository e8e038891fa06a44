import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHttpServer, listen, readBody } from "#src/simulator/http-server.ts";
import { untilCutOff } from "#test/support/slow-caller.ts";

/** The simulator's server, for the API and the controls alike, in front of a listener. */
async function serving(patience: { requestMs: number; silenceMs: number }, answers = true) {
  const server = await createHttpServer(
    (request, response) => {
      readBody(request).then(
        () => answers && response.end("answered"),
        () => request.socket.destroy(),
      );
    },
    undefined,
    patience,
  );
  await listen(server, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const patient = 60_000;

describe("a caller that takes its time", () => {
  it.each([
    ["says nothing", "", undefined],
    ["does not end its head", "POST /simulator/reset HTTP/1.1\r\nHost: a\r\n", undefined],
    ["drips its head", "GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", "x"],
    ["drips its body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n", "x"],
  ])("is cut off: one that %s", async (_, beginning, drip) => {
    const port = await serving({ requestMs: 60, silenceMs: patient });

    expect(await untilCutOff(port, beginning, drip)).not.toContain("answered");
  });

  it("is cut off when nothing comes or goes any more", async () => {
    const port = await serving({ requestMs: patient, silenceMs: 60 }, false);

    expect(await untilCutOff(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
  });
});
