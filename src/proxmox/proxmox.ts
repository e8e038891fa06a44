import type { Clock } from "#src/clock.ts";
import { createBackupLists } from "./backup-lists.ts";
import { createCluster } from "./cluster.ts";
import type { Cluster } from "./cluster-status.ts";
import type { GuestHistory, Guests } from "./guest.ts";
import { createGuestBackups } from "./guest-backups.ts";
import type {
  GuestBackups,
  GuestDestroyer,
  GuestMarks,
  GuestOwnership,
  GuestPower,
  GuestPreparation,
  Vmids,
} from "./guest-changes.ts";
import { createGuestDestroyer } from "./guest-destroyer.ts";
import { createGuestDumps } from "./guest-dumps.ts";
import { createGuestHistory } from "./guest-history.ts";
import { createGuestMarks } from "./guest-marks.ts";
import { createGuestOwnership } from "./guest-ownership.ts";
import { createGuestPower, type PowerTiming } from "./guest-power.ts";
import { createGuestPreparation } from "./guest-preparation.ts";
import type { GuestRisks } from "./guest-risk.ts";
import { createGuestRisks } from "./guest-risks.ts";
import { createGuests } from "./guests.ts";
import { createInventoryReader } from "./inventory.ts";
import { createLiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { createTasks, type TaskTiming } from "./tasks.ts";
import { createVmids } from "./vmids.ts";

/** The ports of one cluster; hand each consumer the one that it needs. */
export interface Proxmox {
  readonly guests: Guests;
  readonly power: GuestPower;
  readonly destroyer: GuestDestroyer;
  readonly backups: GuestBackups;
  readonly history: GuestHistory;
  readonly risks: GuestRisks;
  readonly cluster: Cluster;
  readonly preparation: GuestPreparation;
  readonly vmids: Vmids;
  readonly marks: GuestMarks;
  readonly ownership: GuestOwnership;
  /**
   * The cluster's clock minus ours, in milliseconds, by the latest answer's date, which knows
   * seconds only; nothing before the first answer.
   */
  clockOffset(): number | undefined;
  /** Lists the guests anew at the next question, because others changed them. */
  forget(): void;
}

interface Deps {
  readonly client: ProxmoxClient;
  readonly clock: Clock;
  readonly timing?: {
    readonly power?: Partial<PowerTiming> | undefined;
    readonly tasks?: Partial<TaskTiming> | undefined;
  };
}

/** Makes the ports of one cluster; they share an inventory, so that a change is seen by all. */
export function createProxmox({ client, clock, timing = {} }: Deps): Proxmox {
  const inventory = createInventoryReader({ client, clock });
  const live = createLiveGuests({ client, inventory });
  const tasks = createTasks({ client, timing: timing.tasks });
  const vmids = createVmids({ client });
  const lists = createBackupLists(client);
  const deps = { client, clock, inventory, live, tasks, vmids, lists };
  return {
    guests: createGuests(deps),
    power: createGuestPower({ ...deps, timing: timing.power }),
    destroyer: createGuestDestroyer(deps),
    backups: createGuestBackups(deps),
    history: createGuestHistory({ client }),
    risks: createGuestRisks(deps),
    cluster: createCluster({ client }),
    preparation: createGuestPreparation({ ...deps, dumps: createGuestDumps(deps) }),
    vmids,
    marks: createGuestMarks(deps),
    ownership: createGuestOwnership(deps),
    clockOffset: () => client.clockOffset(),
    forget: inventory.invalidate,
  };
}
