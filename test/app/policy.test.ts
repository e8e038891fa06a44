import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { createApp } from "#src/app/app.ts";
import { openPolicy } from "#src/app/policy.ts";
import { policySource } from "#src/app/policy-file.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { loadConfig } from "#src/config.ts";
import { createLogger, silentLogger } from "#src/log.ts";
import { noticeOf } from "#src/outbox/audit-notices.ts";
import type { PolicyRequest } from "#src/policy/policy.ts";
import { isAmong } from "#src/policy/who.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { databaseFile, testDatabase } from "#test/support/database.ts";
import { alice, bob } from "#test/support/people.ts";

const tools = [
  { name: "start_guest", effect: "reversible" },
  { name: "schedule_deletion", effect: "destructive" },
] as const;
const deletion = { id: "d1", requestedBy: "bob", dueAt: "2026-11-24T12:00:00Z" };

/** A policy that follows a file, in a folder of its own. */
async function setUp(text: string, open: readonly Pick<Confirmation, "requestedBy">[] = []) {
  const databasePath = databaseFile();
  const folder = dirname(databasePath);
  const file = (name: string) => join(folder, name);
  const write = (content: string, name = "policy.yaml") => writeFileSync(file(name), content);
  write(text);

  const clock = clockAt("2026-11-24T12:00:00Z");
  const db = await testDatabase();
  const audit = createAuditLog(db, clock);
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ level: "info", destination });
  const config = { policyFile: file("policy.yaml"), timeZone: "UTC" };
  const source = policySource({ config, tools });
  const confirmations = { pending: async () => open as readonly Confirmation[] };
  const deps = { source, tools, databasePath, db, confirmations, audit, clock, log };
  const policy = await openPolicy(deps);
  onTestFinished(() => policy.close());
  // The first look comes by itself.
  await policy.look();

  const request = (tool: string, facts: Partial<PolicyRequest> = {}): PolicyRequest => ({
    tool,
    effect: tools.find(({ name }) => name === tool)?.effect ?? "destructive",
    target: { guest: aTarget() },
    principal: policy.principals.find("bob"),
    now: clock.now(),
    targets: 1,
    ...facts,
  });
  return {
    ...{ policy, audit, clock, lines, file, write, deps, config },
    /** What the channel hears of the audit log. */
    told: async () =>
      (await audit.tail({ limit: 9 })).map((record) => noticeOf(record, "UTC")).filter(Boolean),
    decide: async (tool: string, facts?: Partial<PolicyRequest>) =>
      (await policy.policy.evaluate(request(tool, facts))).kind,
    decideDeletion: async (tool: string) =>
      policy.deletionPolicy.evaluate(
        request(tool, { target: { guest: aTarget(), deletion }, effect: "disruptive" }),
      ),
  };
}

const withRole = (role: string) => `users: [{ id: bob, role: ${role} }]\n`;

