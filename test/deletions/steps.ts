import { expect } from "vitest";
import type { Claim, Deletion, NewDeletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";

/** Where the calendar has the event of a new deletion. */
export const event = { etag: '"1"', startsAt: friday };

/** The deletion of another guest. */
export function nthGuest(vmid: number): NewDeletion {
  return aNewDeletion({ guest: { ...aNewDeletion().guest, vmid, fingerprint: `fp-${vmid}` } });
}

/** What has to be there for the test to go on. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("it is not there");
  return value;
}

/** For `toEqual`: has these facts. For `toMatchObject` all instants are the same. */
export function having(facts: Record<string, unknown>) {
  return expect.objectContaining(facts);
}

export async function schedule(
  store: DeletionStore,
  deletion: NewDeletion = aNewDeletion(),
): Promise<Deletion> {
  return given(await store.schedule(deletion));
}

/** Claims what waits the longest. */
export async function claimOne(store: DeletionStore): Promise<Claim> {
  const [claim] = await store.claimDue("a", 1);
  return given(claim);
}

/** Has what waits the longest in the calendar, and keeps the claim on it. */
export async function plan(store: DeletionStore): Promise<Claim> {
  return given(await store.advance(await claimOne(store), { state: "planned", event }));
}
