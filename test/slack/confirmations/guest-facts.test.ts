import { expect, it } from "vitest";
import { silentLogger as log } from "#src/log.ts";
import { readGuestFacts } from "#src/slack/confirmations/guest-facts.ts";
import { aTarget } from "#test/support/actions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";

const target = { guest: aTarget() };
const live = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });
const guests = guestsOf(live);

const safeguards = { read: async () => ({ lastBackup: "none" as const }) };

it("reads the guest as it is right now", async () => {
  const { status, disks } = live;

  expect(await readGuestFacts(target, { guests, safeguards, log })).toEqual({
    status,
    disks,
    lastBackup: "none",
  });
});

it("knows nothing of another guest that took the VMID", async () => {
  const successor = guestsOf({ ...live, fingerprint: "another" });

  expect(await readGuestFacts(target, { guests: successor, safeguards, log })).toEqual({});
});

it("says what is known where the rest does not answer", async () => {
  const gone = { read: () => Promise.reject(new Error("no storage")) };

  expect(await readGuestFacts(target, { guests: guestsOf(), safeguards, log })).toEqual({});
  expect(await readGuestFacts(target, { guests, safeguards: gone, log })).toEqual({
    status: live.status,
    disks: live.disks,
  });
});

it("does not wait for a cluster that hangs", { timeout: 5_000 }, async () => {
  const hang = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const hanging = {
    guests: { find: (_: string, signal: AbortSignal) => hang(signal) },
    safeguards: { read: (_: unknown, signal: AbortSignal) => hang(signal) },
  };

  expect(await readGuestFacts(target, { ...hanging, log })).toEqual({});
});
