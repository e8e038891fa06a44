import type { Logger } from "#src/log.ts";
import type { Target } from "#src/policy/target.ts";
import type { Backup, GuestDetail, Guests } from "#src/proxmox/guest.ts";
import type { GuestFacts } from "#src/slack/cards/confirmation-card.ts";

/** What a card is told of a guest is read live; it never comes from a model's words. */
export interface GuestFactsSource {
  readonly guests: Pick<Guests, "find">;
  /** A guest's backups wherever they are kept; absent where nobody knows of backups. */
  backupsOf?(vmid: number, signal: AbortSignal): Promise<readonly Backup[]>;
}

interface Deps extends GuestFactsSource {
  readonly log: Logger;
}

/** A card does not wait longer for a cluster that is slow; it says then what is not known. */
const patience = 3_000;

/** What is known of the target's guest right now; nothing of another guest under its VMID. */
export async function readGuestFacts(
  { guest }: Target,
  { guests, backupsOf, log }: Deps,
): Promise<GuestFacts> {
  if (!guest) return {};
  const { vmid, fingerprint } = guest;
  const signal = AbortSignal.timeout(patience);

  async function ask<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
    return answer?.catch((error: unknown) => {
      log.info({ err: error, vmid }, "a card does not know all of its guest");
      return undefined;
    });
  }

  const [live, backups] = await Promise.all([
    ask(guests.find(String(vmid), signal)),
    ask(backupsOf?.(vmid, signal)),
  ]);
  return { ...(live?.fingerprint === fingerprint && ofGuest(live)), ...ofBackups(backups) };
}

function ofGuest({ status, disks }: GuestDetail): GuestFacts {
  return { status, disks };
}

function ofBackups(backups: readonly Backup[] | undefined): GuestFacts {
  if (!backups) return {};
  if (backups.length === 0) return { lastBackup: "none" };
  return { lastBackup: Math.max(...backups.map(({ createdAt }) => createdAt)) };
}
