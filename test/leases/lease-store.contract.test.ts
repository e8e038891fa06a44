import { expect, it } from "vitest";
import { createLeaseStore } from "#src/leases/lease-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const guest = { vmid: 103, kind: "ct", name: "test-runner", fingerprint: "fp-103" } as const;

describeOnEveryDatabase("the store of leases", ({ open, openTwice }) => {
  it("keeps when a guest was first seen, whatever becomes of its name", async () => {
    const clock = clockAt("2026-11-21T09:00:00Z");
    const leases = createLeaseStore(await open(), clock);
    const beganAt = clock.now();
    expect(await leases.note(guest)).toEqual({ guest, beganAt });

    clock.advance({ hours: 48 });
    const renamed = { ...guest, name: "runner" };
    await leases.note(renamed);

    expect(await leases.list()).toEqual([{ guest: renamed, beganAt }]);
  });

  it("begins anew with another guest under the VMID", async () => {
    const clock = clockAt("2026-11-21T09:00:00Z");
    const leases = createLeaseStore(await open(), clock);
    await leases.note(guest);
    clock.advance({ hours: 48 });

    const next = { ...guest, kind: "vm", fingerprint: "fp-next" } as const;
    const { beganAt } = await leases.note(next);

    expect(beganAt).toEqual(clock.now());
    expect((await leases.list()).map((lease) => lease.guest)).toEqual([next]);
  });

  it("forgets a guest that is gone, and not the one that has its VMID by now", async () => {
    const leases = createLeaseStore(await open(), clockAt("2026-11-21T09:00:00Z"));
    const other = { ...guest, vmid: 104, fingerprint: "fp-104" };
    await leases.note(guest);
    await leases.note(other);

    await leases.forget({ vmid: 104, fingerprint: "fp-of-an-earlier-one" });
    await leases.forget(guest);

    expect((await leases.list()).map((lease) => lease.guest)).toEqual([other]);
  });

  it("is one for two processes, of which the first to see a guest counts", async () => {
    const [here, there] = await openTwice();
    const earlier = createLeaseStore(here, clockAt("2026-11-21T09:00:00Z"));
    const later = createLeaseStore(there, clockAt("2026-11-21T09:00:01Z"));

    const first = await earlier.note(guest);
    const second = await later.note(guest);

    expect(second.beganAt).toEqual(first.beganAt);
    expect(await later.list()).toHaveLength(1);
  });
});
