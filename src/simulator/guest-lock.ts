import { failure } from "./api-error.ts";
import { kinds } from "./kinds.ts";
import type { TaskContext } from "./tasks.ts";
import type { SimulatedGuest } from "./world.ts";

/** Lets one task at a time work on a guest, as Proxmox's lock file does. */
export interface GuestLocks {
  /** @throws ApiError when another task holds the guest for longer than ten seconds */
  hold(guest: SimulatedGuest, task: TaskContext, work: () => Promise<void>): Promise<void>;
}

const patienceMs = 10_000;
const tries = 20;

/** No guest is held yet. */
export function createGuestLocks(): GuestLocks {
  const held = new Set<SimulatedGuest>();
  return {
    async hold(guest, task, work) {
      for (let attempt = 0; held.has(guest); attempt += 1) {
        if (attempt === tries) {
          const file = kinds[guest.kind].lockFile(guest.vmid);
          throw failure(`can't lock file '${file}' - got timeout`);
        }
        await task.sleep(patienceMs / tries);
      }
      held.add(guest);
      try {
        await work();
      } finally {
        held.delete(guest);
      }
    },
  };
}

/** @throws ApiError where the configuration has a lock: "CT is locked (backup)" */
export function assertUnlocked({ kind, config }: SimulatedGuest): void {
  if (config.lock !== undefined) {
    throw failure(`${kinds[kind].label} is locked (${config.lock})`);
  }
}
