import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type OpenCluster, openCluster, withHeldGuests } from "#src/app/cluster.ts";
import { systemClock } from "#src/clock.ts";
import { roleScript } from "#src/commands/doctor/role-script.ts";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { silentLogger } from "#src/log.ts";
import type { GuestIdentity } from "#src/proxmox/guest.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { testDatabase } from "#test/support/database.ts";
import { friday } from "#test/support/deletions.ts";
import { tokenSecret, typeIn } from "#test/support/doctor.ts";
import { backUp, clientOf, errorOf, identityOf, proxmoxOf, signal } from "#test/support/proxmox.ts";
import { aScheduleWorld } from "#test/support/schedule-world.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [
    { id: "local", content: "rootdir,images" },
    { id: "backup", content: "backup" },
  ],
  guests: [
    { vmid: 101, kind: "lxc", name: "web", node: "pve1", status: "stopped" },
    { vmid: 102, kind: "lxc", name: "old", node: "pve1", status: "stopped" },
  ],
};
const agent = { tokenId: "assistant@pve!main", tokenSecret };
const deletion = { tokenId: "assistant-delete@pve!main", tokenSecret };
const script = roleScript({
  setup: { major: 9, backupStorage: "backup", mark: true },
  oneToken: false,
});

let simulator: RunningSimulator;
let cluster: OpenCluster;

async function open(withoutPrivilege?: string): Promise<void> {
  const started = await startSimulator(seed);
  onTestFinished(() => started.stop());
  simulator = started;
  typeIn(simulator, script, withoutPrivilege);
  const opened = await openCluster({
    config: {
      kind: "cluster",
      endpoints: [simulator.url],
      ...agent,
      deletionToken: deletion,
      tls: { kind: "system" },
    },
    clock: systemClock,
    log: silentLogger,
  });
  onTestFinished(() => opened.close());
  cluster = opened;
}

const identify = async (vmid: number): Promise<GuestIdentity> =>
  identityOf(await cluster.proxmox.guests.find(String(vmid), signal));

/** By which tokens the cluster was changed. */
function callers(): readonly (string | undefined)[] {
  const writes = simulator.controls.journal().filter(({ method }) => method !== "GET");
  return [...new Set(writes.map(({ caller }) => caller))];
}

beforeEach(() => open());

describe("the agent's own token", () => {
  it("does what people ask for every day", async () => {
    const { power, guests, cluster: state } = cluster.proxmox;

    await power.start(await identify(101), { signal });

    expect((await guests.find("101", signal)).status).toBe("running");
    expect((await state.status(signal)).quorate).toBe(true);
    expect(callers()).toEqual([agent.tokenId]);
  });

  it.each([
    ["destroy", "DELETE", "/nodes/pve1/lxc/102", { purge: "1" }, "VM.Allocate"],
    ["make", "POST", "/nodes/pve1/lxc", { vmid: "300", ostemplate: "a" }, "VM.Allocate"],
    ["back up", "POST", "/nodes/pve1/vzdump", { vmid: "102", storage: "backup" }, "VM.Backup"],
    ["change", "PUT", "/nodes/pve1/lxc/102/config", { memory: "64" }, "VM.Config"],
  ])("cannot %s a guest: the cluster refuses", async (_, method, path, form, privilege) => {
    const { status, message } = await simulator.callAs(agent)(method, path, form);

    expect(status).toBe(403);
    expect(message).toContain(privilege);
  });

  it("gives a guest to another owner", async () => {
    await cluster.proxmox.ownership.setOwner(await identify(102), "bob", signal);

    expect((await cluster.proxmox.guests.find("102", signal)).owner).toBe("bob");
    expect(callers()).toEqual([agent.tokenId]);
  });

  it("has no port for that either", () => {
    expect(cluster.proxmox).not.toHaveProperty("destroyer");
    expect(cluster.proxmox).not.toHaveProperty("preparation");
    expect(Object.keys(cluster.proxmox.backups)).toEqual(["restore"]);
    expect(Object.keys(cluster.proxmox.marks)).toEqual(["clear"]);
  });

  it("learns of backups that it may not see itself, so that nobody is told there are none", async () => {
    const guest = await cluster.proxmox.guests.find("102", signal);
    const { createdAt } = await backUp(cluster.doomed, identityOf(guest), "backup");

    const { lastBackup, ...others } = await cluster.proxmox.risks.read(guest, signal);

    expect(lastBackup).toEqual({ at: createdAt });
    // Nothing but the load of a guest that does not run is left unknown.
    const unknown = Object.entries(others).filter(([, fact]) => fact === undefined);
    expect(unknown.map(([name]) => name)).toEqual([]);
    expect(others).toMatchObject({ runningTasks: [], backupJobs: [], lackedPrivileges: [] });
    const path = "/nodes/pve1/storage/backup/content";
    expect((await simulator.callAs(agent)("GET", path)).status).toBe(403);
  });
});

