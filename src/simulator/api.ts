import type { Caller } from "./acl.ts";
import { ApiError, failure } from "./api-error.ts";
import { type RawInput, verify } from "./parameters.ts";
import { type Answer, fillPath, matchRoute, type Route } from "./router.ts";
import { accessRoutes } from "./routes/access-routes.ts";
import { addressRoutes } from "./routes/address-routes.ts";
import { backupRoutes } from "./routes/backup-routes.ts";
import { clusterRoutes } from "./routes/cluster-routes.ts";
import { configRoutes } from "./routes/config-routes.ts";
import { contentRoutes } from "./routes/content-routes.ts";
import { createRoutes } from "./routes/create-routes.ts";
import { destroyRoutes } from "./routes/destroy-routes.ts";
import { guestRoutes } from "./routes/guest-routes.ts";
import { haRoutes } from "./routes/ha-routes.ts";
import { jobRoutes } from "./routes/job-routes.ts";
import { nodeRoutes } from "./routes/node-routes.ts";
import { poolRoutes } from "./routes/pool-routes.ts";
import { powerRoutes } from "./routes/power-routes.ts";
import { snapshotRoutes } from "./routes/snapshot-routes.ts";
import { storageRoutes } from "./routes/storage-routes.ts";
import { taskRoutes } from "./routes/task-routes.ts";
import type { Simulation } from "./simulation.ts";

/** One call of the API, as it arrived. */
export interface ApiCall {
  readonly method: string;
  /** Below `/api2/json`, still encoded. */
  readonly path: string;
  readonly input: RawInput;
  readonly caller: Caller;
}

/** Answers a call; @throws ApiError for every answer other than 200. */
export type Api = (call: ApiCall) => Promise<Answer>;

/** The API of a simulated cluster. */
export function createApi(simulation: Simulation): Api {
  const routes: readonly Route[] = [
    clusterRoutes(simulation),
    nodeRoutes(simulation),
    taskRoutes(simulation),
    accessRoutes(simulation),
    haRoutes(simulation),
    jobRoutes(simulation),
    poolRoutes(simulation),
    storageRoutes(simulation),
    contentRoutes(simulation),
    backupRoutes(simulation),
    addressRoutes(simulation),
    createRoutes(simulation),
    ...(["lxc", "qemu"] as const).flatMap((kind) => [
      guestRoutes(simulation, kind),
      powerRoutes(simulation, kind),
      configRoutes(simulation, kind),
      snapshotRoutes(simulation, kind),
      destroyRoutes(simulation, kind),
    ]),
  ].flat();
  const { world, acl } = simulation;

  /** Any node answers for the whole cluster, by asking the node in the path. */
  function assertReachable(name: string): void {
    const node = world.nodes.get(name);
    if (!node) throw failure(`hostname lookup '${name}' failed - ${lookupFailure(name)}`);
    if (!node.online) throw new ApiError(595, node.unreachable, { empty: true });
  }

  // The order is Proxmox's: what exists, who may, which node, and only then the parameters.
  return async ({ method, path, input, caller }) => {
    const { route, pathInput } = matchRoute(routes, method, path);
    if (route.requires) {
      const [object, privilege] = route.requires;
      acl.demand(caller, fillPath(object, pathInput), privilege);
    }
    if (pathInput.node !== undefined) assertReachable(pathInput.node);
    return route.handle(verify(route.parameters, { ...input, ...pathInput }), caller);
  };
}

function lookupFailure(name: string): string {
  return `failed to get address info for: ${name}: Temporary failure in name resolution`;
}
