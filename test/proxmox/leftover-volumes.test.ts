import { expect, it } from "vitest";
import { createLeftoverVolumes } from "#src/proxmox/leftover-volumes.ts";
import { useCluster } from "#test/support/cluster.ts";
import { signal } from "#test/support/proxmox.ts";

const cluster = useCluster();

it("takes nothing for left over that belongs to who has the VMID now", async () => {
  const { client, proxmox } = cluster;
  const leftovers = createLeftoverVolumes({ client, vmids: proxmox.vmids });
  expect(await leftovers.of(101, "pve1", { signal })).toEqual([]);
  const vmids = { isFree: async () => true };
  const volumes = await createLeftoverVolumes({ client, vmids }).of(101, "pve1", { signal });
  expect(volumes).toEqual(["local:101/vm-101-disk-0.raw"]);
});
