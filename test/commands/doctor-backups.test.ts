import { describe, expect, it, onTestFinished } from "vitest";
import {
  complaints,
  type Environment,
  environmentOf,
  findingsOf,
  grantToken,
  only,
} from "#test/support/doctor.ts";
import { smallSeed, startSimulator } from "#test/support/simulator.ts";

const enough = {
  "/": "VM.Audit VM.GuestAgent.Audit Sys.Audit Pool.Audit Datastore.Audit VM.PowerMgmt VM.Backup VM.Allocate Datastore.AllocateSpace SDN.Use",
};
const seed = {
  ...smallSeed,
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local", content: "rootdir,images" },
    { id: "nas-nfs", content: "backup,iso" },
    { id: "usb", content: "backup", nodes: ["pve1"] },
  ],
};

async function startCluster(grants: Readonly<Record<string, string>> = enough) {
  const simulator = await startSimulator(seed);
  onTestFinished(() => simulator.stop());
  grantToken(simulator, grants);
  const check = (settings: Environment) =>
    findingsOf({ ...environmentOf(simulator), ...settings }, "backups");
  return { simulator, check };
}

/** What a node says of its storages in the place of the simulator, whose are always well. */
async function checkStorages(...answers: readonly (readonly object[])[]) {
  const { simulator, check } = await startCluster();
  for (const [index, data] of answers.entries()) {
    const body = JSON.stringify({ data });
    const path = `/nodes/pve${index + 1}/storage`;
    simulator.controls.fault({ path, action: { kind: "answer", status: 200, body } });
  }
  return check({ BACKUP_STORAGE: "nas" });
}
const well = { storage: "nas", content: "backup", enabled: 1, active: 1, avail: 50 * 2 ** 30 };

describe("the backup storage", () => {
  it("that each node has is well, and it is told how much room is left", async () => {
    const { check } = await startCluster();

    expect(await check({ BACKUP_STORAGE: "nas-nfs" })).toEqual([
      {
        about: "backups",
        level: "ok",
        message: expect.stringMatching(
          /^Guests are backed up to nas-nfs before they are deleted, from pve1, pve2, \d+ GiB free\.$/,
        ),
      },
    ]);
  });

  it("that only one node has is a warning that names the others", async () => {
    const { check } = await startCluster();

    const findings = await check({ BACKUP_STORAGE: "usb" });

    expect(findings.map(({ level }) => level)).toEqual(["ok", "warning"]);
    expect(only(findings, "ok").message).toContain("from pve1, ");
    expect(only(findings, "warning").message).toBe(
      "The storage usb cannot be used on pve2: the guests there cannot be backed up, and so are not deleted.",
    );
  });

  it("is not looked for on a node that is away", async () => {
    const { simulator, check } = await startCluster();
    simulator.controls.node({ node: "pve2", online: false });

    const findings = await check({ BACKUP_STORAGE: "nas-nfs" });

    expect(findings.map(({ level }) => level)).toEqual(["ok"]);
    expect(findings[0]?.message).toContain("from pve1, ");
  });

  it("that does not exist is a failure", async () => {
    const { check } = await startCluster();

    const found = only(await check({ BACKUP_STORAGE: "tape" }), "failure");

    expect(found.message).toMatch(/^No node has a storage tape, .* so none is deleted\.$/);
    expect(found.fix).toContain("pvesm status --content backup");
  });

  it("that takes no backups is a failure, and what it takes stays", async () => {
    const { check } = await startCluster();

    const found = only(await check({ BACKUP_STORAGE: "local" }), "failure");

    expect(found.message).toContain("takes no backups, only rootdir,images");
    expect(found.fix?.at(-1)).toBe("pvesm set local --content rootdir,images,backup");
  });

  it("that is disabled is a failure", async () => {
    const disabled = { ...well, enabled: 0, active: 0 };

    const found = only(await checkStorages([disabled], [disabled]), "failure");

    expect(found.message).toMatch(/^The storage nas is disabled: /);
    expect(found.fix?.at(-1)).toBe("pvesm set nas --disable 0");
  });

  it.each([
    ["one node", [{ ...well, active: 0 }], ["ok", "warning"], "pve1"],
    ["every node", [{ ...well, active: 0 }], ["failure"], "pve1, pve2"],
  ])("that %s cannot reach is told with the node", async (count, asleep, levels, names) => {
    const other = count === "one node" ? [well] : asleep;

    const findings = await checkStorages(asleep, other);

    expect(findings.map(({ level }) => level)).toEqual(levels);
    const [complaint] = complaints(findings);
    expect(complaint?.message).toContain(`The storage nas cannot be used on ${names}: `);
  });

  it("has as much room as the node with the least sees", async () => {
    const findings = await checkStorages([well], [{ ...well, avail: 7.9 * 2 ** 30 }]);

    expect(findings[0]?.message).toContain("from pve1, pve2, 7 GiB free.");
  });

  it("that cannot be asked for is a failure in Proxmox's words", async () => {
    const { simulator, check } = await startCluster();
    const action = { kind: "answer", status: 500, reason: "no memory" } as const;
    simulator.controls.fault({ path: "/nodes/pve1/storage", times: 5, action });

    expect(await check({ BACKUP_STORAGE: "nas-nfs" })).toMatchObject([
      { level: "failure", message: "Proxmox refused: no memory." },
    ]);
  });

  it("that the token may not see is left to what is told of its privileges", async () => {
    const { check } = await startCluster({ "/": "VM.Audit Sys.Audit" });

    expect(await check({ BACKUP_STORAGE: "nas-nfs" })).toEqual([]);
  });
});

describe("without a backup storage", () => {
  it("whoever may delete is warned", async () => {
    const { check } = await startCluster();

    const found = only(await check({}), "warning");

    expect(found.message).toMatch(/^BACKUP_STORAGE is not set: .* none can be restored\.$/);
    expect(found.fix?.join()).toContain(".env: BACKUP_STORAGE");
  });

  it("nobody is warned who cannot delete", async () => {
    const { check } = await startCluster({ "/": "VM.Audit Sys.Audit VM.PowerMgmt" });

    expect(await check({})).toEqual([]);
  });
});
