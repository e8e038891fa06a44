import { describe, expect, it } from "vitest";
import { judgePrivileges } from "#src/commands/doctor/judge-privileges.ts";
import { permissionsOf } from "#src/commands/doctor/permissions.ts";
import { capabilitiesOf } from "#src/commands/doctor/privileges.ts";
import {
  complaints,
  environmentOf,
  findingsOf,
  grantToken,
  only,
  serve,
  tokenId,
  typeIn,
} from "#test/support/doctor.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const read = "VM.Audit VM.GuestAgent.Audit Sys.Audit Pool.Audit Datastore.Audit";
const full = {
  "/": read,
  "/vms": `${read} VM.PowerMgmt VM.Backup VM.Allocate VM.Config.Disk VM.Config.Options`,
  "/storage": `${read} Datastore.AllocateSpace`,
  "/sdn/zones/localnetwork": `${read} SDN.Use`,
};
const everything = (grants: Readonly<Record<string, string>>) =>
  Object.values(grants).flatMap((privileges) => privileges.split(" "));
const least = { "/": read, "/vms": `${read} VM.PowerMgmt` };

function roleLine(name: string, privileges: string): string {
  const role = `${name} --privs "${privileges}"`;
  return `pveum role add ${role} || pveum role modify ${role}`;
}

function privilegesIn(simulator: RunningSimulator) {
  return findingsOf(environmentOf(simulator), "privileges");
}

/** Types in what mends a finding; nothing of that level may be left. */
async function expectMended(simulator: RunningSimulator, level: "failure" | "warning" | "note") {
  const [finding] = complaints(await privilegesIn(simulator), [level]);
  typeIn(simulator, finding?.fix);
  const before = finding?.message.split(":")[0] ?? "";
  const left = complaints(await privilegesIn(simulator));
  expect(left.filter(({ message }) => message.startsWith(before))).toEqual([]);
}

