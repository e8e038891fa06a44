import { expect, it } from "vitest";
import { createLeaseStore } from "#src/leases/lease-store.ts";
import { createLeases } from "#src/leases/leases.ts";
import type { LeaseRule } from "#src/policy/lease-rules.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { bob } from "#test/support/people.ts";

const lab: LeaseRule = { guests: { tags: ["test"] }, defaultDays: 14 };

const protectedGuests = { vmids: [], tags: [], pools: ["keep"] };

async function setUp(...rules: readonly LeaseRule[]) {
  const clock = clockAt("2026-11-24T12:00:00Z");
  const store = createLeaseStore(await testDatabase(), clock);
  const policy = () => ({ ...simplestPolicy, leases: rules, protectedGuests });
  const people = () => [bob];
  const leases = createLeases({ policy, people, leases: store, clock, timeZone: "UTC" });
  return { clock, store, leases };
}

it("tells of a guest's lease since when it lasts, in its owner's time zone", async () => {
  const { clock, store, leases } = await setUp(lab);
  const { beganAt } = await store.note(aTarget());
  clock.advance({ hours: 24 });

  const book = await leases.read();

  expect(book.of(aTarget())).toEqual({
    ...{ terms: lab, beganAt, timeZone: bob.timeZone },
    isNoted: true,
    obstacle: undefined,
  });
  expect(book.of({ ...aTarget(), owner: undefined })?.timeZone).toBe("UTC");
  expect(book.of({ ...aTarget(), tags: [] })).toBeUndefined();
});

it("has a lease begin now that is not noted yet, be it of another guest with the VMID", async () => {
  const { clock, store, leases } = await setUp(lab);
  await store.note(aTarget());
  clock.advance({ hours: 24 });

  const book = await leases.read();

  for (const next of [aTarget({ fingerprint: "fp-next" }), aTarget({ vmid: 104 })]) {
    expect(book.of(next)?.beganAt).toEqual(clock.now());
    expect(book.of(next)?.isNoted).toBe(false);
  }
  const { fingerprint: _, ...listed } = aTarget();
  expect(book.of(listed)?.isNoted).toBe(true);
});

it("says why a guest's lease has no end, as far as that is known of the guest", async () => {
  const book = await (await setUp(lab)).leases.read();
  const { protection: _, ...listed } = aTarget();

  expect(book.of(listed)?.obstacle).toBeUndefined();
  expect(book.of({ ...listed, protection: true })?.obstacle).toContain("protection flag");
  expect(book.of({ ...listed, pool: "keep" })?.obstacle).toBe("the policy protects it");
});

it("says whether owners matter", async () => {
  const owners = { users: ["bob"], groups: [], roles: [] };

  expect((await (await setUp(lab)).leases.read()).byOwner).toBe(false);
  expect((await (await setUp(lab, { ...lab, owners })).leases.read()).byOwner).toBe(true);
});
