import { beforeEach, describe, expect, it } from "vitest";
import type { Guests } from "#src/proxmox/guest.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { clockAt, type ManualClock } from "#test/support/clock.ts";
import { useCluster } from "#test/support/cluster.ts";
import { errorOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }, { name: "pve3" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    {
      vmid: 101,
      kind: "lxc",
      name: "web-01",
      node: "pve1",
      status: "running",
      tags: ["prod", "web"],
      owner: "alice",
      notes: "Grüße ☕ <!channel>",
      memory: 2048,
      disks: [8, 20],
    },
    { vmid: 110, kind: "lxc", name: "staging", node: "pve3", status: "stopped", owner: "bob" },
    { vmid: 111, kind: "lxc", name: "old-wiki", node: "pve1", status: "stopped", lock: "backup" },
    { vmid: 202, kind: "qemu", name: "db", node: "pve2", status: "running", protection: true },
    { vmid: 210, kind: "qemu", name: "staging", node: "pve1", status: "stopped", owner: "carol" },
    { vmid: 112, kind: "lxc", name: "cloud", node: "pve2", status: "running", ha: true },
    { vmid: 9000, kind: "qemu", name: "tpl", node: "pve1", status: "stopped", template: true },
  ],
};

const cluster = useCluster(seed);
let clock: ManualClock;
let guests: Guests;

beforeEach(() => {
  clock = clockAt("2026-11-21T12:00:00Z");
  guests = createProxmox({ client: cluster.client, clock }).guests;
});

const listings = () =>
  cluster.controls.journal().filter(({ path }) => path === "/cluster/resources");

/** CT 300, of which no node has reported yet. */
async function createGuest(hostname: string): Promise<void> {
  const form = { vmid: "300", ostemplate: "local:vztmpl/debian.tar.zst", hostname };
  const created = await cluster.simulator.callAsRoot("POST", "/nodes/pve1/lxc", form);
  expect(created.status, created.text).toBe(200);
  await cluster.simulator.taskEnd(created.data);
}

describe("the inventory", () => {
  it("is one call for the whole cluster, with owners apart from tags", async () => {
    const { guests: listed, nameless } = await guests.list(signal);
    expect(listed.map(({ vmid }) => vmid)).toEqual([101, 110, 111, 112, 202, 210, 9000]);
    expect(listed[0]).toMatchObject({
      vmid: 101,
      kind: "ct",
      name: "web-01",
      node: "pve1",
      status: "running",
      tags: ["prod", "web"],
      owner: "alice",
      template: false,
      haManaged: false,
      memoryTotal: 2048 * 2 ** 20,
    });
    expect(listed.find(({ vmid }) => vmid === 9000)?.template).toBe(true);
    expect(listed.find(({ vmid }) => vmid === 112)?.haManaged).toBe(true);
    expect(listed.find(({ vmid }) => vmid === 111)?.lock).toBe("backup");
    expect(nameless).toEqual([]);
    expect(cluster.controls.journal()).toHaveLength(1);
  });

  it("is shared by concurrent callers, and kept for three seconds", async () => {
    await Promise.all([guests.list(signal), guests.list(signal), guests.list(signal)]);
    clock.advance({ milliseconds: 2_900 });
    await guests.list(signal);
    expect(listings()).toHaveLength(1);
    clock.advance({ milliseconds: 200 });
    await guests.list(signal);
    expect(listings()).toHaveLength(2);
  });

  it("survives the abort of one of the callers that share it", async () => {
    cluster.controls.fault({ path: "/cluster/resources", action: { kind: "delay", ms: 50 } });
    const reason = new Error("never mind");
    const controller = new AbortController();
    const aborted = guests.list(controller.signal);
    const other = guests.list(signal);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect((await other).guests).toHaveLength(7);
    expect(listings()).toHaveLength(1);
  });

  it("is asked for again after a failure", async () => {
    const action = { kind: "answer", status: 500, reason: "oops" } as const;
    cluster.controls.fault({ path: "/cluster/resources", action });
    await errorOf(guests.list(signal));
    expect((await guests.list(signal)).guests).toHaveLength(7);
  });

  it("lists guests that a node has not named yet", async () => {
    await createGuest("new");
    const inventory = await guests.list(signal);
    expect(inventory.nameless).toEqual([300]);
    expect(await guests.find("300", signal)).toMatchObject({ name: "new", status: "stopped" });
  });

  it("finds a guest by the name that its node has not told the cluster yet", async () => {
    await createGuest("new");

    expect(await guests.find("new", signal)).toMatchObject({ vmid: 300, status: "stopped" });
    expect(await guests.find("web-01", signal)).toMatchObject({ vmid: 101 });
  });

  it("takes nobody for the guest that is meant while another one may have the same name", async () => {
    await createGuest("web-01");

    expect(await errorOf(guests.find("web-01", signal))).toMatchObject({ kind: "ambiguous-guest" });
    const action = { kind: "answer", status: 595, reason: "no route to host" } as const;
    cluster.controls.fault({ path: "/nodes/pve1/lxc/300/config", times: 9, action });
    expect(await errorOf(guests.find("web-01", signal))).toMatchObject({
      kind: "incomplete-inventory",
    });
  });
});

