import { failure } from "#src/simulator/api-error.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { nameOf } from "#src/simulator/world.ts";

/** Pools: what is granted on one holds for its guests. */
export function poolRoutes({ world, acl }: Simulation): readonly Route[] {
  function membersOf(pool: string) {
    return [...world.guests.values()]
      .filter((guest) => guest.pool === pool)
      .map((guest) => ({
        id: `${guest.kind}/${guest.vmid}`,
        type: guest.kind,
        vmid: guest.vmid,
        node: guest.node,
        name: nameOf(guest),
        status: guest.status === "stopped" ? "stopped" : "running",
      }));
  }

  return [
    route({
      method: "GET",
      path: "/pools",
      parameters: { poolid: "string?", type: "string?" },
      handle({ poolid }, caller) {
        const visible = [...world.pools].filter(([id]) =>
          acl.allows(caller, `/pool/${id}`, "Pool.Audit"),
        );
        if (poolid === undefined) {
          return { data: visible.map(([id, { comment }]) => ({ poolid: id, comment })) };
        }
        acl.demand(caller, `/pool/${poolid}`, "Pool.Audit");
        const pool = world.pools.get(poolid);
        if (!pool) throw failure(`pool '${poolid}' does not exist`);
        return { data: [{ poolid, comment: pool.comment, members: membersOf(poolid) }] };
      },
    }),
    route({
      method: "POST",
      path: "/pools",
      parameters: { poolid: "string", comment: "string?" },
      handle({ poolid, comment = "" }, caller) {
        acl.demand(caller, `/pool/${poolid}`, "Pool.Allocate");
        if (world.pools.has(poolid)) throw failure(`pool '${poolid}' already exists`);
        world.pools.set(poolid, { comment });
        return { data: null };
      },
    }),
    route({
      method: "PUT",
      path: "/pools",
      parameters: { poolid: "string", vms: "string", delete: "boolean?" },
      handle({ poolid, vms, delete: removes = false }, caller) {
        acl.demand(caller, `/pool/${poolid}`, "Pool.Allocate");
        if (!world.pools.has(poolid)) throw failure(`pool '${poolid}' does not exist`);
        for (const vmid of vms.split(",").map(Number)) {
          const guest = world.guests.get(vmid);
          if (!guest) throw failure(`virtual machine '${vmid}' does not exist`);
          guest.pool = removes ? undefined : poolid;
        }
        return { data: null };
      },
    }),
  ];
}
