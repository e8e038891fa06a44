import { expect, it } from "vitest";
import { silentLogger as log } from "#src/log.ts";
import type { Backup } from "#src/proxmox/guest.ts";
import { readGuestFacts } from "#src/slack/confirmations/guest-facts.ts";
import { aTarget } from "#test/support/actions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";

const target = { guest: aTarget() };
const live = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });
const guests = guestsOf(live);

function aBackup(createdAt: number): Backup {
  const volume = `local:backup/vzdump-lxc-103-${createdAt}.tar.zst`;
  return { volume, vmid: 103, kind: "ct", createdAt, size: 1, protected: false };
}

it("reads the guest as it is right now", async () => {
  const { status, disks } = live;

  expect(await readGuestFacts(target, { guests, log })).toEqual({ status, disks });
});

it("knows nothing of another guest that took the VMID", async () => {
  const successor = guestsOf({ ...live, fingerprint: "another" });

  expect(await readGuestFacts(target, { guests: successor, log })).toEqual({});
});

it("knows nothing where the cluster does not answer", async () => {
  expect(await readGuestFacts(target, { guests: guestsOf(), log })).toEqual({});
});

it("does not wait for a cluster that hangs", { timeout: 5_000 }, async () => {
  const hanging = {
    find: (_: string, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  };

  expect(await readGuestFacts(target, { guests: hanging, log })).toEqual({});
});

it("tells the latest backup from none, and none from what is not known", async () => {
  const lastBackup = async (backupsOf: () => Promise<readonly Backup[]>) =>
    (await readGuestFacts(target, { guests, backupsOf, log })).lastBackup;

  expect(await lastBackup(async () => [aBackup(1), aBackup(3), aBackup(2)])).toBe(3);
  expect(await lastBackup(async () => [])).toBe("none");
  expect(await lastBackup(() => Promise.reject(new Error("no storage")))).toBeUndefined();
});
