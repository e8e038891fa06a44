import { describe, expect, it } from "vitest";
import { createTargetCount } from "#src/agent/target-count.ts";
import { aTarget } from "#test/support/actions.ts";

const naming = (input: unknown, effect: "read" | "disruptive" = "disruptive") =>
  ({ admitted: true, call: { tool: "stop_guest", input }, effect }) as const;
const guests = (...fingerprints: readonly string[]) =>
  fingerprints.map((fingerprint) => aTarget({ fingerprint }));

describe("the guests of a request", () => {
  it("are counted before they are looked up, each name once, of changes alone", () => {
    const targets = createTargetCount();

    targets.expect(naming({ guest: "Web" }));
    targets.expect(naming({ guest: "web" }));
    targets.expect(naming({ guest: 103 }));
    targets.expect(naming({ guest: 104 }, "read"));

    expect(targets.add(guests("web"))).toBe(2);
  });

  it("are as many as are found, where one call is for several", () => {
    const targets = createTargetCount();
    targets.expect(naming({ guests: null }));
    targets.expect(naming({ guest: 103 }));

    expect(targets.add(guests("a", "b", "c"))).toBe(3);
    expect(targets.add(guests("d"))).toBe(4);
    expect(targets.add(guests("a"))).toBe(4);
  });

  it("are two where a name means another guest by now", () => {
    const targets = createTargetCount();
    targets.expect(naming({ guest: 103 }));

    expect(targets.add(guests("before"))).toBe(1);
    expect(targets.add(guests("after"))).toBe(2);
  });
});
