// biome-ignore-all lint/suspicious/noThenProperty: the word of the policy file, and nobody awaits it
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { readPolicyFile } from "#src/app/policy-file.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { systemClock } from "#src/clock.ts";
import { checkPolicy } from "#src/commands/policy/check.ts";
import { explain } from "#src/commands/policy/explain.ts";
import { testTable } from "#src/commands/policy/test-table.ts";
import { loadConfig } from "#src/config.ts";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { policyJsonSchema } from "#src/policy/json-schema.ts";
import { openDatabase } from "#src/storage/database.ts";
import { runHere } from "#test/support/command-here.ts";
import { runProgram } from "#test/support/program.ts";
import { createModelTools, type ModelToolDeps } from "#tools/index.ts";

const tools = createModelTools({} as ModelToolDeps);
const known = { tools, timeZone: "UTC" };
const now = Temporal.Instant.from("2026-11-24T12:00:00Z");
const users = [
  { id: "alice", role: "admin" },
  { id: "bob", role: "operator" },
];

function yamlFile(content: object): string {
  const folder = mkdtempSync(join(tmpdir(), "policy-command-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "policy.yaml");
  writeFileSync(path, stringify(content));
  return path;
}

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runHere("policy", [], { args, env });

describe("the example", () => {
  const path = "data/policy.example.yaml";

  it("is valid without a warning, and what it expects of itself holds", async () => {
    expect((await readPolicyFile(path, known)).warnings).toEqual([]);
    expect(await testTable({ policy: path }, known, now)).toMatchObject({ ok: true });
  });

  it("begins with the schema beside it, which says what the program says", () => {
    const [first] = readFileSync(path, "utf8").split("\n");
    expect(first).toBe("# yaml-language-server: $schema=policy.schema.json");

    const schema: unknown = JSON.parse(readFileSync("data/policy.schema.json", "utf8"));
    expect(schema, "npm run policy -- schema data/policy.schema.json").toEqual(
      policyJsonSchema({ tools }),
    );
  });
});

describe("a check", () => {
  it("says how much there is, and what is probably not meant", async () => {
    const rules = [{ then: "deny" }, { do: ["stop_guest"], then: "allow" }];
    const path = yamlFile({ users, rules, denied_guests: { file: "missing.txt" } });

    expect(await checkPolicy(path, known)).toEqual([
      `${path} is valid: 3 roles, 2 users, 0 groups, 2 rules.`,
      "warning: denied_guests.file: missing.txt is of no use, so it denies every guest: it cannot be read.",
      "warning: rules[1]: it can never match, because rules[0] decides before it",
    ]);
  });

  it("looks names up in the cluster where that is wanted", async () => {
    const path = yamlFile({ users, rules: [{ guests: { nodes: ["pve9"] }, then: "deny" }] });

    expect(await checkPolicy(path, known)).toHaveLength(1);
    expect(await checkPolicy(path, known, { kind: "sandbox" })).toContain(
      "warning: rules[0]: the cluster has no node pve9",
    );
  });
});

describe("a table of expectations", () => {
  const rules = [{ guests: { tags: ["prod"] }, hours: "22:00-06:00", then: "deny" }];
  const at = "2026-11-24T23:00:00Z";
  const line = { who: "bob", do: "start_guest", guest: { vmid: 104, tags: ["prod"] } };

  it("holds where the policy decides as expected", async () => {
    const tests = [
      { ...line, expect: "allow" },
      { ...line, at, expect: "deny" },
      { ...line, at, guest: { tags: ["test"] }, expect: "allow" },
      { who: { role: "viewer" }, do: "start_guest", expect: "deny" },
      { who: "mallory", do: "read", expect: "deny" },
    ];
    const policy = yamlFile({ users, rules, tests });

    expect(await testTable({ policy }, known, now)).toEqual({
      ok: true,
      lines: ["5 of 5 expectations hold."],
    });
  });

  it("shows what is expected, what is decided instead, and why", async () => {
    const policy = yamlFile({ users, rules });
    const table = yamlFile([
      { ...line, expect: "allow" },
      { ...line, at, expect: "allow" },
    ]);

    expect(await testTable({ policy, table }, known, now)).toEqual({
      ok: false,
      lines: [
        `tests[1]: bob start_guest {"vmid":104,"tags":["prod"]} ${at}`,
        "  - allow",
        "  + deny",
        "    No. A rule of the policy forbids this.",
        "",
        "    > rules[0]  No. A rule of the policy forbids this.",
        "",
        "1 of 2 expectations hold.",
      ],
    });
  });

  it("may set facts that escalations look at", async () => {
    const facts = { backup: true, busy: true, named: true };
    const tests = [
      { ...line, do: "stop_guest", facts, expect: "confirm" },
      { ...line, do: "stop_guest", facts: { ...facts, backup: false }, expect: "two-persons" },
      { ...line, facts, guests: 4, expect: "confirm" },
    ];
    const escalations = { busy: true, no_backup: true, not_named: true, more_than: 3 };
    const policy = yamlFile({ users, approvers: { users: ["alice"] }, escalations, tests });

    expect(await testTable({ policy }, known, now)).toMatchObject({ ok: true });
  });

  it.each<[string, object, string]>([
    ["is empty", [], "expects nothing"],
    ["has mistakes", [{ who: "bob", do: "eat", expect: "maybe" }], "- tests[0].expect: "],
  ])("is refused when it %s", async (_, table, message) => {
    const files = { policy: yamlFile({ users }), table: yamlFile(table) };

    await expect(testTable(files, known, now)).rejects.toThrow(message);
  });
});

describe("an explanation", () => {
  const config = (policyFile: string) =>
    loadConfig({ POLICY_FILE: policyFile, DATABASE_PATH: ":memory:" });

  it("reads the guest live, and shows which rule decided and what came before", async () => {
    const rules = [
      { who: { users: ["alice"] }, then: "allow" },
      { guests: { tags: ["infra"] }, then: "deny", because: "Everything depends on it." },
    ];
    const question = { who: "bob", act: "stop_guest", guest: "104" };

    expect(await explain(config(yamlFile({ users, rules })), question, tools)).toEqual([
      "bob (bob), role operator: stop_guest (disruptive)",
      "pihole (CT 104 on pve1): owner alice, pool none, tags infra protected",
      "No. Everything depends on it.",
      "",
      "  rules[0]  passed over: it is not about this person",
      "> rules[1]  No. Everything depends on it.",
    ]);
  });

  it("says under which lease the guest lives", async () => {
    const leases = [{ guests: { tags: ["test"] }, default: "2w", total: "90d" }];
    const question = { who: "bob", act: "start_guest", guest: "103" };

    const [, guest, lease] = await explain(config(yamlFile({ users, leases })), question, tools);

    expect(guest).toContain("test-runner (CT 103 on pve1)");
    expect(lease).toBe("Its lease: 14 days, 90 days in all.");
  });

  it("knows people by their names as well", async () => {
    const named = [{ id: "U1", name: "Ann", role: "viewer" }, ...users];
    const question = { who: "Ann", act: "list_guests" };

    const [first, answer] = await explain(config(yamlFile({ users: named })), question, tools);
    expect(first).toBe("Ann (U1), role viewer: list_guests (read)");
    expect(answer).toBe("Yes, at once.");
  });

  it("knows which guests are on hold, and who may end that", async () => {
    const policy = yamlFile({ users });
    const DATABASE_PATH = join(policy, "..", "agent.db");
    const db = await openDatabase(DATABASE_PATH);
    onTestFinished(() => db.destroy());
    const guest = { vmid: 103, kind: "ct", name: "", node: "", fingerprint: "" } as const;
    const by = { id: "alice", name: "Alice" };
    await createHoldStore(db, systemClock).place({ guest, by, reason: "a court wants it" });
    const answerTo = async (who: string, act: string) => {
      const settings = loadConfig({ POLICY_FILE: policy, DATABASE_PATH });
      return (await explain(settings, { who, act, guest: "103" }, tools)).slice(1, 3);
    };

    expect(await answerTo("bob", "schedule_deletion")).toEqual([
      expect.stringMatching(/^test-runner .*; Alice has put it on hold \(a court wants it\)$/),
      "No. test-runner (VMID 103) cannot be deleted: Alice has put it on hold (a court wants it).",
    ]);
    expect((await answerTo("bob", "release_hold"))[1]).toMatch(/^No\. .* Ask alice or an admin\.$/);
    expect((await answerTo("alice", "release_hold"))[1]).toMatch(/^Yes, once/);
  });

  it.each([
    [{ who: "bob", act: "eat" }, "There is no tool eat"],
    [{ who: "bob", act: "stop_guest", guest: "999" }, "999"],
  ])("of %j says what there is not", async (question, message) => {
    await expect(explain(config(yamlFile({ users })), question, tools)).rejects.toThrow(message);
  });
});

describe("npm run policy", () => {
  it.each<[readonly string[], number, string]>([
    [["check", "data/policy.example.yaml"], 0, "is valid: 3 roles"],
    [["check", "/none.yaml"], 1, "/none.yaml cannot be read"],
    [["schema"], 0, '"title": "Policy of proxmox-agent"'],
    [["explain", "bob"], 2, "missing required argument"],
  ])("%j ends with %i", async (args, exitCode, message) => {
    const { stdout, stderr, ...ended } = await run(args);

    expect(ended).toEqual({ exitCode });
    expect(stdout + stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  it("ends with 1 when an expectation does not hold", async () => {
    const tests = [{ who: "bob", do: "stop_guest", expect: "allow" }];

    expect(await run(["test", yamlFile({ users, tests })])).toMatchObject({ exitCode: 1 });
  });

  it("freezes everything, which explains it, and releases it again", async () => {
    const DATABASE_PATH = join(yamlFile({}), "..", "agent.db");

    const frozen = await runProgram("policy", [], {
      args: ["freeze", "smoke", "in", "the", "rack"],
      env: { DATABASE_PATH },
    });
    expect(frozen.stdout).toMatch(/^Every change is stopped by .+ \(smoke in the rack\)/);
    const question = { who: "bob", act: "start_guest", guest: "103" };
    const explained = await explain(loadConfig({ DATABASE_PATH }), question, tools);
    expect(explained).toContain(frozen.stdout.trim());

    const released = await run(["release"], { DATABASE_PATH });
    expect(released.stdout).toBe("Nothing is stopped: changes go on.\n");

    const db = await openDatabase(DATABASE_PATH);
    onTestFinished(() => db.destroy());
    const entries = await createAuditLog(db, systemClock).tail({ limit: 9 });
    const { username: id } = userInfo();
    expect(entries).toMatchObject([
      {
        tool: "freeze_changes",
        step: "succeeded",
        principal: { id },
        message: "smoke in the rack",
      },
      { tool: "release_changes", step: "started" },
      { tool: "release_changes", step: "succeeded", principal: { id } },
    ]);
  });
});
