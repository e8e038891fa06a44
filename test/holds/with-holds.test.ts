import { describe, expect, it } from "vitest";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { withHolds } from "#src/holds/with-holds.ts";
import { silentLogger as log } from "#src/log.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";

const { signal } = new AbortController();
const other = aGuestDetail({ vmid: 104, name: "other", fingerprint: "fp-104" });
const guest = aGuestDetail();
const by = { id: "bob", name: "Bob" };

async function setUp() {
  const clock = clockAt("2026-11-24T12:00:00Z");
  const db = await testDatabase();
  const holds = createHoldStore(db, clock);
  const guests = withHolds(guestsOf(guest, other), { holds, clock, log });
  const find = (one = guest) => guests.find(String(one.vmid), signal);
  const heldOnes = async () => {
    const { guests: listed } = await guests.list(signal);
    return listed.flatMap(({ vmid, hold }) => (hold ? [vmid] : []));
  };
  return { clock, db, holds, guests, find, heldOnes };
}

describe("a guest on hold", () => {
  it("is found and listed with who wants it to stay, why and until when", async () => {
    const { clock, holds, guests, find, heldOnes } = await setUp();
    await holds.place({ guest, by, reason: "vacation", until: clock.now().add({ hours: 1 }) });

    const hold = { by: "Bob", reason: "vacation", until: "2026-11-24T13:00:00Z" };
    expect((await find()).hold).toEqual(hold);
    expect((await find(other)).hold).toBeUndefined();
    expect(await heldOnes()).toEqual([guest.vmid]);
    const { guests: owned } = await guests.listWithOwners(signal);
    expect(owned.map((one) => one.hold)).toEqual([hold, undefined]);
  });

  it("stays so when its fingerprint changes, because disks that move must not end a hold", async () => {
    const { holds, find } = await setUp();
    await holds.place({ guest: { ...guest, fingerprint: "before" }, by, reason: "vacation" });

    expect((await find()).hold?.by).toBe("Bob");
  });

  it("is not so any more after its end, which is remembered", async () => {
    const { clock, holds, find, heldOnes } = await setUp();
    await holds.place({ guest, by, reason: "vacation", until: clock.now().add({ hours: 1 }) });
    clock.advance({ hours: 2 });

    expect(await find()).toMatchObject({ holdEndedAt: "2026-11-24T13:00:00Z" });
    expect((await find()).hold).toBeUndefined();
    expect(await heldOnes()).toEqual([]);
  });

  it("is every guest while the holds cannot be read", async () => {
    const { db, find, heldOnes } = await setUp();
    await db.schema.dropTable("hold").execute();

    expect((await find()).hold?.reason).toContain("cannot be read");
    expect(await heldOnes()).toEqual([guest.vmid, other.vmid]);
  });
});
