import { parameterError } from "#src/simulator/api-error.ts";
import { listedStorage } from "#src/simulator/node-views.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { readsStorage, storageOn, volumesOn } from "#src/simulator/storages.ts";
import type { Volume } from "#src/simulator/world.ts";

/** Storages, and what a pruning would remove from them. */
export function storageRoutes({ world, acl }: Simulation): readonly Route[] {
  const path = "/nodes/{node}/storage/{storage}" as const;

  return [
    route({
      method: "GET",
      path: "/nodes/{node}/storage",
      parameters: { content: "string?", enabled: "boolean?", storage: "string?" },
      handle({ node, content, storage: wanted }, caller) {
        const found = [...world.storages.values()]
          .filter((storage) => storage.nodes.includes(node))
          .filter(({ id }) => acl.allows(caller, `/storage/${id}`, readsStorage))
          .filter(({ id }) => wanted === undefined || id === wanted)
          .filter((storage) => content === undefined || storage.content.includes(content));
        return { data: found.map((storage) => listedStorage(world, storage, node)) };
      },
    }),
    route({
      method: "GET",
      path: `${path}/status`,
      requires: ["/storage/{storage}", readsStorage],
      handle({ node, storage }) {
        const {
          storage: _,
          used_fraction: __,
          ...status
        } = listedStorage(world, storageOn(world, node, storage), node);
        return { data: status };
      },
    }),
    route({
      method: "GET",
      path: `${path}/prunebackups`,
      requires: ["/storage/{storage}", readsStorage],
      parameters: { "prune-backups": "string?", type: "string?", vmid: "integer?" },
      handle(input) {
        const backups = volumesOn(world, input.node, input.storage)
          .filter(({ backup }) => backup !== undefined)
          .filter(({ vmid }) => input.vmid === undefined || vmid === input.vmid);
        return { data: marked(backups, keptBy(input["prune-backups"])) };
      },
    }),
  ];
}

/** How many of each guest's backups stay; all of them unless it is said. */
function keptBy(policy: string | undefined): number {
  if (policy === undefined) return Number.POSITIVE_INFINITY;
  const [, count] = /^keep-last=(\d+)$/.exec(policy) ?? [];
  if (count !== undefined) return Number(count);
  throw parameterError({
    "prune-backups": `invalid format - format error\nvalue '${policy}' is not 'keep-last=N'`,
  });
}

/** What a pruning would do, newest first; a protected backup is never removed. */
function marked(backups: readonly Volume[], kept: number) {
  const seen = new Map<number, number>();
  return [...backups]
    .sort((a, b) => b.createdAt - a.createdAt)
    .map(({ volid, vmid, createdAt, backup }) => {
      const before = seen.get(vmid) ?? 0;
      if (!backup?.protected) seen.set(vmid, before + 1);
      const fate = before < kept ? "keep" : "remove";
      const mark = backup?.protected ? "protected" : fate;
      return { volid, vmid, ctime: createdAt, mark, type: backup?.kind };
    });
}