describe("a policy that follows its file", () => {
  it("takes over what the file says now: people, roles and rules", async () => {
    const { policy, decide, decideDeletion, write } = await setUp(withRole("viewer"));
    expect(await decide("start_guest")).toBe("deny");

    write(
      `roles: { crew: { start_guest: allow, schedule_deletion: confirm } }\n${withRole("crew")}`,
    );
    await policy.look();

    expect(await decide("start_guest")).toBe("allow");
    expect(policy.principals.find("bob").role).toBe("crew");
    expect(policy.principals.known).toHaveLength(1);
    expect(policy.document().roles).toHaveProperty("crew");
    expect((await decideDeletion("delete_guest")).kind).toBe("allow");

    write(`${withRole("operator")}rules: [{ then: deny, who: { groups: [S1], users: [bob] } }]\n`);
    await policy.look();

    expect(await decide("start_guest")).toBe("deny");
    expect(policy.principals.groupIds).toEqual(["S1"]);
    expect((await decideDeletion("delete_guest")).kind).toBe("deny");

    write(`${withRole("operator")}approvers: { roles: [operator] }\n`);
    await policy.look();

    expect(isAmong(policy.document().approvers, bob)).toBe(true);
  });

  it("looks at it by itself", async () => {
    const { decide, write } = await setUp(withRole("viewer"));

    write(withRole("operator"));

    await expect.poll(() => decide("start_guest")).toBe("allow");
  });

  it.each<[string, (file: string) => void]>([
    ["is no YAML any more", (file) => writeFileSync(file, "users: [")],
    ["has mistakes", (file) => writeFileSync(file, "users: [{ id: bob, role: king }]\nuser: 1\n")],
    ["is empty", (file) => writeFileSync(file, "")],
    ["is gone", (file) => rmSync(file)],
  ])("keeps the one before when the file %s, and says so once", async (_, spoil) => {
    const { policy, decide, file, lines, write } = await setUp(withRole("operator"));

    spoil(file("policy.yaml"));
    await policy.look();
    await policy.look();

    expect(await decide("start_guest")).toBe("allow");
    const complaints = lines.filter(({ msg }) => String(msg).includes("stays in force"));
    expect(complaints).toHaveLength(1);

    write(withRole("viewer"));
    await policy.look();
    expect(await decide("start_guest")).toBe("deny");
  });

  it("names every mistake of a file that it does not take over", async () => {
    const { policy, lines, write } = await setUp(withRole("operator"));

    write("users: [{ id: bob, role: king }]\nuser: 1\n");
    await policy.look();

    const { mistakes } = lines.find(({ msg }) => String(msg).includes("stays in force")) ?? {};
    expect(mistakes).toEqual([
      "The policy file is not valid:",
      expect.stringContaining("users[0].role"),
      expect.stringContaining('"user"'),
    ]);
  });

  it("is told of once when it has mistakes, and once when it is valid again", async () => {
    const { policy, write, told } = await setUp(withRole("viewer"));

    write(withRole("king"));
    await policy.look();
    write("users: 5\nrules: 6\nlimits: 7\nread_only: 8\nprotected: 9\n");
    await policy.look();
    write(withRole("operator"));
    await policy.look();
    write(`# Nothing else.\n${withRole("operator")}`);
    await policy.look();

    expect(await told()).toEqual([
      expect.stringMatching(/^The policy file has mistakes, .* stays in force\.\n- users.*king/s),
      expect.stringMatching(
        /^The policy file has changed, .* Changed: users\. It has 3 roles, 1 p/,
      ),
    ]);
  });

  it("names the first mistakes, and counts the others", async () => {
    const { policy, write, told } = await setUp(withRole("viewer"));

    write("users: 5\nrules: 6\nlimits: 7\nread_only: 8\nprotected: 9\n");
    await policy.look();

    const [message = ""] = await told();
    expect(message).toMatch(/users: .*\n.*rules: .*\n.*and 2 more; npm run policy -- check/s);
  });

  it("is told of at the start when it is another one than last time", async () => {
    const first = await setUp(withRole("viewer"));
    first.write(withRole("operator"));
    await first.policy.look();
    const again = () => openPolicy(first.deps);
    await (await again()).close();
    const elsewhere = policySource({ config: first.config, tools, timeZone: "Asia/Tokyo" });
    await (await openPolicy({ ...first.deps, source: elsewhere })).close();
    first.write(withRole("admin"));

    await (await again()).close();

    const said = (await first.audit.tail({ limit: 9 })).map(({ message }) => message);
    expect(said).toEqual([
      "Changed: users. It has 3 roles, 1 person, 0 rules.",
      "It has 3 roles, 1 person, 0 rules.",
    ]);
  });

  it("is told of when it was changed while the program did not run, also for the first time", async () => {
    const { deps, policy, told, write } = await setUp(withRole("viewer"));
    await policy.close();
    await (await openPolicy(deps)).close();
    expect(await told()).toEqual([]);

    write(withRole("operator"));
    await (await openPolicy(deps)).close();
    await (await openPolicy(deps)).close();
    write(withRole("viewer"));
    await (await openPolicy(deps)).close();

    expect(await told()).toEqual([
      expect.stringMatching(
        /^The policy file has changed, .* It has 3 roles, 1 person, 0 rules\.$/,
      ),
      expect.stringMatching(/^The policy file has changed/),
    ]);
  });

  it("waits until whoever writes the file has ended", async () => {
    const { policy, decide, write } = await setUp(withRole("viewer"));

    write(withRole("operator"));
    const looking = policy.look();
    await sleep(30);
    write(`${withRole("operator")}read_only: true\n`);
    await looking;
    expect(await decide("start_guest")).toBe("deny");
    expect(policy.document().readOnly).toBe(false);

    await policy.look();
    expect(policy.document().readOnly).toBe(true);
  });

  it("follows the files of VMIDs as well, of which one that is gone allows nothing", async () => {
    const list = "allowed_guests: { file: allowed.txt }\n";
    const { policy, decide, file, lines, write } = await setUp(withRole("operator") + list);
    expect(await decide("start_guest")).toBe("deny");
    expect(lines).toContainEqual(
      expect.objectContaining({ warning: expect.stringContaining("allowed_guests.file") }),
    );

    write("100-199", "allowed.txt");
    await policy.look();
    expect(await decide("start_guest")).toBe("allow");

    rmSync(file("allowed.txt"));
    await policy.look();
    expect(await decide("start_guest")).toBe("deny");
  });

  it("is refused at the start when it is not valid", async () => {
    await expect(setUp("users: [{ id: bob, role: king }]")).rejects.toThrow("users[0].role");
  });
});

