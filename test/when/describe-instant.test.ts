import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { describeInstant } from "#src/when/describe-instant.ts";

/** A Saturday, 10:00 in Berlin. */
const moment = { now: Temporal.Instant.from("2026-11-21T09:00:00Z"), timeZone: "Europe/Berlin" };

describe("describeInstant", () => {
  const describeAt = (iso: string, timeZone = "Europe/Berlin") =>
    describeInstant(Temporal.Instant.from(iso), { ...moment, timeZone });

  it("tells the time with its zone, and how far off it is", () => {
    expect(describeAt("2026-11-27T17:00:00Z")).toBe(
      "Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days",
    );
    expect(describeAt("2026-11-21T09:45:00Z", "UTC")).toBe(
      "Sat 21 Nov 2026, 09:45 UTC, in 45 minutes",
    );
    expect(describeAt("2026-11-21T14:00:00Z", "America/New_York")).toBe(
      "Sat 21 Nov 2026, 09:00 EST (America/New_York), in 5 hours",
    );
    expect(describeAt("2026-11-19T09:00:00Z")).toContain("2 days ago");
  });
});
