import { expect, it } from "vitest";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, errorOf, proxmoxOf, signal } from "#test/support/proxmox.ts";

const cluster = useCluster();
const vmids = () => cluster.proxmox.vmids;

it("tells a VMID that is in use from one that is free", async () => {
  expect(await vmids().isFree(101, signal)).toBe(false);
  expect(await vmids().isFree(102, signal)).toBe(true);
});

it("tells it also of guests that the token may not see", async () => {
  cluster.controls.token({ id: "blind@pve!t", secret: "s", grants: [] });
  const blind = clientOf(cluster.simulator, { tokenId: "blind@pve!t", tokenSecret: "s" });
  const { vmids: seen } = proxmoxOf(cluster.simulator, blind);
  expect(await seen.isFree(101, signal)).toBe(false);
  await blind.close();
});

it("knows the lowest free one", async () => {
  expect(await vmids().next(signal)).toBe(100);
});

it("takes no other refusal for an answer", async () => {
  expect((await errorOf(vmids().isFree(1.5, signal))).kind).toBe("bad-parameter");
  const action = { kind: "answer", status: 500 } as const;
  cluster.controls.fault({ path: "/cluster/nextid", action });
  expect((await errorOf(vmids().isFree(101, signal))).kind).toBe("unexpected");
});
