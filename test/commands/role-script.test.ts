import { describe, expect, it, onTestFinished } from "vitest";
import { adviseRoles, type RoleOptions } from "#src/commands/doctor/role.ts";
import { loadConfig } from "#src/config.ts";
import {
  complaints,
  type Environment,
  environmentOf,
  findingsOf,
  only,
  tokenSecret,
  typeIn,
} from "#test/support/doctor.ts";
import { signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "#test/support/simulator.ts";

const deletionTokenId = "agent-delete@pve!main";

async function start(): Promise<RunningSimulator> {
  const simulator = await startSimulator(smallSeed);
  onTestFinished(() => simulator.stop());
  return simulator;
}

function twoTokens(simulator: RunningSimulator): Environment {
  return {
    ...environmentOf(simulator),
    PROXMOX_DELETE_TOKEN_ID: deletionTokenId,
    PROXMOX_DELETE_TOKEN_SECRET: tokenSecret,
    BACKUP_STORAGE: "local",
  };
}

const advise = (env: Environment, options: RoleOptions = {}) =>
  adviseRoles(loadConfig(env), options, signal);
const commandsIn = (script: readonly string[]) =>
  script.filter((line) => line !== "" && !line.startsWith("#"));

describe("the script of roles", () => {
  it("is for two tokens where nothing is configured, and says what it leaves out", async () => {
    const { script, findings } = await advise({});

    expect(findings).toEqual([]);
    expect(commandsIn(script)).toEqual([
      "pveum user add 'assistant@pve' --comment 'proxmox-agent'",
      "pveum user token add 'assistant@pve' 'main' --privsep 1",
      'pveum role add AssistRead --privs "VM.Audit Sys.Audit Pool.Audit" || pveum role modify AssistRead --privs "VM.Audit Sys.Audit Pool.Audit"',
      'pveum role add AssistAddresses --privs "VM.GuestAgent.Audit" || pveum role modify AssistAddresses --privs "VM.GuestAgent.Audit"',
      'pveum role add AssistPower --privs "VM.PowerMgmt" || pveum role modify AssistPower --privs "VM.PowerMgmt"',
      "pveum acl modify / --roles AssistRead --users 'assistant@pve' --tokens 'assistant@pve!main'",
      "pveum acl modify /vms --roles AssistRead,AssistAddresses,AssistPower --users 'assistant@pve' --tokens 'assistant@pve!main'",
      'pveum role add AssistOptions --privs "VM.Config.Options" || pveum role modify AssistOptions --privs "VM.Config.Options"',
      "pveum acl modify /vms --roles AssistRead,AssistAddresses,AssistPower,AssistOptions --users 'assistant@pve' --tokens 'assistant@pve!main'",
      "pveum user add 'assistant-delete@pve' --comment 'proxmox-agent'",
      "pveum user token add 'assistant-delete@pve' 'main' --privsep 1",
      'pveum role add AssistRead --privs "VM.Audit Sys.Audit Pool.Audit" || pveum role modify AssistRead --privs "VM.Audit Sys.Audit Pool.Audit"',
      'pveum role add AssistPower --privs "VM.PowerMgmt" || pveum role modify AssistPower --privs "VM.PowerMgmt"',
      'pveum role add AssistDelete --privs "VM.Allocate" || pveum role modify AssistDelete --privs "VM.Allocate"',
      'pveum role add AssistStorage --privs "Datastore.Audit" || pveum role modify AssistStorage --privs "Datastore.Audit"',
      "pveum acl modify / --roles AssistRead --users 'assistant-delete@pve' --tokens 'assistant-delete@pve!main'",
      "pveum acl modify /vms --roles AssistRead,AssistPower,AssistDelete --users 'assistant-delete@pve' --tokens 'assistant-delete@pve!main'",
      "pveum acl modify /storage --roles AssistRead,AssistStorage --users 'assistant-delete@pve' --tokens 'assistant-delete@pve!main'",
    ]);
    expect(script.at(-1)).toMatch(/Left out.*BACKUP_STORAGE.*DELETION_MARK/);
  });

  it("changes guests of one pool only where that is asked for, and reads all", async () => {
    const { script } = await advise({ BACKUP_STORAGE: "nas" }, { pool: "lab" });

    const granted = commandsIn(script).filter((line) => line.includes(" acl "));
    const everywhere = granted.filter((line) => / \/vms /.test(line)).join("\n");
    expect(everywhere).not.toMatch(/AssistPower|AssistDelete|AssistDisks/);
    expect(granted.join("\n")).toContain("acl modify /pool/lab --roles AssistRead,AssistPower,A");
    // Nobody can tell of which pool a guest was that is gone.
    expect(everywhere).toContain("AssistBackup");
  });

  it("names the privilege that version 8 has for addresses, apart and with its price", async () => {
    const { script } = await advise({}, { pve: 8 });

    expect(script.join("\n")).not.toContain("VM.GuestAgent");
    const title = script.findIndex((line) => line.includes("any command within virtual machines"));
    expect(script[title]).toMatch(/^# addresses: without these lines/);
    expect(script[title + 1]).toContain('role add AssistAddresses --privs "VM.Monitor"');
    expect(script.slice(0, title).join("\n")).not.toContain("AssistAddresses");
  });

  it("is for one token where that is asked for, which then can delete", async () => {
    const { script } = await advise({}, { oneToken: true });

    const tokens = script.filter((line) => line.includes("user token add"));
    expect(tokens).toEqual(["pveum user token add 'assistant@pve' 'main' --privsep 1"]);
    expect(script.join("\n")).toContain("AssistRead,AssistAddresses,AssistPower,AssistDelete");
  });

  it("may be left off at any title", async () => {
    const { script } = await advise({ BACKUP_STORAGE: "local", DELETION_MARK: "true" });
    const titles = script.flatMap((line, index) => (line === "" ? [index] : []));
    const parts = titles.map((at, index) => script.slice(at, titles[index + 1]));
    const [agent = [], transfer = [], deletion = [], ...extras] = parts;

    expect(transfer[1]).toMatch(/^# transfer: .* take the protection off guests\.$/);
    typeIn(await start(), [...agent, ...transfer]);
    expect(extras.map(([, title]) => title?.split(":")[0])).toEqual([
      "# backup",
      "# restore",
      "# restore disks",
      "# mark",
    ]);
    for (const extra of extras) {
      const simulator = await start();
      // A role that is not made before it is granted is an error.
      typeIn(simulator, [...deletion, ...extra]);
    }
  });
});

describe("the tokens that are configured", () => {
  it("are well once they have what the script gives", async () => {
    const simulator = await start();
    const env = { ...twoTokens(simulator), DELETION_MARK: "true" };
    const before = await advise(env);
    expect(before.script).toContain("pveum user add 'agent@pve' --comment 'proxmox-agent'");
    expect(only(before.findings, "failure").message).toContain("does not accept the API token");

    typeIn(simulator, before.script);

    const after = await advise(env);
    expect(complaints(after.findings)).toEqual([]);
    expect(after.script.join("\n")).not.toMatch(/user add|token add/);
    const found = await findingsOf(env);
    const complained = complaints(found, ["note", "warning", "failure"]);
    expect(complained.map(({ about }) => about)).toEqual(["database", "people"]);
    expect(found.filter(({ about }) => about === "backups")).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain(tokenSecret);
  });

  it.each([undefined, "lab"])("may be of one user (pool: %s)", async (pool) => {
    const simulator = await start();
    const env = { ...twoTokens(simulator), PROXMOX_DELETE_TOKEN_ID: "agent@pve!delete" };

    typeIn(simulator, (await advise(env, { pool })).script);

    expect(complaints((await advise(env, { pool })).findings)).toEqual([]);
  });

  it("are told apart: the agent's may not delete, the other may do nothing else", async () => {
    const simulator = await start();
    const env = twoTokens(simulator);
    typeIn(simulator, (await advise(env)).script);
    const all = "VM.Allocate VM.Console Sys.Modify VM.Clone";
    for (const [user, token] of [
      ["agent@pve", "main"],
      ["agent-delete@pve", "main"],
    ]) {
      const to = `--users '${user}' --tokens '${user}!${token}'`;
      const role = `Own --privs "${all}"`;
      typeIn(simulator, [
        `pveum role add ${role} || pveum role modify ${role}`,
        `pveum acl modify /vms --roles Own ${to}`,
      ]);
    }

    const found = complaints(await findingsOf(env), ["warning"]).filter(({ details }) => details);

    const told = found.map(({ about, details }) => ({ about, details }));
    expect(told).toEqual([
      {
        about: "privileges",
        details: [
          expect.stringMatching(/^VM\.Allocate on \/vms: destroys guests/),
          expect.stringMatching(/^VM\.Console on \/vms: /),
          expect.stringMatching(/^Sys\.Modify on \/vms: /),
          "besides: VM.Clone on /vms",
        ],
      },
      {
        about: "deletion token",
        details: [
          expect.stringMatching(/^VM\.Console on \/vms: /),
          expect.stringMatching(/^Sys\.Modify on \/vms: /),
          "besides: VM.Clone on /vms",
        ],
      },
    ]);
    expect(found[1]?.fix?.join("\n")).toContain("PROXMOX_DELETE_TOKEN_ID");
    typeIn(
      simulator,
      found.flatMap(({ fix }) => fix ?? []),
    );
    const narrow = {
      PROXMOX_TOKEN_ID: `${env.PROXMOX_TOKEN_ID}-narrow`,
      PROXMOX_DELETE_TOKEN_ID: `${deletionTokenId}-narrow`,
    };
    const left = (await findingsOf({ ...env, ...narrow })).filter(({ about }) =>
      /privileges|token/.test(about),
    );
    expect(complaints(left)).toEqual([]);
  });

  it("are asked one by one: one that is not accepted is named, the other is judged", async () => {
    const simulator = await start();
    const env = twoTokens(simulator);
    typeIn(simulator, (await advise(env)).script);
    const wrong = { ...env, PROXMOX_DELETE_TOKEN_SECRET: "not-the-secret" };

    const found = only(await findingsOf(wrong), "failure");

    expect(found.about).toBe("deletion token");
    expect(found.message).toContain("does not accept the API token");
    expect(found.fix?.join("\n")).toContain("PROXMOX_DELETE_TOKEN_ID");
    const { script } = await advise(wrong);
    expect(script.join("\n")).toContain("token add 'agent-delete@pve' 'main'");
    expect(script.join("\n")).not.toContain("token add 'agent@pve' 'main'");
  });

  it("that may change all guests are told so where only a pool's were to be", async () => {
    const simulator = await start();
    const env = twoTokens(simulator);
    typeIn(simulator, (await advise(env)).script);

    const { findings } = await advise(env, { pool: "lab" });

    const found = findings.filter(({ details }) => details);
    expect(found.map(({ details }) => details?.map((line) => line.split(":")[0]))).toEqual([
      ["VM.Config.Options on /vms", "besides"],
      ["VM.Allocate on /vms", "VM.Config.Disk on /vms", "besides"],
    ]);
  });

  it("lack what the deletions need is told to the token for deletions", async () => {
    const simulator = await start();
    const env = twoTokens(simulator);
    typeIn(simulator, (await advise(env)).script, "VM.Allocate");

    const found = only(await findingsOf(env), "failure");

    expect(found.about).toBe("deletion token");
    expect(found.message).toBe(
      "delete: VM.Allocate is missing on /vms. So no guest can be deleted.",
    );
    typeIn(simulator, found.fix);
    expect(complaints(await findingsOf(env), ["failure"])).toEqual([]);
  });
});
