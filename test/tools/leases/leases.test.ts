import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import type { NewDeletion } from "#src/deletions/deletion.ts";
import type { LeaseTerms } from "#src/policy/lease-rules.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestDetail, Guests } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, friday } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { leasesOf, noLeases } from "#test/support/leases.ts";
import { carol } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { cancelDeletion } from "#tools/deletions/cancel-deletion.ts";
import { rescheduleDeletion } from "#tools/deletions/reschedule-deletion.ts";
import { scheduleDeletion } from "#tools/deletions/schedule-deletion.ts";
import { extendLease } from "#tools/leases/extend-lease.ts";
import { listLeases } from "#tools/leases/list-leases.ts";

const runner = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });
const beganAt = Temporal.Instant.from("2026-11-13T12:00:00Z");
const lab: LeaseTerms = { defaultDays: 14, maximumDays: 30, totalDays: 90 };
/** The end of its lease, on friday. */
const end = aNewDeletion({ confirmedBy: undefined, ofLease: true });

interface Options {
  readonly guest?: GuestDetail;
  readonly terms?: LeaseTerms;
  readonly isNoted?: boolean;
  /** Nothing where it is null. */
  readonly planned?: NewDeletion | null;
}

/** On Sat 21 Nov 2026, 10:00 in Berlin. */
async function setUp(options: Options = {}) {
  const { guest = runner, terms = lab, isNoted = true, planned = end } = options;
  const clock = clockAt("2026-11-21T09:00:00Z");
  const deletions = await anEmptySchedule(clock);
  const deletion = planned ? await deletions.schedule(planned) : undefined;
  const leases = leasesOf({ terms, beganAt, timeZone: "Europe/Berlin", isNoted });
  const preparation = { shutdownMinutes: 5, backup: { storage: "backup-nfs", days: 30 } };
  const parts = { guests: guestsOf(guest), deletions, leases, clock, preparation };
  return {
    ...parts,
    deletion,
    extend: (until: string | null) => extendLease(parts).plan({ guest: 103, until }, aContext()),
    async list(which: number | null = null) {
      const plan = await listLeases(parts).plan({ guest: which }, aContext());
      const result = await plan.apply(aContext());
      return result.kind === "done" ? String(result.output) : undefined;
    },
  };
}

describe("extending a lease", () => {
  it("says from when to when, and changes nothing yet", async () => {
    const { extend, deletions, deletion } = await setUp();

    const plan = await extend("by a week");

    expect(plan.summary).toBe(
      "Extend the lease of test-runner (CT 103 on pve1) until Fri 4 Dec 2026, 18:00 CET (Europe/Berlin), in 13 days, instead of Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days.",
    );
    expect(plan.target).toMatchObject({
      guest: { vmid: 103 },
      deletion: { id: deletion?.id, requestedBy: "bob" },
      at: "2026-12-04T17:00:00Z",
    });
    expect(await deletions.listOpen()).toEqual([deletion]);
  });

  it("puts the end off and confirms nothing", async () => {
    const { extend, deletions, deletion } = await setUp();

    const result = await (await extend("until dec 20th")).apply(aContext());

    expect(result).toMatchObject({ output: { endsOn: expect.stringMatching(/^Sun 20 Dec 2026/) } });
    const [row] = await deletions.listOpen();
    expect(row).toMatchObject({ id: deletion?.id, revision: 2, ofLease: true });
    expect(row?.confirmedBy).toBeUndefined();
  });

  it("without a time gives what the policy has", async () => {
    const { extend } = await setUp();

    expect((await extend(null)).target.at).toBe("2026-12-05T09:00:00Z");
  });

  it.each([
    ["its maximum", lab, "2026-12-21T09:00:00Z", true],
    ["all of it may last", { defaultDays: 14, totalDays: 20 }, "2026-12-04T09:00:00Z", true],
    ["was said, without a limit", { defaultDays: 14 }, "2027-01-27T17:00:00Z", false],
  ])("goes no further than %s", async (_, terms, at, isLimited) => {
    const { extend } = await setUp({ terms });

    const { target, summary } = await extend("by two months");

    expect(target.at).toBe(at);
    expect(summary.includes("the furthest that it may go")).toBe(isLimited);
  });

  it.each<[string, Options, string | null, RegExp]>([
    [
      "past its limit",
      { terms: { defaultDays: 7, totalDays: 12 } },
      "by a day",
      /cannot be extended: by the policy it ends on Thu 26 Nov 2026, 10:00 .* Its owner or an admin can put the guest on hold; otherwise the policy has to be changed\.$/,
    ],
    ["to before its end", {}, "tomorrow", /ends on Fri 27 Nov 2026, .* To what later time/],
    ["to now", {}, "now", /To what later time/],
    ["for words that mean nothing", {}, "until the cows come home", /cows/],
    ["of a guest that is to go", { planned: aNewDeletion() }, null, /is asked for, for Fri 27 Nov/],
    ["that has no end", { planned: null }, null, /no end at present: it gets one within min/],
    [
      "of a guest on hold",
      { planned: null, guest: { ...runner, hold: { by: "Alice", reason: "vacation" } } },
      null,
      /no end at present: Alice has put it on hold \(vacation\)/,
    ],
  ])("is refused %s", async (_, options, words, message) => {
    const { extend } = await setUp(options);

    await expect(extend(words)).rejects.toThrow(message);
  });

  it("is refused of a guest without one", async () => {
    const parts = await setUp();
    const tool = extendLease({ ...parts, leases: noLeases });

    const plan = tool.plan({ guest: 103, until: null }, aContext());

    await expect(plan).rejects.toThrow("has no lease: it lives until somebody deletes it");
  });

  it("counts from now once the lease has ended", async () => {
    const { deletions, leases, guests } = await setUp();
    const askedAt = friday.add({ hours: 24 });
    const tool = extendLease({ deletions, leases, guests });

    const plan = await tool.plan({ guest: 103, until: "by a week" }, aContext({ askedAt }));

    expect(plan.target.at).toBe("2026-12-05T17:00:00Z");
  });

  it("gives way to whoever was faster", async () => {
    const { extend, deletions, deletion } = await setUp();
    const plan = await extend("by a week");
    if (deletion) await deletions.reschedule(deletion, { dueAt: friday, timeZone: "UTC" });

    await expect(plan.apply(aContext())).rejects.toThrow("has changed meanwhile");
  });
});

