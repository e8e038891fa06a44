import type { Logger } from "#src/log.ts";
import type { Target } from "#src/policy/target.ts";
import type { GuestSafeguards, Guests } from "#src/proxmox/guest.ts";
import type { GuestFacts } from "#src/slack/cards/confirmation-card.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly safeguards: GuestSafeguards;
  readonly log: Logger;
}

/** A card does not wait longer for a cluster that is slow; it says then what is not known. */
const patience = 3_000;

/**
 * What is known of the target's guest right now; nothing of another guest under its VMID. Read
 * live, because what a card says must not come from a model's words.
 */
export async function readGuestFacts(
  { guest }: Target,
  { guests, safeguards, log }: Deps,
): Promise<GuestFacts> {
  if (!guest) return {};
  const { vmid, fingerprint } = guest;
  const signal = AbortSignal.timeout(patience);

  async function ask<T>(answer: Promise<T>): Promise<T | undefined> {
    return answer.catch((error: unknown) => {
      log.info({ err: error, vmid }, "a card does not know all of its guest");
      return undefined;
    });
  }

  const live = await ask(guests.find(String(vmid), signal));
  if (live?.fingerprint !== fingerprint) return {};
  const { status, disks } = live;
  return { status, disks, ...(await ask(safeguards.read(live, signal))) };
}
