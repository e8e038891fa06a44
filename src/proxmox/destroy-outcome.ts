import type { GuestIdentity } from "./guest.ts";
import type { Destroyed, FollowOptions, Vmids } from "./guest-changes.ts";
import { labelOf } from "./guest-facts.ts";
import { fateOf, type GuestFate } from "./guest-fate.ts";
import type { InventoryReader } from "./inventory.ts";
import { createLeftoverVolumes } from "./leftover-volumes.ts";
import type { LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import type { Tasks } from "./tasks.ts";
import { parseUpid } from "./upid.ts";

/** Freeing large disks on slow storage takes minutes. */
const destroyDeadline = 15 * 60_000;

/** A task that was to destroy a guest, after its end. */
export interface DestroyAttempt {
  readonly upid: string;
  readonly failure?: ProxmoxError | undefined;
}

/** Tells how a destruction ended: by what is found under the VMID, not by its task alone. */
export interface DestroyOutcomes {
  /**
   * Waits for the task's end. A failure is kept: the guest may be gone all the same.
   *
   * @throws ProxmoxError `still-running`
   */
  end(upid: string, options: FollowOptions): Promise<DestroyAttempt>;
  /**
   * What is found under the VMID now.
   *
   * @throws ProxmoxError `outcome-unknown` where that cannot be read after an attempt
   */
  fate(
    identity: GuestIdentity,
    attempt: DestroyAttempt | undefined,
    signal: AbortSignal,
  ): Promise<GuestFate>;
  /**
   * Gone, and what was left of it.
   *
   * @throws ProxmoxError `destroy-failed` where it is not, `forbidden` where nobody can tell
   */
  conclude(
    identity: GuestIdentity,
    fate: GuestFate,
    attempt: DestroyAttempt | undefined,
    options: FollowOptions,
  ): Promise<Destroyed>;
}

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly inventory: Pick<InventoryReader, "listNow">;
  readonly live: Pick<LiveGuests, "read">;
  readonly tasks: Pick<Tasks, "follow">;
  readonly vmids: Pick<Vmids, "isFree">;
}

/** Judges afresh at each call. */
export function createDestroyOutcomes(deps: Deps): DestroyOutcomes {
  const leftovers = createLeftoverVolumes(deps);

  return {
    async end(upid, options) {
      try {
        await deps.tasks.follow(upid, destroyDeadline, options);
        return { upid };
      } catch (failure) {
        if (!(failure instanceof ProxmoxError) || failure.kind === "still-running") throw failure;
        return { upid, failure };
      }
    },

    async fate(identity, attempt, signal) {
      try {
        return await fateOf(deps, identity, signal);
      } catch (cause) {
        if (!attempt || !(cause instanceof ProxmoxError)) throw cause;
        const { upid } = attempt;
        const message = `The task that destroys ${labelOf(identity)} ended, but whether it is gone could not be checked: ${upid}`;
        throw new ProxmoxError("outcome-unknown", message, { upid, cause });
      }
    },

    async conclude(identity, fate, attempt, options) {
      const upid = attempt?.upid;
      switch (fate) {
        case "gone": {
          const node = upid && parseUpid(upid)?.node;
          return { upid, leftoverVolumes: await leftovers.of(identity.vmid, node, options) };
        }
        case "replaced":
          return { upid, leftoverVolumes: [] };
        case "hidden":
          throw hidden(identity, upid);
        case "remnant":
          throw remnant(identity, attempt);
        case "there":
          throw destroyFailed(identity, attempt);
      }
    },
  };
}

/** A task that failed may have removed disks first. */
function destroyFailed(
  identity: GuestIdentity,
  { upid, failure }: Partial<DestroyAttempt> = {},
): ProxmoxError {
  const label = labelOf(identity);
  const message = failure
    ? `Destroying ${label} failed, and some of its disks may be gone already: ${failure.message}`
    : `The task ended well, but ${label} is still there; its disks may be gone: ${upid}`;
  return new ProxmoxError("destroy-failed", message, { upid, cause: failure });
}

function remnant(
  identity: GuestIdentity,
  { upid, failure }: Partial<DestroyAttempt> = {},
): ProxmoxError {
  const message = `Destroying ${labelOf(identity)} was cut short: its disks are gone, and Proxmox keeps an empty guest that is locked (destroyed); have an administrator unlock and remove it.`;
  return new ProxmoxError("destroy-failed", message, { upid, cause: failure });
}

function hidden(identity: GuestIdentity, upid: string | undefined): ProxmoxError {
  const { vmid } = identity;
  const message = `VMID ${vmid} is in use, but the API token may not see by whom, so whether ${labelOf(identity)} is gone is not known; grant it VM.Audit on /vms/${vmid}.`;
  return new ProxmoxError("forbidden", message, { upid });
}
