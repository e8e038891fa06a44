import { describe, expect, it } from "vitest";
import { createServerClock } from "#src/proxmox/server-clock.ts";
import { clockAt } from "#test/support/clock.ts";

const noon = "2026-11-21T12:00:00Z";
const noonSeconds = Date.parse(noon) / 1000;

describe("the cluster's clock", () => {
  it("is ours, and not known, before the first answer", () => {
    const server = createServerClock(clockAt(noon));
    expect(server.offset()).toBeUndefined();
    expect(server.seconds()).toBe(noonSeconds);
  });

  it("is told by the latest answer's date", () => {
    const clock = clockAt(noon);
    const server = createServerClock(clock);
    server.request()("Sat, 21 Nov 2026 12:01:30 GMT");
    expect(server.offset()).toBe(90_000);
    clock.advance({ seconds: 10 });
    expect(server.seconds()).toBe(noonSeconds + 100);
    server.request()("Sat, 21 Nov 2026 12:00:09 GMT");
    expect(server.offset()).toBe(-1_000);
  });

  it.each([
    ["without a date", undefined],
    ["with a date that is none", "today"],
  ])("is not told by an answer %s", (_, date) => {
    const server = createServerClock(clockAt(noon));
    server.request()(date);
    expect(server.offset()).toBeUndefined();
  });

  it("is not told by an answer that was long on its way, as when we were suspended", () => {
    const clock = clockAt(noon);
    const server = createServerClock(clock);
    const note = server.request();
    clock.advance({ minutes: 20 });
    note("Sat, 21 Nov 2026 12:00:00 GMT");
    expect(server.offset()).toBeUndefined();
  });
});
