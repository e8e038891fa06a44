import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { chatJson } from "#test/support/chat-records.ts";
import { runHere } from "#test/support/command-here.ts";
import { startDemoCluster } from "#test/support/demo-cluster.ts";
import { runProgram, startProgram, testFolder } from "#test/support/program.ts";

/** A database in which the program has left its entries twice. */
async function setUp() {
  const folder = await testFolder();
  const start = { folder, env: { DATABASE_PATH: join(folder, "agent.db") } };
  await chatJson(["shut down web-02", "stop web-01"], { ...start, args: ["--deny"] });
  await chatJson(["delete test-runner on friday"], { ...start, args: ["--approve"] });
  const audit = (...args: string[]) => runHere("audit", [], { ...start, args });
  const auditOfProcess = (...args: string[]) => runProgram("audit", [], { ...start, args });
  return { folder, audit, auditOfProcess };
}

describe("npm run audit", () => {
  it("shows who did what, and that nobody changed it since", async () => {
    const { audit, auditOfProcess } = await setUp();

    const [verify, tail, ofGuest, json] = await Promise.all([
      auditOfProcess("verify"),
      audit(),
      audit("tail", "--guest", "103"),
      audit("tail", "--json"),
    ]);

    expect(verify).toMatchObject({ exitCode: 0, stderr: "" });
    expect(verify.stdout).toMatch(
      /^The audit log is intact: 7 entries, last hash [0-9a-f]{64}\.\n$/,
    );
    expect(tail.stdout).toContain("vzshutdown:102");
    expect(ofGuest.stdout).toContain("test-runner");
    expect(ofGuest.stdout).not.toMatch(/web-0/);
    const records = json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.at(-1)).toMatchObject({
      step: "succeeded",
      tool: "schedule_deletion",
      principal: { id: "alice" },
      approver: { id: "alice" },
      target: { guest: { vmid: 103 } },
    });
    expect(records[0]).toMatchObject({ step: "started", promptVersion: expect.any(String) });
  });

  it.each([
    ["changed", "UPDATE audit SET entry = replace(entry, 'alice', 'carol') WHERE seq = 2", 2],
    ["removed", "DELETE FROM audit WHERE seq = 3", 4],
    ["slipped in", "UPDATE audit SET at = at + 1 WHERE seq = 7", 7],
  ])("ends with exit code 1 once an entry was %s", async (_, tampering, brokenAt) => {
    const { folder, audit } = await setUp();
    const db = new Database(join(folder, "agent.db"));
    for (const { name } of db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .all() as { name: string }[]) {
      db.exec(`DROP TRIGGER "${name}"`);
    }
    db.exec(tampering);
    db.close();

    const { exitCode, stdout } = await audit("verify");

    expect(exitCode).toBe(1);
    expect(stdout).toContain(`The audit log was changed: entry ${brokenAt}`);
  });

  it("shows what came from outside on one line, without what a terminal would obey", async () => {
    const { folder, audit } = await setUp();
    const db = new Database(join(folder, "agent.db"));
    const entry = {
      actionId: "a1",
      step: "failed",
      tool: "start_guest",
      target: {},
      principal: { id: "bob", name: "Bob\u001b[2J", role: "operator" },
      message: "no\u202espace\nleft",
    };
    db.prepare(
      "INSERT INTO audit (at, entry, tool, person, person_name, previous_hash, hash) VALUES (0, ?, '', '', '', 'p', 'h')",
    ).run(JSON.stringify(entry));
    db.close();

    const { stdout } = await audit("--limit", "1");

    expect(stdout).toBe("1970-01-01T00:00:00Z Bob [2J start_guest: failed, no space left\n");
  });

  it("exports every entry of a time, and an export can be checked without the database", async () => {
    const { folder, audit } = await setUp();
    const path = join(folder, "log.jsonl");
    const [verify, exported] = await Promise.all([
      audit("verify"),
      audit("export", "--since", "the last hour", "--until", "now", "--out", path),
    ]);
    expect(exported).toMatchObject({ exitCode: 0, stdout: `Exported 7 entries to ${path}.\n` });
    const text = await readFile(path, "utf8");
    const lines = text.trim().split("\n");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      seq: 7,
      hash: /last hash (\w+)/.exec(verify.stdout)?.[1],
      previousHash: JSON.parse(lines.at(-2) ?? "").hash,
      entry: { tool: "schedule_deletion", step: "succeeded" },
    });

    await rm(join(folder, "agent.db"));
    await writeFile(join(folder, "part.jsonl"), lines.slice(2).join("\n"));
    await writeFile(join(folder, "gap.jsonl"), lines.toSpliced(3, 1).join("\n"));
    await writeFile(
      join(folder, "changed.jsonl"),
      text.replace('"bob"', '"eve"').replaceAll("103", "104"),
    );
    await writeFile(join(folder, "other.jsonl"), "{}\n");
    const [whole, part, gap, changed, other, missing, again] = await Promise.all([
      audit("verify", path),
      audit("verify", join(folder, "part.jsonl")),
      audit("verify", join(folder, "gap.jsonl")),
      audit("verify", join(folder, "changed.jsonl")),
      audit("verify", join(folder, "other.jsonl")),
      audit("verify", join(folder, "missing.jsonl")),
      audit("export", "--out", path),
    ]);

    expect(whole.stdout).toContain("is intact: 7 entries from the first of the log on, last hash");
    expect(part).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("5 entries after") });
    expect(gap).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("entry 5 does not") });
    expect(changed).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("was changed") });
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Line 1 is no") });
    expect(missing).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("be read (ENOENT"),
    });
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("there already") });
  });

  it("exports to standard output what is asked for by time", async () => {
    const { audit, auditOfProcess } = await setUp();

    const [all, none] = await Promise.all([
      auditOfProcess("export"),
      audit("export", "--until", "2020-01-01"),
    ]);

    expect(all.stdout.trim().split("\n")).toHaveLength(7);
    expect(none).toMatchObject({ exitCode: 0, stdout: "" });
  });

  it("says so where there is no entry", async () => {
    const { audit } = await setUp();

    expect(await audit("--guest", "999")).toMatchObject({
      exitCode: 0,
      stdout: "There is no such entry in the audit log.\n",
    });
  });

  it("answers wrong usage with exit code 2", async () => {
    const wrong = [
      ["frobnicate"],
      ["--guest", "web"],
      ["--limit", "9".repeat(30)],
      ["--nope"],
      ["tail", "log.jsonl"],
      ["export", "--since", "soon"],
    ];
    const folder = await testFolder();
    const start = { folder, env: { DATABASE_PATH: join(folder, "agent.db") } };
    const ended = [await runProgram("audit", [], { ...start, args: ["frobnicate"] })];
    for (const args of wrong) ended.push(await runHere("audit", [], { ...start, args }));

    expect(ended.map(({ exitCode }) => exitCode)).toEqual([2, ...wrong.map(() => 2)]);
  });

  it("knows what was begun by a process that was killed, and the next one goes on", async () => {
    const { env: cluster, folder, simulator } = await startDemoCluster({ role: "admin" });
    const start = { folder, env: cluster };
    simulator.controls.fault({ path: "*/tasks/*/status", times: 1000, action: { kind: "hang" } });
    const program = await startProgram("main", start);
    program.write("shut down web-02\n");
    const isAsked = () => simulator.controls.journal().some(({ path }) => path.includes("/tasks/"));
    await expect.poll(isAsked, { timeout: 10_000 }).toBe(true);
    program.kill("SIGKILL");
    await program.ended;
    simulator.controls.clearFaults();

    const tail = await runProgram("audit", [], { ...start, args: ["tail", "--json"] });
    const next = await runProgram("main", ["start web-02"], start);
    const verify = await runProgram("audit", [], { ...start, args: ["verify"] });

    expect(
      tail.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).step),
    ).toEqual(["started"]);
    expect(next).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Done: Start web-02"),
    });
    expect(verify).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("3 entries") });
  });
});