describe("a token that", () => {
  it("may do all that the program can do is well, capability by capability", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, full);

    const findings = await privilegesIn(simulator);

    expect(complaints(findings)).toEqual([]);
    expect(findings).toHaveLength(capabilitiesOf({ major: 9 }).length + 1);
    expect(findings.map(({ message }) => message)).toContain("power: VM.PowerMgmt on /vms.");
  });

  it("inherits from the root has it on paths that Proxmox does not list by itself", async () => {
    await using simulator = await startSimulator();
    const all = Object.fromEntries(everything(full).map((privilege) => [privilege, 1]));
    const listed = ["/", "/access", "/nodes", "/pool", "/sdn", "/storage", "/vms"];
    const url = await serve(async ({ url: path = "", headers }, response) => {
      const { authorization = "" } = headers;
      if (!path.endsWith("/access/permissions")) {
        const answer = await fetch(`${simulator.url}${path}`, { headers: { authorization } });
        return void response.end(await answer.text());
      }
      const data = Object.fromEntries(listed.map((one) => [one, all]));
      return void response.end(JSON.stringify({ data }));
    });
    grantToken(simulator, { "/": everything(full).join(" ") });
    const env = { ...environmentOf(simulator), PROXMOX_URL: url };

    expect(complaints(await findingsOf(env, "privileges"))).toEqual([]);
  });

  it("may do the least that is needed lacks only what is optional", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, least);

    const found = complaints(await privilegesIn(simulator));

    expect(found.map(({ level }) => level)).toEqual(["note", "note", "note", "note", "note"]);
    expect(found.map(({ message }) => message)).toEqual([
      "transfer: VM.Config.Options is missing on /vms. So no guest can be given to another owner.",
      "delete: VM.Allocate is missing on /vms. So no guest can be deleted.",
      "backup: VM.Backup is missing on /vms. Datastore.AllocateSpace is missing on /storage. So no guest can be backed up.",
      expect.stringMatching(/^restore: .*SDN\.Use is missing on \/sdn\/zones\/localnetwork\./),
      expect.stringMatching(/^restore disks: VM\.Config\.Disk is missing on \/vms\./),
    ]);
    expect(found[1]?.fix?.join()).toContain("--pool NAME");
    expect(found[2]?.fix?.join()).not.toContain("--pool NAME");
    expect(found[3]?.fix?.at(-1)).toBe(
      "pveum acl modify /sdn/zones/localnetwork --roles AssistRead,AssistNetwork --users 'agent@pve' --tokens 'agent@pve!main'",
    );
    await expectMended(simulator, "note");
  });

  it.each([
    ["itself got nothing", "agent@pve!other"],
    ["has a user that got nothing", undefined],
  ])("sees nothing because it %s is told so first, and nothing else", async (_, other) => {
    await using simulator = await startSimulator();
    if (other) {
      grantToken(simulator, full, { id: other });
      grantToken(simulator, {});
    } else {
      grantToken(simulator, full, { userToo: false });
    }

    const findings = await findingsOf(environmentOf(simulator));
    const blind = only(findings, "failure");

    expect(blind.about).toBe("privileges");
    expect(blind.message).toContain("accepted but may do nothing at all");
    expect(blind.message).toContain("privsep=1");
    expect(blind.fix).toEqual([
      "# as root on any node of the cluster:",
      roleLine("AssistRead", "VM.Audit Sys.Audit Pool.Audit"),
      roleLine("AssistPower", "VM.PowerMgmt"),
      `pveum acl modify / --roles AssistRead --users 'agent@pve' --tokens 'agent@pve!main'`,
      `pveum acl modify /vms --roles AssistRead,AssistPower --users 'agent@pve' --tokens 'agent@pve!main'`,
    ]);
    expect(findings.filter(({ about }) => about === "guests" || about === "cluster")).toEqual([]);

    typeIn(simulator, blind.fix);
    expect(complaints(await privilegesIn(simulator), ["failure"])).toEqual([]);
  });

  it("lacks Sys.Audit is told what stays unseen, and not asked about the cluster", async () => {
    await using simulator = await startSimulator();
    const audit = read.replace(" Sys.Audit", "");
    grantToken(simulator, { "/": audit, "/vms": `${audit} VM.PowerMgmt` });

    const findings = await findingsOf(environmentOf(simulator));

    expect(only(findings, "failure").message).toMatch(
      /^cluster: Sys\.Audit is missing on \/\. Sys\.Audit is missing on \/nodes\. So quorum/,
    );
    expect(findings.filter(({ about }) => about === "cluster")).toEqual([]);
    expect(findings.filter(({ about }) => about === "guests")).toHaveLength(1);
    await expectMended(simulator, "failure");
  });

  it("lacks the right to switch guests on and off keeps what else it has by the commands", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { "/": `${read} VM.Backup Datastore.AllocateSpace` });

    expect(only(await privilegesIn(simulator), "failure").message).toBe(
      "power: VM.PowerMgmt is missing on /vms. So no guest can be started, shut down, stopped or rebooted.",
    );
    await expectMended(simulator, "failure");
    const notes = complaints(await privilegesIn(simulator));
    const without = notes.map(({ message }) => message.split(":")[0]);
    expect(without).toEqual(["transfer", "delete", "restore", "restore disks"]);
  });

  it("has a role on a deeper path that replaces the one for reading", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { "/": read, "/vms": "VM.PowerMgmt" });

    const findings = await findingsOf(environmentOf(simulator));

    expect(only(findings, "failure").message).toBe(
      "guests: VM.Audit is held on /, but a role on /vms replaces it there: roles on a deeper path do not add to those from above. So no guest can be listed or looked at.",
    );
    expect(findings.filter(({ about }) => about === "guests")).toEqual([]);
    await expectMended(simulator, "failure");
  });

  it("is not well because of one guest that it may still see", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { ...least, "/vms": "VM.PowerMgmt", "/vms/101": read });

    expect(complaints(await privilegesIn(simulator), ["failure"])).toHaveLength(1);
  });

  it("has a role on one guest that replaces the one for reading", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { ...full, "/vms/101": "VM.PowerMgmt VM.GuestAgent.Audit" });

    const found = only(await privilegesIn(simulator), "warning");

    expect(found.message).toBe(
      "guests: other roles on /vms/101 replace those from above and lack VM.Audit; there, no guest can be listed or looked at.",
    );
    expect(found.fix?.at(-1)).toContain(
      "acl modify /vms/101 --roles AssistRead,AssistAddresses,AssistPower,AssistOptions,AssistDelete,AssistBackup,AssistDisks ",
    );
    await expectMended(simulator, "warning");
  });

  it("may less with one guest than with the others is told so as a note", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { ...full, "/vms/101": read });

    expect(only(await privilegesIn(simulator), "note").message).toMatch(
      /^power: other roles on \/vms\/101 .* lack VM\.PowerMgmt/,
    );
  });

  it("may do something with some guests only is no failure", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { "/": read, "/pool/ci": `${read} VM.PowerMgmt VM.Allocate` });

    const found = complaints(await privilegesIn(simulator));

    expect(found.map(({ level }) => level)).not.toContain("failure");
    expect(found[0]).toMatchObject({
      level: "note",
      message:
        "power: VM.PowerMgmt only on /pool/ci; elsewhere no guest can be started, shut down, stopped or rebooted.",
    });
  });

  it("may do dangerous things is told of each, and how to do without", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, {
      ...full,
      "/": `${read} Sys.Modify`,
      "/vms": `${full["/vms"]} VM.Console`,
      "/vms/101": `${full["/vms"]} VM.Console`,
    });

    const found = only(await privilegesIn(simulator), "warning");

    expect(found.details).toEqual([
      expect.stringMatching(/^Sys\.Modify on \/: /),
      expect.stringMatching(/^VM\.Console on \/vms: /),
    ]);
    typeIn(simulator, found.fix);
    const env = { ...environmentOf(simulator), PROXMOX_TOKEN_ID: `${tokenId}-narrow` };
    const findings = await findingsOf(env, "privileges");
    expect(complaints(findings, ["warning", "failure"])).toEqual([]);
  });

  it("is root's and not separated may do every dangerous thing", async () => {
    await using simulator = await startSimulator();
    const { tokenId, tokenSecret } = simulator.root;
    const root = { PROXMOX_TOKEN_ID: tokenId, PROXMOX_TOKEN_SECRET: tokenSecret };

    const findings = await findingsOf({ ...environmentOf(simulator), ...root }, "privileges");
    const { details = [] } = only(findings, "warning");

    const named = details.map((line) => line.split(" ", 1)[0]);
    expect(named).toEqual(
      expect.arrayContaining([
        "Permissions.Modify",
        "Sys.Modify",
        "Sys.Console",
        "VM.Console",
        "VM.GuestAgent.Unrestricted",
        "Datastore.Allocate",
        "User.Modify",
      ]),
    );
  });
});

