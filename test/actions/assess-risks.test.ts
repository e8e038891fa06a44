import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { busyFrom, createAssessRisks, type PlannedChange } from "#src/actions/assess-risks.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { aTarget } from "#test/support/actions.ts";
import { aGuest } from "#test/support/guests.ts";

/** A guest at rest, of which everything is known. */
const harmless: GuestRisk = {
  status: "running",
  uptime: 60,
  load: { cpu: 0.01, network: 100, disk: 100 },
  disks: [],
  snapshots: [],
  lastBackup: { at: 0 },
  backupJobs: [],
  haManaged: false,
  replicas: [],
  linkedClones: [],
  runningTasks: [],
  lackedPrivileges: [],
};

function setUp(facts: GuestRisk | ((vmid: number) => GuestRisk) = {}) {
  const read = vi.fn(async ({ vmid }: { readonly vmid: number }) => ({
    ...harmless,
    ...(typeof facts === "function" ? facts(vmid) : facts),
  }));
  const list = async () => ({ guests: [aGuest({ vmid: 103, name: "test-runner" })], nameless: [] });
  const assess = createAssessRisks({ risks: { read }, guests: { list } });
  return {
    read,
    assess: (change: Partial<PlannedChange> = {}, words?: string) =>
      assess(
        {
          tool: "schedule_deletion",
          effect: "destructive",
          target: { guest: aTarget() },
          ...change,
        },
        { signal: new AbortController().signal, words },
      ),
  };
}

async function factsOf(risk: GuestRisk) {
  return (await setUp(risk).assess()).facts;
}

async function obstacleOf(risk: GuestRisk, change: Partial<PlannedChange> = {}) {
  return (await setUp(risk).assess(change)).obstacle;
}

const held = (guests: readonly GuestTarget[]) => ({
  deletions: guests.map((guest) => ({ id: "a", requestedBy: "bob", dueAt: "", guest })),
});

describe("the facts of a change", () => {
  it("are read of what is disruptive or destructive only", async () => {
    for (const [effect, times] of [
      ["read", 0],
      ["reversible", 0],
      ["disruptive", 1],
      ["destructive", 1],
    ] as const) {
      const { assess, read } = setUp();
      await assess({ effect });
      expect(read, effect).toHaveBeenCalledTimes(times);
    }
  });

  it("are whether it is being used", async () => {
    const busy = async (risk: GuestRisk) => (await factsOf(risk)).busy;

    expect(await busy({})).toBe(false);
    expect(await busy({ load: { cpu: 0.05, network: 0, disk: 0 } })).toBe(true);
    expect(await busy({ load: { cpu: 0, network: 20_000, disk: 0 } })).toBe(true);
    expect(await busy({ load: { cpu: 0, network: 0, disk: 200_000 } })).toBe(true);
    expect(await busy({ load: undefined })).toBeUndefined();
    expect(await busy({ load: undefined, status: "stopped" })).toBe(false);
    expect(await busy({ load: undefined, status: undefined })).toBeUndefined();
  });

  it("are what the example of a policy says of being used", () => {
    const example = readFileSync("data/policy.example.yaml", "utf8").replace(/\n#\s+/g, " ");
    const { cpu, network, disk } = busyFrom;

    expect(example).toContain(
      `${cpu * 100} % CPU or more, or ${network / 1000} kB/s of network, or ${disk / 1000} kB/s of disk`,
    );
  });

  it("are whether there is a backup, a replica, or a clone", async () => {
    expect(await factsOf({})).toMatchObject({
      hasBackup: true,
      replicated: false,
      linkedClones: 0,
    });
    expect(
      await factsOf({ lastBackup: "none", replicas: ["pve2"], linkedClones: [1, 2] }),
    ).toMatchObject({ hasBackup: false, replicated: true, linkedClones: 2 });
  });

  it("are absent where they could not be read", async () => {
    const unknown = { lastBackup: undefined, replicas: undefined, linkedClones: undefined };

    expect(await factsOf(unknown)).toEqual({
      busy: false,
      hasBackup: undefined,
      replicated: undefined,
      linkedClones: undefined,
      namedByRequester: undefined,
    });
  });

  it("are the worst of several guests", async () => {
    const target = held([aTarget({ vmid: 103 }), aTarget({ vmid: 104 })]);
    const other = (risk: GuestRisk) => setUp((vmid) => (vmid === 104 ? risk : {}));

    const { facts } = await other({ lastBackup: "none" }).assess({ target });
    expect(facts.hasBackup).toBe(false);
    const { facts: unknown } = await other({ lastBackup: undefined }).assess({ target });
    expect(unknown.hasBackup).toBeUndefined();
    const { facts: busy } = await other({ load: undefined }).assess({ target });
    expect(busy.busy).toBeUndefined();
  });

  it("are whether the person has named it, also of what can be taken back", async () => {
    for (const effect of ["reversible", "destructive"] as const) {
      const named = async (words?: string) =>
        (await setUp().assess({ effect }, words)).facts.namedByRequester;

      expect(await named("delete test-runner")).toBe(true);
      expect(await named("delete the one in the log")).toBe(false);
      expect(await named(undefined)).toBeUndefined();
    }
  });
});

describe("what stands in the way of a deletion", () => {
  it("is nothing where all is well, and where nothing is known", async () => {
    expect(await obstacleOf({})).toBeUndefined();
    const unknown = { replicas: undefined, linkedClones: undefined, lackedPrivileges: undefined };
    expect(await obstacleOf(unknown)).toBeUndefined();
  });

  it("is a replica, a clone, and what the token may not do", async () => {
    expect(await obstacleOf({ replicas: ["pve2"] })).toBe(
      "test-runner (CT 103 on pve1) is replicated to pve2; remove the replication job in Proxmox first.",
    );
    expect(await obstacleOf({ linkedClones: [901] })).toContain("The disks of 901 are based on");
    expect(await obstacleOf({ lackedPrivileges: ["VM.Allocate"] })).toContain(
      "the API token lacks VM.Allocate on /vms/103",
    );
  });

  it("is no privilege that this deletion does not take", async () => {
    const target = { guest: aTarget(), withoutBackup: true } as const;

    expect(await obstacleOf({ lackedPrivileges: ["VM.Backup"] })).toContain("VM.Backup");
    expect(await obstacleOf({ lackedPrivileges: ["VM.Backup"] }, { target })).toBeUndefined();
    const power = { lackedPrivileges: ["VM.PowerMgmt"] };
    expect(await obstacleOf(power)).toContain("VM.PowerMgmt");
    expect(await obstacleOf({ ...power, status: "stopped" })).toBeUndefined();
  });
});

describe("what stands in the way of cutting the power", () => {
  const stop = (guest: Partial<GuestTarget> = {}) => ({
    tool: "stop_guest",
    effect: "disruptive" as const,
    target: { guest: aTarget(guest) },
  });

  it("is a lock, a task, or that it is a template", async () => {
    expect(await obstacleOf({}, stop())).toBeUndefined();
    expect(await obstacleOf({}, stop({ lock: "backup" }))).toContain("is locked (backup)");
    expect(await obstacleOf({}, stop({ template: true }))).toContain("is a template");
    expect(await obstacleOf({ runningTasks: ["vzdump"] }, stop())).toContain(
      "A task is working on test-runner (CT 103 on pve1) (vzdump)",
    );
  });

  it("does not stand in the way of what waits by itself", async () => {
    const shutdown = { ...stop(), tool: "shutdown_guest" };

    expect(await obstacleOf({ runningTasks: ["vzdump"] }, shutdown)).toBeUndefined();
  });
});
