import { beforeEach, describe, expect, it } from "vitest";
import type { GuestHistory } from "#src/proxmox/guest.ts";
import { createGuestHistory } from "#src/proxmox/guest-history.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, proxmoxOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local", content: "rootdir,images,backup,vztmpl" }],
  guests: [
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" },
    { vmid: 104, kind: "lxc", name: "other", node: "pve1", status: "stopped" },
  ],
};

const cluster = useCluster(seed);
let history: GuestHistory;
let scheduledAt: number;

beforeEach(() => {
  history = createGuestHistory({ client: cluster.client });
  scheduledAt = Date.now();
});

const root = async (method: string, path: string, form?: Record<string, string>) => {
  const { data, status, text } = await cluster.simulator.callAsRoot(method, path, form);
  expect(status, text).toBe(200);
  await cluster.simulator.taskEnd(data);
};
const create = (node: string, hostname: string) =>
  root("POST", `/nodes/${node}/lxc`, {
    vmid: "103",
    ostemplate: "local:vztmpl/debian.tar.zst",
    storage: "local",
    hostname,
  });

describe("the history of a VMID", () => {
  it("is unchanged by starts, stops and other guests' ends", async () => {
    await root("POST", "/nodes/pve1/lxc/103/status/start");
    await root("POST", "/nodes/pve1/lxc/103/status/stop");
    await root("DELETE", "/nodes/pve1/lxc/104");
    expect(await history.historySince(103, scheduledAt, signal)).toEqual({ kind: "unchanged" });
  });

  it("tells a container without network from its successor of the same name", async () => {
    await root("DELETE", "/nodes/pve1/lxc/103");
    await create("pve1", "runner");
    const { fingerprint } = await proxmoxOf(cluster.simulator, cluster.client).guests.find(
      "103",
      signal,
    );
    await root("DELETE", "/nodes/pve1/lxc/103");
    await create("pve1", "runner");
    const successor = await proxmoxOf(cluster.simulator, cluster.client).guests.find("103", signal);
    expect(successor.fingerprint).toBe(fingerprint);

    const verdict = await history.historySince(103, scheduledAt, signal);
    expect(verdict).toMatchObject({ kind: "changed" });
    expect(JSON.stringify(verdict)).toMatch(
      /vzdestroy:103.*vzcreate:103|vzcreate:103.*vzdestroy:103/,
    );
  });

  it("sees what happened on another node", async () => {
    await root("DELETE", "/nodes/pve1/lxc/103");
    await create("pve2", "runner");
    const verdict = await history.historySince(103, scheduledAt, signal);
    expect(JSON.stringify(verdict)).toContain("UPID:pve2:");
  });

  it("leaves out what happened before", async () => {
    await root("DELETE", "/nodes/pve1/lxc/103");
    const later = Date.now() + 2_000;
    expect(await history.historySince(103, later, signal)).toEqual({ kind: "unchanged" });
  });

  it("is unknown to a token that sees its own tasks only", async () => {
    await root("DELETE", "/nodes/pve1/lxc/103");
    await create("pve1", "runner");
    const grants = [{ path: "/vms", privileges: ["VM.Audit"] }];
    cluster.controls.token({ id: "blind@pve!t", secret: "s", grants });
    const blind = clientOf(cluster.simulator, { tokenId: "blind@pve!t", tokenSecret: "s" });
    const verdict = await createGuestHistory({ client: blind }).historySince(
      103,
      scheduledAt,
      signal,
    );
    expect(verdict).toEqual({
      kind: "unknown",
      reason: expect.stringContaining("Sys.Audit on /nodes/pve1"),
    });
    await blind.close();
  });

  it("is unknown while a node is away", async () => {
    cluster.controls.node({ node: "pve2", online: false });
    const verdict = await history.historySince(103, scheduledAt, signal);
    expect(verdict).toEqual({ kind: "unknown", reason: "node pve2 is away" });
  });

  it("is unknown where the log may not reach back", async () => {
    const task = {
      upid: "UPID:pve1:00000001:00000001:6B00CFB4:vzstart:104:root@pam:",
      type: "vzstart",
      id: "104",
      starttime: 1,
    };
    const body = JSON.stringify({ data: Array.from({ length: 1_000 }, () => task) });
    const action = { kind: "answer", status: 200, body } as const;
    cluster.controls.fault({ path: "/nodes/pve1/tasks", action });
    const verdict = await history.historySince(103, scheduledAt, signal);
    expect(verdict).toEqual({
      kind: "unknown",
      reason: expect.stringContaining("does not reach back"),
    });
  });
});
