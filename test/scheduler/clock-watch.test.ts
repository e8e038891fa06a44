import { describe, expect, it } from "vitest";
import { createClockWatch } from "#src/scheduler/clock-watch.ts";
import { clockAt } from "#test/support/clock.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A machine with both its clocks, and servers that are ahead of it by what the test says. */
function machine(...offsets: (number | undefined)[]) {
  const clock = clockAt("2027-03-01T12:00:00Z");
  let uptime = 5000;
  const servers = offsets.map((_, index) => () => offsets[index]);
  return {
    watch: createClockWatch({ clock, monotonic: () => uptime, offsets: servers }),
    offsets,
    passes(milliseconds: number, counted = milliseconds) {
      clock.advance({ milliseconds });
      uptime += counted;
    },
  };
}

describe("a machine that runs", () => {
  it("is in no doubt, however long ago it was last asked", () => {
    const { watch, passes } = machine();

    for (const time of [0, second, hour, 30 * 24 * hour]) {
      passes(time);
      expect(watch.doubt()).toBeUndefined();
    }
  });

  it.each([
    ["a tick by NTP", second, 1.5 * second],
    ["a step of two minutes", second + 2 * minute, second],
    ["a step back of two minutes", second - 2 * minute, second],
  ])("is in no doubt after %s", (_, wall, monotonic) => {
    const { watch, passes } = machine();

    passes(wall, monotonic);

    expect(watch.doubt()).toBeUndefined();
  });

  it("may drift for months, a little each time", () => {
    const { watch, passes } = machine();

    for (let hours = 0; hours < 1000; hours++) {
      passes(hour + second, hour);
      expect(watch.doubt()).toBeUndefined();
    }
  });
});

describe("the clock", () => {
  it.each([
    ["put forward", 3 * minute, second, /^The clock went forward by 3 minutes at once: /],
    ["put forward by a day", 24 * hour, second, /^The clock went forward by 24 hours at once: /],
    ["of a machine that slept for six hours", 6 * hour, second, /forward by 6 hours at once: /],
    ["put back", -3 * minute, second, /^The clock was put back by 3 minutes\.$/],
    ["put back by an hour", -60 * minute, second, /^The clock was put back by 60 minutes\.$/],
  ])("%s is in doubt until everything was read anew", (_, wall, monotonic, sentence) => {
    const { watch, passes } = machine();

    passes(wall, monotonic);
    expect(watch.doubt()).toMatch(sentence);
    passes(hour);
    expect(watch.doubt()).toMatch(sentence);

    watch.settled();
    expect(watch.doubt()).toBeUndefined();
  });

  it("that jumps while everything is read is in doubt after that", () => {
    const { watch, passes } = machine();
    passes(hour, second);
    watch.doubt();

    passes(hour, second);
    watch.settled();

    expect(watch.doubt()).toMatch(/forward by 60 minutes/);
  });

  it("that was put back right is in doubt all the same: things happened meanwhile", () => {
    const { watch, passes } = machine();

    passes(hour, second);
    watch.doubt();
    passes(-hour, second);

    expect(watch.doubt()).toMatch(/put back by 60 minutes/);
  });
});

describe("a server's clock", () => {
  it.each([[[undefined]], [[0]], [[minute, -minute]], [[undefined, 59 * second]]])(
    "that is known to be off by %j raises no doubt",
    (offsets) => {
      expect(machine(...offsets).watch.doubt()).toBeUndefined();
    },
  );

  it.each([
    [[61 * second], /^The clock of this machine is 1 minute behind a server's; /],
    [[0, -3 * minute], /^The clock of this machine is 3 minutes ahead of a server's; /],
    [[-2 * minute, 5 * hour], /^The clock of this machine is 5 hours behind a server's; /],
  ])("that is off by %j raises doubt for as long as it is", (offsets, sentence) => {
    const { watch, offsets: known } = machine(...offsets);

    expect(watch.doubt()).toMatch(sentence);
    watch.settled();
    expect(watch.doubt()).toMatch(sentence);

    known.fill(0);
    expect(watch.doubt()).toBeUndefined();
  });
});