describe("the policy in force", () => {
  it("denies every change while everything is frozen, also the steps of deletions", async () => {
    const { policy, decide, decideDeletion } = await setUp(withRole("operator"));

    await policy.brake.freeze(alice, "smoke");
    expect(await decide("start_guest")).toBe("deny");
    const principal = { ...bob, role: "admin" };
    expect(await decide("cancel_deletion", { effect: "reversible", principal })).toBe("allow");
    expect(await decideDeletion("shut_down_before_deletion")).toMatchObject({
      kind: "deny",
      reason: expect.stringContaining("Alice"),
    });
    expect((await decideDeletion("start_again_after_veto")).kind).toBe("allow");

    await policy.brake.release(alice);
    expect(await decide("start_guest")).toBe("allow");
    expect((await decideDeletion("shut_down_before_deletion")).kind).toBe("allow");
  });

  it("is what the program asks", async () => {
    const app = await createApp(loadConfig({ DATABASE_PATH: ":memory:" }), silentLogger);
    onTestFinished(() => app.stop());
    const submit = async () => {
      const call = { tool: "start_guest", input: { guest: "103" } };
      const { signal } = new AbortController();
      const place = { conversation: "test", askedAt: app.clock.now(), signal };
      const { judged } = await app.executor.prepare(call, {
        ...place,
        principal: app.principals.find("bob"),
      });
      return judged.decision;
    };
    expect(await submit()).toBe("allow");

    await app.policy.brake.freeze(alice, "smoke");

    expect(await submit()).toBe("deny");
  });

  it("is frozen by a file beside the database", async () => {
    const { audit, decide, file, write } = await setUp(withRole("operator"));

    write("", "FREEZE");
    expect(await decide("start_guest")).toBe("deny");

    await expect.poll(() => audit.tail({ limit: 9 })).toHaveLength(1);
    expect(await audit.tail({ limit: 9 })).toMatchObject([
      { tool: "freeze_changes", principal: { name: `the file ${file("FREEZE")}` } },
    ]);

    rmSync(file("FREEZE"));
    expect(await decide("start_guest")).toBe("allow");
  });

  it("is frozen by a signal, as long as it is open", async () => {
    const before = process.listenerCount("SIGUSR2");
    const { audit, policy, decide } = await setUp(withRole("operator"));

    process.kill(process.pid, "SIGUSR2");

    await expect.poll(() => decide("start_guest")).toBe("deny");
    await expect
      .poll(() => audit.tail({ limit: 9 }))
      .toMatchObject([{ tool: "freeze_changes", step: "succeeded", principal: { id: "SIGUSR2" } }]);
    await policy.close();
    expect(process.listenerCount("SIGUSR2")).toBe(before);
  });

  it("counts the destructive acts of the last hour", async () => {
    const limits = "limits: { destructive_per_hour: 1 }\n";
    const { audit, clock, decide } = await setUp(withRole("operator") + limits);
    const principal = { id: "alice", name: "Alice", role: "admin" };
    const record = (tool: string, step: "started" | "confirmation-requested") =>
      audit.append({ actionId: tool, step, tool, input: {}, target: {}, principal });

    await record("schedule_deletion", "confirmation-requested");
    await record("start_guest", "started");
    expect(await decide("schedule_deletion")).toBe("confirm");

    await record("schedule_deletion", "started");
    expect(await decide("schedule_deletion")).toBe("deny");
    clock.advance({ minutes: 61 });
    expect(await decide("schedule_deletion")).toBe("confirm");
  });

  it("counts the open questions of whoever asks", async () => {
    const limits = "limits: { open_confirmations_per_user: 1 }\n";
    const ofAlice = await setUp(withRole("operator") + limits, [{ requestedBy: alice }]);
    const ofBob = await setUp(withRole("operator") + limits, [{ requestedBy: bob }]);

    expect(await ofAlice.decide("schedule_deletion")).toBe("confirm");
    expect(await ofBob.decide("schedule_deletion")).toBe("deny");
  });
});
