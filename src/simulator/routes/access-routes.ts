import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";

/** The paths that Proxmox always lists. */
const rootPaths = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/** What the calling token may do. */
export function accessRoutes({ acl }: Simulation): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/access/permissions",
      parameters: { path: "string?" },
      handle({ path }, caller) {
        const paths = path === undefined ? new Set([...rootPaths, ...acl.paths()]) : [path];
        const held = [...paths].map((one) => [one, [...acl.privilegesOn(caller, one)]] as const);
        const effective = held.filter(([, privileges]) => privileges.length > 0);
        return {
          data: Object.fromEntries(
            effective.map(([one, privileges]) => [
              one,
              Object.fromEntries(privileges.map((privilege) => [privilege, 1])),
            ]),
          ),
        };
      },
    }),
  ];
}