describe("the token for deletions", () => {
  it("carries a deletion out from its beginning to its end, with the rights of the commands", async () => {
    const world = await aScheduleWorld({ mark: true }, deletion);
    typeIn(world.simulator, script);
    const row = await world.schedule();
    await world.goTo(friday.subtract({ hours: 24 }));

    await world.goTo(friday);

    expect(await world.find(row)).toMatchObject({ state: "done", backup: { storage: "backup" } });
    await world.goTo(friday.add({ hours: 24 * 31 }));
    expect((await world.find(row)).backup).toBeUndefined();
    const failed = (await world.audit()).filter(({ step }) => step === "failed");
    expect(failed).toEqual([]);
  });

  it("brings a guest back for the agent, which sees it at once", async () => {
    const guest = await identify(102);
    const backup = await backUp(cluster.doomed, guest, "backup");
    await cluster.doomed.destroyer.destroy(guest, { signal });
    cluster.proxmox.forget();
    const { proxmox } = cluster;
    expect((await proxmox.guests.list(signal)).guests).toHaveLength(1);

    await proxmox.backups.restore(backup, { node: "pve1", vmid: 102 }, { signal });

    expect((await proxmox.guests.find("102", signal)).name).toBe("old");
    expect(callers()).toEqual([deletion.tokenId]);
  });

  it("takes a mark off for the agent", async () => {
    const guest = await identify(102);
    await cluster.doomed.marks.set(guest, "delete-1", signal);

    await cluster.proxmox.marks.clear(guest, "delete-1", signal);

    expect((await cluster.doomed.guests.find("102", signal)).tags).toEqual([]);
  });
});

describe("with two tokens", () => {
  const loseAnswer = (method: "POST" | "DELETE", when: "before" | "after") =>
    simulator.controls.fault({ method, action: { kind: "drop", when } });

  it.each([undefined, "Sys.Audit"])(
    "each finds its own lost task (without %s)",
    async (without) => {
      await open(without);
      const [web, old] = [await identify(101), await identify(102)];

      loseAnswer("POST", "after");
      const started = await cluster.proxmox.power.start(web, { signal });
      loseAnswer("POST", "after");
      const begun = await cluster.doomed.preparation.beginStart(old, { signal });

      expect(started).toMatchObject({ upid: expect.stringContaining(`:101:${agent.tokenId}:`) });
      expect(begun).toMatchObject({ upid: expect.stringContaining(`:102:${deletion.tokenId}:`) });
    },
  );

  it("a destruction of which the answer was lost is found", async () => {
    const guest = await identify(102);
    loseAnswer("DELETE", "after");

    const { upid } = await cluster.doomed.destroyer.destroy(guest, { signal });

    expect(upid).toContain(`:102:${deletion.tokenId}:`);
  });

  it("neither takes the other's task for its own", async () => {
    const guest = await identify(101);
    await cluster.doomed.preparation.beginStart(guest, { signal });
    await simulator.taskEnd(await upidOf("vzstart"));
    await simulator.callAsRoot("POST", "/nodes/pve1/lxc/101/status/stop");
    await simulator.taskEnd(await upidOf("vzstop"));
    loseAnswer("POST", "before");

    // The same token, which does not search for seconds.
    const client = clientOf(simulator, agent);
    onTestFinished(() => client.close());
    const error = await errorOf(proxmoxOf(simulator, client).power.start(guest, { signal }));

    expect(error.kind).toBe("outcome-unknown");
  });

  it("what happened to a VMID is known, whoever did it", async () => {
    const since = Date.now() - 1000;
    const { history } = cluster.doomed;
    expect(await history.historySince(102, since, signal)).toEqual({ kind: "unchanged" });

    await simulator.callAsRoot("DELETE", "/nodes/pve1/lxc/102");

    expect(await history.historySince(102, since, signal)).toMatchObject({ kind: "changed" });
    const seen = await cluster.proxmox.history.historySince(102, since, signal);
    expect(seen).toMatchObject({ kind: "changed" });
  });

  it("what happened to a VMID is said to be unknown where others' tasks are not seen", async () => {
    await open("Sys.Audit");
    await simulator.callAsRoot("DELETE", "/nodes/pve1/lxc/102");

    const verdict = await cluster.doomed.history.historySince(102, Date.now() - 1000, signal);

    expect(verdict).toMatchObject({ kind: "unknown" });
  });

  /** The newest task of a type, as root sees it. */
  async function upidOf(type: string): Promise<string> {
    const { data } = await simulator.callAsRoot("GET", "/nodes/pve1/tasks", {
      source: "all",
      typefilter: type,
    });
    return (data as { upid: string }[])[0]?.upid ?? "";
  }
});

it("shows the holds to whoever works with either token", async () => {
  const holds = createHoldStore(await testDatabase(), systemClock);
  const held = withHeldGuests(cluster, { holds, clock: systemClock, log: silentLogger });
  const guest = await held.proxmox.guests.find("102", signal);
  await holds.place({ guest, by: { id: "bob", name: "Bob" }, reason: "vacation" });

  for (const { guests } of [held.proxmox, held.doomed]) {
    expect((await guests.find("102", signal)).hold).toMatchObject({ by: "Bob" });
  }
});