describe("with a backup storage", () => {
  const backups = { BACKUP_STORAGE: "local" };
  const found = async (simulator: RunningSimulator) => {
    const env = { ...environmentOf(simulator), ...backups };
    return findingsOf(env, "privileges");
  };

  it("the right to back up to it is enough, and to no other", async () => {
    await using simulator = await startSimulator();
    const { "/storage": _, ...elsewhere } = full;
    grantToken(simulator, { ...elsewhere, "/storage/local": full["/storage"] });

    const complained = complaints(await found(simulator));

    expect(complained.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "note restore: Datastore.AllocateSpace only on /storage/local; elsewhere no backup can be restored.",
    ]);
  });

  it("a token that may not back up is a failure, because then nothing is deleted", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, least);

    const failure = only(await found(simulator), "failure");

    expect(failure.message).toBe(
      "backup: VM.Backup is missing on /vms. Datastore.AllocateSpace is missing on /storage/local. So no guest can be backed up, and so none is deleted.",
    );
    typeIn(simulator, failure.fix);
    expect(complaints(await found(simulator), ["failure"])).toEqual([]);
    expect(failure.fix?.at(-1)).toContain(
      "/storage/local --roles AssistRead,AssistStorage,AssistBackupStore ",
    );
  });
});

describe("the mark on guests", () => {
  const mark = { DELETION_MARK: "true" };

  it("needs a privilege only where it was asked for", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { ...full, "/vms": full["/vms"].replace(" VM.Config.Options", "") });
    const env = { ...environmentOf(simulator), ...mark };

    expect(only(complaints(await privilegesIn(simulator)), "note").message).toMatch(/^transfer: /);
    const warning = only(await findingsOf(env, "privileges"), "warning");
    expect(warning.message).toBe(
      "mark: VM.Config.Options is missing on /vms. So guests whose deletion is scheduled are not marked.",
    );

    typeIn(simulator, warning.fix);
    expect(complaints(await findingsOf(env, "privileges"))).toEqual([]);
  });
});

describe("on Proxmox VE 8", () => {
  it("the addresses of virtual machines need VM.Monitor, which is fine to do without", async () => {
    await using simulator = await startSimulator();
    const audit = read.replace(" VM.GuestAgent.Audit", "");
    grantToken(simulator, { "/": audit, "/vms": `${audit} VM.PowerMgmt` });
    const body = JSON.stringify({ data: { version: "8.4.1", release: "8.4" } });
    const action = { kind: "answer", status: 200, body } as const;
    simulator.controls.fault({ path: "/version", times: 10, action });

    const found = complaints(await privilegesIn(simulator));

    expect(found.map(({ level }) => level)).not.toContain("warning");
    expect(found[0]?.message).toBe(
      "addresses: VM.Monitor is missing on /vms. So virtual machines are shown without their IP addresses.",
    );
    expect(found[0]?.fix).toContain(roleLine("AssistAddresses", "VM.Monitor"));
  });
});

describe("privileges that do not reach what is below", () => {
  const listing = (propagate: 0 | 1) => {
    const vms = { "VM.Audit": propagate, "VM.GuestAgent.Audit": 1, "VM.PowerMgmt": 1 };
    return { "/": { "Sys.Audit": 1 }, "/nodes": { "Sys.Audit": 1 }, "/vms": vms };
  };
  const failures = (propagate: 0 | 1) => {
    const token = { user: "agent@pve", name: "main" };
    const findings = judgePrivileges(permissionsOf(listing(propagate)), token, { major: 9 });
    return complaints(findings, ["failure"]).map(({ message }) => message);
  };

  it("are not enough", () => {
    expect(failures(1)).toEqual([]);
    expect(failures(0)).toEqual([
      "guests: VM.Audit is held on /vms itself, but not on what is below it. So no guest can be listed or looked at.",
    ]);
  });
});
