import { failure } from "./api-error.ts";
import { assertUnlocked } from "./guest-lock.ts";
import { kinds } from "./kinds.ts";
import type { TaskContext } from "./tasks.ts";
import type { Waits } from "./waits.ts";
import type { SimulatedGuest } from "./world.ts";

/** How long things take in the simulated world. */
const startMs = 1000;
const shutdownMs = 1500;
const stopMs = 500;
const restartMs = 1000;
const defaultTimeoutSeconds = 60;

/** How a guest is asked to shut down. */
export interface ShutdownOptions {
  /** Seconds. */
  readonly timeout?: number | undefined;
  readonly forceStop?: boolean | undefined;
}

/** What happens to a guest while a power task works on it. */
export interface Power {
  start(guest: SimulatedGuest, task: TaskContext): Promise<void>;
  stop(guest: SimulatedGuest, task: TaskContext): Promise<void>;
  shutdown(guest: SimulatedGuest, task: TaskContext, options: ShutdownOptions): Promise<void>;
  reboot(guest: SimulatedGuest, task: TaskContext, options: ShutdownOptions): Promise<void>;
}

interface Deps {
  readonly waits: Waits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Power tasks in the pace of the world. */
export function createPower({ waits, now }: Deps): Power {
  function run(guest: SimulatedGuest): void {
    guest.status = "running";
    guest.startedAt = now();
  }

  async function start(guest: SimulatedGuest, task: TaskContext): Promise<void> {
    const { kind, vmid, config, status } = guest;
    assertUnlocked(guest);
    if (config.template) throw failure(templateMessage[kind]);
    if (status !== "stopped") throw failure(`${kinds[kind].label} ${vmid} already running`);
    await task.sleep(startMs);
    run(guest);
  }

  async function stop(guest: SimulatedGuest, task: TaskContext): Promise<void> {
    assertUnlocked(guest);
    if (guest.status === "stopped") return;
    await task.sleep(stopMs);
    guest.status = "stopped";
  }

  async function shutdown(
    guest: SimulatedGuest,
    task: TaskContext,
    { timeout = defaultTimeoutSeconds, forceStop = false }: ShutdownOptions,
  ): Promise<void> {
    assertUnlocked(guest);
    if (guest.status === "stopped") return;
    if (guest.status === "paused") throw failure("VM is paused - cannot shutdown");
    if (await obeys(guest, task, timeout)) guest.status = "stopped";
    else if (forceStop) await stop(guest, task);
    else throw failure(timeoutMessage[guest.kind]);
  }

  return {
    start,
    stop,
    shutdown,
    async reboot(guest, task, { timeout }) {
      if (guest.kind === "lxc") {
        // A container that does not obey in time is killed.
        await shutdown(guest, task, { timeout, forceStop: true });
        await start(guest, task);
        return;
      }
      await shutdown(guest, task, { timeout });
      // The task ends with the shutdown; a daemon starts the machine again, if the world lasts.
      waits.sleep(restartMs).then(
        () => run(guest),
        () => undefined,
      );
    },
  };
}

/** Asks the guest's system to shut down, and waits for it. */
async function obeys(
  { kind, vmid, unresponsive }: SimulatedGuest,
  task: TaskContext,
  timeout: number,
): Promise<boolean> {
  const needed = shutdownMs / 1000;
  if (!unresponsive && timeout >= needed) {
    await task.sleep(shutdownMs);
    return true;
  }
  if (kind === "qemu" && unresponsive) {
    const silent = `VM ${vmid} qga command 'guest-ping' failed - got timeout`;
    task.log(`QEMU Guest Agent is not running - ${silent}`);
  }
  await task.sleep(timeout * 1000);
  return false;
}

const templateMessage = {
  lxc: "you can't start a CT if it's a template",
  qemu: "you can't start a vm if it's a template",
};

const timeoutMessage = {
  lxc: "container did not stop",
  qemu: "VM quit/powerdown failed - got timeout",
};
