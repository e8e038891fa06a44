import { failure, parameterError } from "#src/simulator/api-error.ts";
import { backUp } from "#src/simulator/backups.ts";
import { assertNotesTemplate } from "#src/simulator/notes-template.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";

/** Making backups, and looking into them. */
export function backupRoutes(simulation: Simulation): readonly Route[] {
  const { world, acl, tasks } = simulation;

  return [
    route({
      method: "POST",
      path: "/nodes/{node}/vzdump",
      parameters: {
        vmid: "string",
        storage: "string?",
        mode: "string?",
        compress: "string?",
        "notes-template": "string?",
        protected: "boolean?",
        "prune-backups": "string?",
        remove: "boolean?",
        lockwait: "integer?",
        quiet: "boolean?",
      },
      handle({ node, vmid, storage = "local", ...options }, caller) {
        const asked = parseVmids(vmid);
        for (const one of asked) acl.demand(caller, `/vms/${one}`, "VM.Backup");
        acl.demand(caller, `/storage/${storage}`, "Datastore.AllocateSpace");
        if (options["prune-backups"] !== undefined) {
          acl.demand(caller, `/storage/${storage}`, "Datastore.Allocate");
        }
        const notesTemplate = options["notes-template"];
        if (notesTemplate !== undefined) assertNotesTemplate(notesTemplate);
        const here = asked.filter((one) => (world.guests.get(one)?.node ?? node) === node);
        // Guests of other nodes are left out without a word, even where none remains.
        if (here.length === 0) return { data: "OK" };
        const upid = tasks.start({
          node,
          type: "vzdump",
          id: asked.length === 1 ? String(asked[0]) : "",
          caller,
          work: (task) =>
            simulation.backupQueue.next(node, task, () =>
              backUp(
                simulation,
                here,
                { node, storage, notesTemplate, protected: options.protected },
                task,
              ),
            ),
        });
        return { data: upid };
      },
    }),
    route({
      method: "GET",
      path: "/nodes/{node}/vzdump/extractconfig",
      parameters: { volume: "string" },
      handle({ volume }, caller) {
        const found = world.volumes.get(volume);
        if (!found?.backup) throw failure(`volume '${volume}' does not exist`);
        acl.demand(caller, `/storage/${found.storage}`, "Datastore.AllocateSpace");
        acl.demand(caller, `/vms/${found.vmid}`, "VM.Backup");
        return { data: found.backup.configText };
      },
    }),
  ];
}

function parseVmids(list: string): readonly number[] {
  const vmids = list.split(/[\s,;]+/).map(Number);
  if (vmids.every((vmid) => Number.isInteger(vmid) && vmid > 0)) return vmids;
  throw parameterError({
    vmid: `invalid format - value '${list}' does not look like a valid VMID`,
  });
}