describe("the list of leases", () => {
  it("says until when, how far it can be extended, and since when", async () => {
    const { list } = await setUp();

    expect(await list()).toBe(
      "test-runner (CT 103 on pve1): ends Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days; " +
        "at the latest Mon 21 Dec 2026, 10:00 CET (Europe/Berlin), in 30 days; " +
        "began Fri 13 Nov 2026, 13:00 CET (Europe/Berlin), 8 days ago\n" +
        "At its end a guest is deleted only if somebody has confirmed that.",
    );
    expect(await list(103)).toBe(await list());
  });

  it.each<[string, Options, RegExp]>([
    [
      "confirmed",
      { planned: aNewDeletion({ ofLease: true }) },
      /is deleted .*, as Alice confirmed/,
    ],
    ["without an end", { planned: null }, /no end at present/],
    [
      "of a guest on hold",
      { guest: { ...runner, hold: { by: "Alice", reason: "vacation" } } },
      /no end while it is on hold/,
    ],
    ["at its limit", { terms: { defaultDays: 7, totalDays: 10 } }, /that is the latest/],
    ["without a limit", { terms: { defaultDays: 7 } }, /without a limit/],
  ])("tells of one that is %s", async (_, options, words) => {
    const { list } = await setUp(options);

    expect(await list()).toMatch(words);
  });

  it.each<[string, Options, string]>([
    ["not noted yet", { planned: null, isNoted: false }, "its lease begins within minutes"],
    [
      "not noted yet, of a guest that is to go",
      { planned: aNewDeletion(), isNoted: false },
      "is deleted Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days, as Alice confirmed; its lease begins within minutes",
    ],
  ])("says of one that is %s that it is about to begin", async (_, options, words) => {
    const { list } = await setUp(options);

    expect((await list())?.split("\n")[0]).toBe(`test-runner (CT 103 on pve1): ${words}`);
  });

  it.each<[string, Partial<GuestDetail>]>([
    ["it is a template", { template: true }],
    ["it is managed by HA", { haManaged: true }],
    ["it has the tag protected", { tags: ["protected"] }],
  ])("leaves out a guest that gets no end, because %s", async (obstacle, facts) => {
    const { list } = await setUp({ guest: { ...runner, ...facts }, planned: null });

    expect(await list()).toBe("No guest has a lease.");
    expect(await list(103)).toContain(`(CT 103 on pve1): no end at present: ${obstacle}\n`);
  });

  it("leaves out a guest that Proxmox protects, as only the guest itself tells", async () => {
    const parts = await setUp({ planned: null });
    const list = async (guest: number | null, find: Guests["find"]) => {
      const tool = listLeases({ ...parts, guests: { ...parts.guests, find } });
      return (await tool.plan({ guest }, aContext())).apply(aContext());
    };
    const { find } = guestsOf({ ...runner, protection: true });
    const away = () => Promise.reject(new ProxmoxError("unreachable", "It is away."));

    expect(await list(null, find)).toMatchObject({ output: "No guest has a lease." });
    expect(await list(103, find)).toMatchObject({
      output: expect.stringContaining("no end at present: its protection flag is set in Proxmox"),
    });
    expect(await list(null, away)).toMatchObject({
      output: expect.stringContaining("no end at present; at the latest"),
    });
  });

  it("keeps a guest that is still to go, whatever protects it by now", async () => {
    const { list } = await setUp({ guest: { ...runner, template: true } });

    expect(await list()).toMatch(/: ends Fri 27 Nov 2026, .*; began /);
  });

  it("says of a guest without a lease that it has none, and of all", async () => {
    const parts = await setUp();
    const tool = listLeases({ ...parts, leases: noLeases });
    const run = async (guest: number | null) =>
      (await tool.plan({ guest }, aContext())).apply(aContext());

    expect(await run(103)).toMatchObject({ output: expect.stringMatching(/has no lease/) });
    expect(await run(null)).toMatchObject({ output: "No guest has a lease." });
  });
});

