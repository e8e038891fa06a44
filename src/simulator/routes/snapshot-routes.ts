import type { Caller } from "#src/simulator/acl.ts";
import { failure } from "#src/simulator/api-error.ts";
import { digestOf, disksOf } from "#src/simulator/guest-config.ts";
import { freshIdentifiers } from "#src/simulator/identity.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import type { TaskContext } from "#src/simulator/tasks.ts";
import { guestOn, type SimulatedGuest, type Snapshot, type World } from "#src/simulator/world.ts";

const snapshotMs = 800;

/** Snapshots of guests of one kind; not every storage can make them. */
export function snapshotRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, tasks, locks, now } = simulation;
  const path = `/nodes/{node}/${kind}/{vmid}/snapshot` as const;

  function startTask(
    type: string,
    { node, vmid }: { readonly node: string; readonly vmid: number },
    caller: Caller,
    act: (guest: SimulatedGuest, task: TaskContext) => void,
  ) {
    const guest = guestOn(world, node, kind, vmid);
    const upid = tasks.start({
      node,
      type: `${kinds[kind].taskPrefix}${type}`,
      id: String(vmid),
      caller,
      work: (task) =>
        locks.hold(guest, task, async () => {
          assertSupported(world, guest);
          await task.sleep(snapshotMs);
          act(guest, task);
        }),
    });
    return { data: upid };
  }

  return [
    route({
      method: "GET",
      path,
      requires: ["/vms/{vmid}", "VM.Audit"],
      handle: ({ node, vmid }) => ({ data: listed(guestOn(world, node, kind, vmid)) }),
    }),
    route({
      method: "POST",
      path,
      requires: ["/vms/{vmid}", "VM.Snapshot"],
      parameters: { snapname: "string", description: "string?" },
      handle({ snapname: name, description = "", ...place }, caller) {
        return startTask("snapshot", place, caller, (guest) => {
          const time = Math.floor(now() / 1000);
          const snapshot = { name, description, time, config: { ...guest.config } };
          guest.snapshots = [...guest.snapshots, snapshot];
        });
      },
    }),
    route({
      method: "DELETE",
      path: `${path}/{snapname}`,
      requires: ["/vms/{vmid}", "VM.Snapshot"],
      parameters: { force: "boolean?" },
      handle({ snapname, ...place }, caller) {
        return startTask("delsnapshot", place, caller, (guest) => {
          const removed = snapshotNamed(guest, snapname);
          guest.snapshots = guest.snapshots.filter((snapshot) => snapshot !== removed);
        });
      },
    }),
    route({
      method: "POST",
      path: `${path}/{snapname}/rollback`,
      requires: ["/vms/{vmid}", "VM.Snapshot|VM.Snapshot.Rollback"],
      parameters: { start: "boolean?" },
      handle({ snapname, start = false, ...place }, caller) {
        return startTask("rollback", place, caller, (guest) => {
          const { vmgenid } = freshIdentifiers(now());
          const { config } = snapshotNamed(guest, snapname);
          guest.config = { ...config, ...(kind === "qemu" && { vmgenid }) };
          guest.status = start ? "running" : "stopped";
          guest.startedAt = now();
        });
      },
    }),
  ];
}

/** @throws ApiError where one of the disks lies on a storage that cannot make snapshots */
function assertSupported(world: World, { config }: SimulatedGuest): void {
  const supported = disksOf(config).every(({ volume }) => {
    const type = world.storages.get(volume.slice(0, volume.indexOf(":")))?.type;
    return type === "lvmthin" || type === "zfspool";
  });
  if (!supported) throw failure("snapshot feature is not available");
}

function snapshotNamed({ snapshots }: SimulatedGuest, name: string): Snapshot {
  const found = snapshots.find((snapshot) => snapshot.name === name);
  if (!found) throw failure(`snapshot '${name}' does not exist`);
  return found;
}

/** Each with the one it was made after; the last entry is the present. */
function listed({ snapshots, config, status }: SimulatedGuest) {
  const parentOf = (index: number) => {
    const parent = snapshots[index - 1];
    return parent && { parent: parent.name };
  };
  return [
    ...snapshots.map(({ name, description, time }, index) => ({
      name,
      description,
      snaptime: time,
      ...parentOf(index),
    })),
    {
      name: "current",
      description: "You are here!",
      digest: digestOf(config),
      running: status === "stopped" ? 0 : 1,
      ...parentOf(snapshots.length),
    },
  ];
}
