import { failure, parameterError } from "#src/simulator/api-error.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { nameOf } from "#src/simulator/world.ts";

const replicationId = /^(\d+)-\d+$/;

/** Jobs that name guests by VMID: backups and replication. */
export function jobRoutes({ world, acl }: Simulation): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/cluster/backup",
      requires: ["/", "Sys.Audit"],
      handle: () => ({
        data: [...world.backupJobs.values()].map(({ vmids, ...job }) => ({
          ...job,
          type: "vzdump",
          enabled: 1,
          mode: "snapshot",
          vmid: vmids.join(","),
        })),
      }),
    }),
    route({
      method: "POST",
      path: "/cluster/backup",
      requires: ["/", "Sys.Modify"],
      parameters: { id: "string", vmid: "string", storage: "string", schedule: "string" },
      handle({ id, vmid, storage, schedule }) {
        world.backupJobs.set(id, { id, storage, schedule, vmids: vmid.split(",").map(Number) });
        return { data: null };
      },
    }),
    route({
      method: "GET",
      path: "/cluster/backup-info/not-backed-up",
      requires: ["/", "Sys.Audit"],
      handle() {
        const covered = new Set([...world.backupJobs.values()].flatMap(({ vmids }) => vmids));
        const left = [...world.guests.values()].filter(({ vmid }) => !covered.has(vmid));
        return {
          data: left.map((guest) => ({ vmid: guest.vmid, type: guest.kind, name: nameOf(guest) })),
        };
      },
    }),
    route({
      method: "GET",
      path: "/cluster/replication",
      handle(_, caller) {
        const visible = [...world.replication.values()].filter(({ vmid }) =>
          acl.allows(caller, `/vms/${vmid}`, "VM.Audit"),
        );
        return {
          data: visible.map(({ id, vmid, target, schedule }) => ({
            id,
            guest: vmid,
            jobnum: Number(id.split("-")[1]),
            type: "local",
            target,
            schedule,
            source: world.guests.get(vmid)?.node,
          })),
        };
      },
    }),
    route({
      method: "POST",
      path: "/cluster/replication",
      requires: ["/", "Sys.Modify"],
      parameters: { id: "string", target: "string", type: "string?", schedule: "string?" },
      handle({ id, target, schedule = "*/15" }) {
        const [, vmid] = replicationId.exec(id) ?? [];
        if (vmid === undefined) throw parameterError({ id: `invalid format - '${id}'` });
        if (!world.guests.has(Number(vmid))) throw failure(`guest '${vmid}' does not exist`);
        world.replication.set(id, { id, vmid: Number(vmid), target, schedule });
        return { data: null };
      },
    }),
  ];
}
