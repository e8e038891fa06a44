import { expect, it } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { createLeaseActs } from "#src/leases/lease-acts.ts";
import { createLeaseKeeper } from "#src/leases/lease-keeper.ts";
import { createLeaseStore } from "#src/leases/lease-store.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import type { LeaseRule } from "#src/policy/lease-rules.ts";
import { noGuests } from "#src/policy/policy-document.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { bob } from "#test/support/people.ts";
import { signal } from "#test/support/proxmox.ts";

const runner = aGuestDetail({
  vmid: 103,
  name: "test-runner",
  fingerprint: "fp-103",
  owner: "bob",
});

/** A keeper of guests that a test changes. */
async function aKeeper(rule: Partial<LeaseRule> = {}) {
  const clock = clockAt("2026-11-24T12:00:00Z");
  const db = await testDatabase();
  const deletions = await anEmptySchedule(clock, db);
  const leases = createLeaseStore(db, clock);
  const state = {
    guests: [runner] as readonly GuestDetail[],
    /** In place of these, in the listing. */
    listed: undefined as readonly GuestDetail[] | undefined,
    ownersUnread: [] as number[],
  };
  const reads: number[] = [];
  const keeper = createLeaseKeeper({
    policy: () => ({ leases: [{ defaultDays: 14, ...rule }], protectedGuests: noGuests }),
    people: () => [bob],
    guests: {
      list: (within) => guestsOf(...(state.listed ?? state.guests)).list(within),
      async listWithOwners(within) {
        const { ownersUnread } = state;
        return { ...(await guestsOf(...state.guests).list(within)), ownersUnread };
      },
      async find(reference, within) {
        reads.push(Number(reference));
        return guestsOf(...state.guests).find(reference, within);
      },
    },
    vmids: { isFree: async (vmid) => !state.guests.some((guest) => guest.vmid === vmid) },
    deletions,
    leases,
    acts: createLeaseActs({ deletions, audit: createAuditLog(db, clock), withoutBackup: false }),
    outbox: createOutboxStore(db, clock),
    doubt: () => undefined,
    clock,
    log: silentLogger,
    timeZone: "UTC",
    readsPerLook: 2,
  });
  return { keeper, deletions, leases, state, reads, clock };
}

it("leaves a lease as it is while nobody can tell whether its guest is on hold", async () => {
  const { keeper, deletions, state } = await aKeeper();
  await keeper.look(signal);
  state.guests = [{ ...runner, hold: { reason: "whether it is on hold cannot be read" } }];

  await keeper.look(signal);

  expect(await deletions.listOpen()).toHaveLength(1);
});

it("leaves a lease as it is while nobody can tell whose its guest is", async () => {
  const { keeper, deletions, state } = await aKeeper({
    owners: { users: ["bob"], groups: [], roles: [] },
  });
  await keeper.look(signal);
  state.guests = [{ ...runner, owner: undefined }];
  state.ownersUnread = [103];

  await keeper.look(signal);

  expect(await deletions.listOpen()).toHaveLength(1);
});

it("forgets the lease of a guest that is gone", async () => {
  const { keeper, leases, state } = await aKeeper();
  await keeper.look(signal);
  state.guests = [];

  await keeper.look(signal);

  expect(await leases.list()).toEqual([]);
});

it("comes to every guest in the end, however many there are", async () => {
  const { keeper, deletions, state, reads, clock } = await aKeeper();
  state.guests = Array.from({ length: 5 }, (_, index) =>
    aGuestDetail({ vmid: 1000 + index, fingerprint: `fp-${index}` }),
  );

  for (const expected of [2, 4, 5]) {
    await keeper.look(signal);
    clock.advance({ minutes: 10 });
    expect(await deletions.listOpen()).toHaveLength(expected);
  }

  expect(reads).toEqual([1000, 1001, 1002, 1003, 1004, 1000]);
});

it("goes on with the others where some cannot be read, however many those are", async () => {
  const { keeper, deletions, state } = await aKeeper();
  const away = [104, 105, 106].map((vmid) => aGuestDetail({ vmid, fingerprint: `fp-${vmid}` }));
  state.listed = [...away, runner];

  await keeper.look(signal);
  await keeper.look(signal);

  expect((await deletions.listOpen()).map(({ guest }) => guest.vmid)).toEqual([103]);
});
