import type { Clock } from "#src/clock.ts";
import type { GuestIdentity, GuestStatus } from "./guest.ts";
import type { ChangeOutcome, FollowOptions, Guarded, GuestPower } from "./guest-changes.ts";
import type { InventoryReader } from "./inventory.ts";
import { guardOfLook } from "./last-look.ts";
import type { LiveGuest, LiveGuests } from "./live-guests.ts";
import {
  beginPowerAct,
  type PowerAct,
  refusePowerAct,
  shutdown,
  start,
  stop,
  titleOf,
} from "./power-acts.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind, ProxmoxError } from "./proxmox-error.ts";
import type { Tasks } from "./tasks.ts";
import { pause } from "./waiting.ts";

/** How long changes may take, in milliseconds. */
export interface PowerTiming {
  /** How long a guest's system may take to shut down. */
  readonly shutdown: number;
  /** For a task to end; a shutdown's gets its own time on top. */
  readonly task: number;
  readonly statusPoll: number;
  /** For the guest's state to follow its task. */
  readonly status: number;
  /** The same where high availability does it, on its own schedule. */
  readonly haStatus: number;
}

/** Sixty seconds for a shutdown are Proxmox's own default; a start may wait for huge pages. */
const defaultTiming: PowerTiming = {
  shutdown: 60_000,
  task: 120_000,
  statusPoll: 500,
  status: 15_000,
  haStatus: 120_000,
};

interface Deps {
  readonly clock: Clock;
  readonly client: Pick<ProxmoxClient, "post">;
  readonly inventory: Pick<InventoryReader, "noteStatus" | "invalidate">;
  readonly live: LiveGuests;
  readonly tasks: Tasks;
  readonly timing?: Partial<PowerTiming> | undefined;
}

/** Power changes, each judged by the guest in the end and not by its task alone. */
export function createGuestPower(deps: Deps): GuestPower {
  const { inventory, live, tasks, timing } = deps;
  const times = { ...defaultTiming, ...timing };

  async function change(
    act: PowerAct,
    identity: GuestIdentity,
    options: FollowOptions,
  ): Promise<ChangeOutcome> {
    const guard = guardOfLook(deps.clock);
    const guest = await live.readIdentified(identity, options.signal);
    if (guest.status === act.wanted) return alreadyThere(guest, act.wanted);
    refusePowerAct(guest, act);
    try {
      const end = await runTask(act, guest, { ...options, guard });
      await awaitStatus(act.wanted, guest, end.upid, options.signal);
      inventory.noteStatus(identity.vmid, act.wanted);
      return { kind: "done", ...end };
    } catch (error) {
      inventory.invalidate();
      // Somebody else did it between our look and our call.
      if (isKind(error, "already-in-state")) return alreadyThere(guest, act.wanted);
      throw error;
    }
  }

  async function runTask(act: PowerAct, guest: LiveGuest, options: FollowOptions & Guarded) {
    const time = act === shutdown ? times.shutdown : 0;
    const timeout = time > 0 ? Math.ceil(time / 1000) : undefined;
    const { signal, guard } = options;
    const upid = await beginPowerAct(deps, act, guest, { timeout, signal, guard });
    return tasks.follow(upid, times.task + time, options);
  }

  /** A task's OK is not the guest's state: HA records a request, QEMU is cleaned up later. */
  async function awaitStatus(
    wanted: GuestStatus,
    guest: LiveGuest,
    upid: string,
    signal: AbortSignal,
  ): Promise<void> {
    const giveUpAt =
      performance.now() + (guest.current.ha?.managed ? times.haStatus : times.status);
    for (;;) {
      const status = await live.readStatus(guest.listed, signal).catch(() => "unknown" as const);
      if (status === wanted) return;
      if (signal.aborted) {
        const message = `The task ended well; whether ${titleOf(guest)} is ${wanted} was not looked at any more: ${upid}`;
        throw new ProxmoxError("wrong-state", message, { upid, cause: signal.reason });
      }
      if (performance.now() > giveUpAt) {
        const message = `The task ended well, but ${titleOf(guest)} is ${status} instead of ${wanted}; look at it in Proxmox: ${upid}`;
        throw new ProxmoxError("wrong-state", message, { upid });
      }
      await pause(times.statusPoll, signal).catch(() => undefined);
    }
  }

  async function reboot(identity: GuestIdentity, options: FollowOptions): Promise<ChangeOutcome> {
    const guest = await live.readIdentified(identity, options.signal);
    if (guest.status === "stopped") {
      const message = `${titleOf(guest)} is stopped, so it cannot reboot; start it instead.`;
      throw new ProxmoxError("wrong-state", message);
    }
    options.signal.throwIfAborted();
    // Whoever stops waiting from here on wants the guest back all the same; each part has a deadline.
    const unhurried = { ...options, signal: new AbortController().signal };
    const down = await change(shutdown, identity, unhurried);
    try {
      return await change(start, identity, unhurried);
    } catch (cause) {
      const failure = cause instanceof ProxmoxError ? cause : undefined;
      const reason = failure?.message ?? "the request was interrupted.";
      const upid = failure?.upid ?? (down.kind === "done" ? down.upid : undefined);
      const message = `${titleOf(guest)} shut down but did not start again: ${reason}`;
      throw new ProxmoxError(failure?.kind ?? "wrong-state", message, { upid, cause });
    }
  }

  return {
    start: (guest, options) => change(start, guest, options),
    shutdown: (guest, options) => change(shutdown, guest, options),
    stop: (guest, options) => change(stop, guest, options),
    reboot,
  };
}

function alreadyThere(guest: LiveGuest, wanted: GuestStatus): ChangeOutcome {
  return { kind: "unchanged", message: `${titleOf(guest)} is already ${wanted}.` };
}
