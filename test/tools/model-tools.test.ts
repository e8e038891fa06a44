import { describe, expect, it } from "vitest";
import type { ToolResult } from "#src/actions/tool.ts";
import type { GuestIdentity } from "#src/proxmox/guest.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { clockAt } from "#test/support/clock.ts";
import { useCluster } from "#test/support/cluster.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { eventually } from "#test/support/eventually.ts";
import { noHolds } from "#test/support/holds.ts";
import { noLeases } from "#test/support/leases.ts";
import { signal } from "#test/support/proxmox.ts";
import { aContext } from "#test/support/tool-context.ts";
import { addRestorable } from "#test/tools/deletions/restorable.ts";
import { createModelTools } from "#tools/index.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "backup-nfs", content: "backup" },
  ],
  guests: [
    {
      vmid: 102,
      kind: "lxc",
      name: "web-02",
      node: "pve1",
      status: "running",
      tags: ["prod", "web"],
      owner: "alice",
      notes: "nginx",
    },
    { vmid: 103, kind: "lxc", name: "test-runner", node: "pve1", status: "running", owner: "bob" },
    { vmid: 201, kind: "qemu", name: "win11", node: "pve2", status: "stopped" },
  ],
};

const cluster = useCluster(seed);

async function backUp(guest: GuestIdentity) {
  const { preparation } = cluster.proxmox;
  const { upid } = await preparation.beginBackup(guest, "backup-nfs", "before deletion", signal);
  await eventually(async () => (await preparation.look(upid, signal)).kind).toBe("ended");
  return preparation.findBackup(guest, "backup-nfs", upid, signal);
}
const { statusOf } = cluster;

const unused = () => Promise.reject(new Error("No test of these asks for it."));

async function setup() {
  const clock = clockAt(aContext().askedAt.toString());
  const deletions = await anEmptySchedule(clock);
  const backup = { storage: "backup-nfs", days: 30 };
  const preparation = { shutdownMinutes: 5, backup };
  const tools = createModelTools({
    ...cluster.proxmox,
    holds: noHolds,
    deletions,
    leases: noLeases,
    clock,
    preparation,
    audit: { find: unused },
    preview: unused,
    people: () => [],
  });

  async function call(name: string, input: object = {}): Promise<ToolResult> {
    const tool = tools.find((candidate) => candidate.name === name);
    const plan = await tool?.plan(input, aContext());
    if (!plan) throw new Error(`There is no tool ${name}.`);
    return plan.apply(aContext());
  }
  return { deletions, call };
}

describe("on a simulated cluster", () => {
  it("the reads show it as it is", async () => {
    const { call } = await setup();

    expect(await call("list_guests", { kind: "ct" })).toMatchObject({
      output: [
        "2 of 3 guests: vmid kind name node status tags owner",
        "102 ct web-02 pve1 running prod,web alice",
        "103 ct test-runner pve1 running - bob",
      ].join("\n"),
    });
    expect(await call("get_guest", { guest: "web-02" })).toMatchObject({
      output: { vmid: 102, status: "running", untrustedNotes: "nginx", owner: "alice" },
    });
    expect(await call("get_cluster_status")).toMatchObject({
      output: { quorate: true, guests: { ct: { running: 2 }, vm: { stopped: 1 } } },
    });
  });

  it("a guest is started, restarted, shut down and cut off", async () => {
    const { call } = await setup();
    const upid = expect.stringMatching(/^UPID:/);

    expect(await call("start_guest", { guest: 201 })).toMatchObject({ kind: "done", upid });
    expect(await statusOf(201)).toBe("running");
    expect(await call("stop_guest", { guest: 201 })).toMatchObject({ kind: "done", upid });
    expect(await statusOf(201)).toBe("stopped");
    expect(await call("reboot_guest", { guest: 102 })).toMatchObject({ kind: "done", upid });
    expect(await statusOf(102)).toBe("running");
    expect(await call("shutdown_guest", { guest: 102 })).toMatchObject({ kind: "done", upid });
    expect(await statusOf(102)).toBe("stopped");
  });

  it("a guest that is scheduled, moved and kept stays as it is", async () => {
    const { call } = await setup();

    await call("schedule_deletion", { guest: "test-runner", when: "in two hours" });
    await call("reschedule_deletion", { guest: "test-runner", when: "now" });
    expect(await call("list_scheduled_deletions")).toMatchObject({
      output: expect.stringContaining("at this moment: test-runner (CT 103 on pve1)"),
    });
    await call("cancel_deletion", { guest: "test-runner" });

    expect(await call("list_scheduled_deletions")).toMatchObject({
      output: "No deletion is scheduled.",
    });
    expect(await statusOf(103)).toBe("running");
  });

  it("a deleted guest comes back from its backup, stopped", async () => {
    const { deletions, call } = await setup();
    const identity = await cluster.identify(103);
    await cluster.proxmox.power.stop(identity, { signal });
    const { volume } = await backUp(identity);
    await cluster.proxmox.destroyer.destroy(identity, { signal });
    const backup = { storage: "backup-nfs", volume };
    await addRestorable(deletions, "2026-11-20T17:00:30Z", identity, { backup });
    expect(await call("list_restorable_guests")).toMatchObject({
      output: expect.stringContaining("test-runner (CT 103)"),
    });

    expect(await call("restore_guest", { guest: "test-runner" })).toMatchObject({
      kind: "done",
      output: { restored: "test-runner (CT 103 on pve1)" },
      upid: expect.stringMatching(/^UPID:/),
    });

    expect(await statusOf(103)).toBe("stopped");
    expect((await cluster.proxmox.guests.find("103", signal)).owner).toBe("bob");
  });
});