describe("a deletion of a leased guest", () => {
  const late = "2027-01-15T12:00:00Z";

  it("is not scheduled for later than its lease may end", async () => {
    const parts = await setUp({ planned: null });
    const plan = (when: string) =>
      scheduleDeletion(parts).plan({ guest: 103, when, backup: null }, aContext());

    await expect(plan(late)).rejects.toThrow(
      /^The lease of test-runner .* ends on Mon 21 Dec 2026, .* at the latest, so its deletion cannot be later\. Its owner or an admin/,
    );
    expect((await plan("2026-12-20T12:00:00Z")).target.at).toBe("2026-12-20T12:00:00Z");
  });

  it.each([
    ["scheduled", scheduleDeletion],
    ["moved", rescheduleDeletion],
  ] as const)(
    "takes the place of the end of its lease when %s, for who asks",
    async (_, toolOf) => {
      const parts = await setUp();
      const as = (principal: Principal) =>
        aContext({ principal: { ...principal, role: "operator" } });
      const input = { guest: 103, when: "2026-11-22T17:00:00Z" };

      await (await toolOf(parts).plan(input, as(carol))).apply(as(carol));

      const [only, ...others] = await parts.deletions.listOpen();
      expect(others).toEqual([]);
      expect(only).toMatchObject({
        id: parts.deletion?.id,
        ofLease: false,
        confirmedBy: { id: "carol" },
        requestedBy: { id: "carol" },
      });
      expect(only?.dueAt).toEqual(Temporal.Instant.from("2026-11-22T17:00:00Z"));
      const { target } = await cancelDeletion(parts).plan({ guest: 103 }, as(carol));
      expect(target.deletion?.requestedBy).toBe("carol");
      const again = scheduleDeletion(parts).plan({ guest: 103 }, as(carol));
      await expect(again).rejects.toThrow("already planned");
    },
  );

  it("is not moved past it, and confirmed for the time that it has", async () => {
    const parts = await setUp({
      terms: { defaultDays: 7, totalDays: 10 },
      planned: { ...end, dueAt: Temporal.Instant.from(late) },
    });
    const plan = (when: string) =>
      rescheduleDeletion(parts).plan({ guest: 103, when, backup: null }, aContext());

    await expect(plan("by a day")).rejects.toThrow("at the latest");
    expect((await plan(late)).target.at).toBe(late);
  });

  it("is cancelled at the end of its lease, which then goes on", async () => {
    const parts = await setUp();

    const result = await (await cancelDeletion(parts).plan({ guest: 103 }, aContext())).apply(
      aContext(),
    );

    expect(result).toMatchObject({
      output: { lease: "goes on; it gets another end within minutes" },
    });
  });
});
