import { describe, expect, it } from "vitest";
import { createActionExecutor } from "#src/actions/action-executor.ts";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { ToolResult } from "#src/actions/tool.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { deleteGuest } from "#src/deletions/delete-guest.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { runDueDeletions } from "#src/deletions/run-due-deletions.ts";
import { silentLogger } from "#src/log.ts";
import { createPolicy } from "#src/policy/policy.ts";
import { deletionRules } from "#src/policy/rules.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { clockAt } from "#test/support/clock.ts";
import { useCluster } from "#test/support/cluster.ts";
import { testDatabase } from "#test/support/database.ts";
import { signal } from "#test/support/proxmox.ts";
import { aContext } from "#test/support/tool-context.ts";
import { createModelTools } from "#tools/index.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
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
const { statusOf } = cluster;

async function setup() {
  const db = await testDatabase();
  const clock = clockAt(aContext().askedAt.toString());
  const deletions = createDeletionStore(db, clock);
  const tools = createModelTools({ ...cluster.proxmox, deletions, clock });

  async function call(name: string, input: object = {}): Promise<ToolResult> {
    const tool = tools.find((candidate) => candidate.name === name);
    const plan = await tool?.plan(input, aContext());
    if (!plan) throw new Error(`There is no tool ${name}.`);
    return plan.apply(aContext());
  }
  return { db, clock, deletions, call };
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

  it("a scheduled guest is there until it is due, and gone then", async () => {
    const { db, clock, deletions, call } = await setup();
    await call("schedule_deletion", { guest: "test-runner", when: "in two hours" });
    const executor = createActionExecutor({
      tools: [deleteGuest({ ...cluster.proxmox, deletions, clock })],
      policy: createPolicy(deletionRules),
      confirmations: createConfirmationStore(db, clock),
      audit: createAuditLog(db, clock),
      log: silentLogger,
    });
    const run = () => runDueDeletions({ deletions, executor, clock, signal });

    expect(await run()).toEqual([]);
    expect(await statusOf(103)).toBe("running");

    clock.advance({ hours: 2 });
    expect(await run()).toMatchObject([{ outcome: { kind: "done" } }]);
    await expect(statusOf(103)).rejects.toThrow("103");
    expect(await call("list_scheduled_deletions")).toMatchObject({
      output: "No deletion is scheduled.",
    });
  });
});
