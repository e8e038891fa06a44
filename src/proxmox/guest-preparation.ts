import type { Clock } from "#src/clock.ts";
import type { GuestIdentity } from "./guest.ts";
import type { BeginOptions, Begun, GuestPreparation } from "./guest-changes.ts";
import type { InventoryReader } from "./inventory.ts";
import { guardOfLook } from "./last-look.ts";
import type { LiveGuests } from "./live-guests.ts";
import {
  beginPowerAct,
  type PowerAct,
  powerTaskTypes,
  refusePowerAct,
  shutdown,
  start,
  stop,
} from "./power-acts.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind } from "./proxmox-error.ts";
import type { Tasks } from "./tasks.ts";

interface Deps {
  readonly clock: Clock;
  readonly client: Pick<ProxmoxClient, "post">;
  readonly inventory: Pick<InventoryReader, "invalidate">;
  readonly live: Pick<LiveGuests, "readIdentified">;
  readonly tasks: Pick<Tasks, "start" | "findRunning" | "look">;
  readonly dumps: Pick<GuestPreparation, "beginBackup" | "findBackup">;
}

/**
 * Steps that can be taken again: a task of ours that runs already, whose UPID a process took with
 * it when it ended, is the one that has begun.
 */
export function createGuestPreparation(deps: Deps): GuestPreparation {
  const { clock, inventory, live, tasks, dumps } = deps;

  async function begin(
    act: PowerAct,
    identity: GuestIdentity,
    options: BeginOptions & { readonly timeout?: number },
  ): Promise<Begun> {
    const { timeout, signal } = options;
    const guard = guardOfLook(clock, options.guard);
    const guest = await live.readIdentified(identity, signal);
    const { node, vmid, kind } = guest.listed;
    if (guest.status === act.wanted) {
      const types =
        act === start ? [shutdown, stop].flatMap((one) => powerTaskTypes(kind, one)) : [];
      const ending = types.length > 0 && (await tasks.findRunning({ node, vmid, types }, signal));
      return ending ? { kind: "stopping", upid: ending } : { kind: "unchanged" };
    }
    const types = powerTaskTypes(kind, act);
    const running = await tasks.findRunning({ node, vmid, types }, signal);
    if (running) return { kind: "begun", upid: running };
    refusePowerAct(guest, act);
    try {
      const upid = await beginPowerAct(deps, act, guest, { timeout, signal, guard });
      return { kind: "begun", upid };
    } catch (error) {
      // Somebody else did it between our look and our call.
      if (isKind(error, "already-in-state")) return { kind: "unchanged" };
      throw error;
    } finally {
      inventory.invalidate();
    }
  }

  return {
    beginShutdown: (guest, timeout, options) => begin(shutdown, guest, { timeout, ...options }),
    beginStop: (guest, options) => begin(stop, guest, options),
    beginStart: (guest, options) => begin(start, guest, options),
    beginBackup: dumps.beginBackup,
    findBackup: dumps.findBackup,
    look: tasks.look,
  };
}
