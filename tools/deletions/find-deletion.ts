import { guestLabel, guestTarget, lastKnownGuest } from "#src/actions/guest-target.ts";
import { RefusedError, ToolError } from "#src/actions/tool.ts";
import type { Deletion, DeletionState } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { PublicError } from "#src/errors.ts";
import type { GuestDetail, Guests } from "#src/proxmox/guest.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "listOpen">;
}

/** A guest's open deletion; the guest is absent when it is gone, replaced or out of reach. */
interface FoundDeletion {
  readonly deletion: Deletion;
  readonly guest?: GuestDetail | undefined;
}

/** A guest of which no deletion is planned. */
interface FoundGuest {
  readonly deletion?: undefined;
  readonly guest: GuestDetail;
}

/**
 * The guest that `reference` means, and its open deletion. A guest that is gone or out of reach is
 * looked for among the deletions, by the VMID and name it had, so that its deletion can be
 * cancelled all the same.
 *
 * @throws PublicError when it means neither, or more than one.
 */
export async function findDeletion(
  reference: string,
  { guests, deletions }: Deps,
  signal: AbortSignal,
): Promise<FoundDeletion | FoundGuest> {
  const open = await deletions.listOpen();
  try {
    const guest = await guests.find(reference, signal);
    const sameVmid = open.filter((deletion) => deletion.guest.vmid === guest.vmid);
    const own = sameVmid.find((deletion) => deletion.guest.fingerprint === guest.fingerprint);
    if (own) return { guest, deletion: own };
    const [ofPredecessor] = sameVmid;
    return ofPredecessor ? { deletion: ofPredecessor } : { guest };
  } catch (error) {
    if (!(error instanceof PublicError)) throw error;
    return { deletion: theOne(reference, open, error) };
  }
}

/**
 * The one deletion of a guest of this VMID or name.
 *
 * @throws PublicError `none`, or which ones there are to choose from.
 */
export function theOne(reference: string, open: readonly Deletion[], none: PublicError): Deletion {
  const named = reference.trim().toLowerCase();
  const matches = open.filter(
    ({ guest }) => String(guest.vmid) === named || guest.name.toLowerCase() === named,
  );
  const [only, second] = matches;
  if (!only) throw none;
  if (!second) return only;
  const labels = matches.map(({ guest }) => guestLabel(guest)).join(" and ");
  throw new ToolError(`The deletions of ${labels} are planned; say which by VMID.`);
}

/**
 * What a call on this deletion acts on.
 *
 * @param states in which the call can still do anything about it.
 * @throws RefusedError in any other state.
 */
export function deletionTarget(
  { guest, deletion }: FoundDeletion,
  states: readonly DeletionState[],
) {
  const { id, requestedBy, dueAt, state } = deletion;
  const target = {
    guest: guest ? guestTarget(guest) : lastKnownGuest(deletion.guest),
    deletion: { id, requestedBy: requestedBy.id, dueAt: dueAt.toString() },
  };
  if (states.includes(state)) return target;
  const still = state === "preparing" ? "; it can only be cancelled now" : "";
  const message = `The deletion of ${guestLabel(target.guest)} has already begun${still}.`;
  throw new RefusedError(message, target);
}
