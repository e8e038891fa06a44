import type { Vmids } from "./guest-changes.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind } from "./proxmox-error.ts";
import { nothing, vmid as vmidSchema } from "./responses.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
}

const path = "/cluster/nextid";

/** Asks the cluster itself, which knows of guests that the token may not see. */
export function createVmids({ client }: Deps): Vmids {
  return {
    async isFree(vmid, signal) {
      try {
        await client.get(path, nothing, { parameters: { vmid }, signal });
        return true;
      } catch (error) {
        if (isKind(error, "bad-parameter") && error.message.includes("already exists"))
          return false;
        throw error;
      }
    },
    next: (signal) => client.get(path, vmidSchema, { signal }),
  };
}