describe("finding a guest", () => {
  it("reads it live: configuration, state, disks, notes and addresses", async () => {
    const guest = await guests.find("web-01", signal);
    expect(guest).toMatchObject({
      vmid: 101,
      name: "web-01",
      status: "running",
      notes: "Grüße ☕ <!channel>",
      tags: ["prod", "web"],
      owner: "alice",
      protection: false,
      haManaged: false,
    });
    expect(guest.disks.map(({ key, size }) => [key, size])).toEqual([
      ["rootfs", "8G"],
      ["mp0", "20G"],
    ]);
    expect(guest.addresses).toEqual([expect.stringMatching(/^10\./)]);
    expect(guest.fingerprint).toMatch(/^ct:/);
  });

  it("sees protection, lock, template and HA", async () => {
    expect((await guests.find("202", signal)).protection).toBe(true);
    expect((await guests.find("111", signal)).lock).toBe("backup");
    expect((await guests.find("9000", signal)).template).toBe(true);
    expect((await guests.find("112", signal)).haManaged).toBe(true);
  });

  it("shows the state of this moment, whatever the listing says", async () => {
    cluster.controls.guest({ vmid: 101, status: "stopped" });
    expect((await guests.list(signal)).guests[0]?.status).toBe("running");
    expect(await guests.find("web-01", signal)).toMatchObject({ status: "stopped", addresses: [] });
    cluster.controls.guest({ vmid: 202, status: "paused" });
    expect((await guests.find("db", signal)).status).toBe("paused");
  });

  it("asks for no addresses of a stopped guest", async () => {
    await guests.find("110", signal);
    const paths = cluster.controls.journal().map(({ path }) => path);
    expect(paths.filter((path) => /interfaces/.test(path))).toEqual([]);
  });

  it("does without addresses where the guest agent is silent", async () => {
    const action = {
      kind: "answer",
      status: 500,
      reason: "QEMU guest agent is not running",
    } as const;
    cluster.controls.fault({ path: "*/agent/*", action });
    expect(await guests.find("db", signal)).toMatchObject({ name: "db", addresses: [] });
  });

  it("waits four seconds for a guest agent, not longer", { timeout: 10_000 }, async () => {
    cluster.controls.fault({ path: "*/agent/*", action: { kind: "hang" } });
    const startedAt = performance.now();
    expect(await guests.find("db", signal)).toMatchObject({ name: "db", addresses: [] });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("follows a guest that was moved since it was listed", async () => {
    await guests.list(signal);
    cluster.controls.guest({ vmid: 101, node: "pve2" });
    expect(await guests.find("web-01", signal)).toMatchObject({ vmid: 101, node: "pve2" });
  });

  it("keeps its fingerprint wherever it runs and whatever it is called", async () => {
    const before = (await guests.find("101", signal)).fingerprint;
    cluster.controls.guest({ vmid: 101, node: "pve2", status: "stopped" });
    const path = "/nodes/pve2/lxc/101/config";
    const form = { hostname: "renamed", memory: "4096", description: "new", tags: "x" };
    expect((await cluster.simulator.callAsRoot("PUT", path, form)).status).toBe(200);
    const after = await guests.find("101", signal);
    expect(after).toMatchObject({ name: "renamed", node: "pve2", tags: ["x"] });
    expect(after.fingerprint).toBe(before);
  });

  it("does not take a guest for the one whose name it has lost", async () => {
    const path = "/nodes/pve1/lxc/101/config";
    await cluster.simulator.callAsRoot("PUT", path, { hostname: "renamed" });
    expect(await errorOf(guests.find("web-01", signal))).toMatchObject({ kind: "no-such-guest" });
    expect(await guests.find("101", signal)).toMatchObject({ name: "renamed" });
  });

  it("lists both guests of one name, and tells them apart by kind, node or owner", async () => {
    const error = await errorOf(guests.find("staging", signal));
    expect(error.kind).toBe("ambiguous-guest");
    expect(error.message).toMatch(/CT 110.*VM 210/);
    expect((await guests.find("CT staging", signal)).vmid).toBe(110);
    expect((await guests.find("staging on pve1", signal)).vmid).toBe(210);
    expect((await guests.find("carol's staging", signal)).vmid).toBe(210);
  });

  it("says when there is no such guest", async () => {
    expect((await errorOf(guests.find("10", signal))).kind).toBe("no-such-guest");
    expect((await errorOf(guests.find("web", signal))).kind).toBe("no-such-guest");
  });

  it("says when the guest's node is away", async () => {
    cluster.controls.node({ node: "pve3", online: false });
    const error = await errorOf(guests.find("110", signal));
    expect(error.kind).toBe("node-unreachable");
    expect(error.message).toContain("Node pve3");
  });
});
