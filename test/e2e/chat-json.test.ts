import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chatJson, chatJsonOfProcess } from "#test/support/chat-records.ts";
import { runHere } from "#test/support/command-here.ts";
import { testFolder } from "#test/support/program.ts";

const both = "shut down web-02 and delete test-runner on friday at 18:00";
const tuesday = ["--now", "2026-11-24T12:00:00+01:00"];
const web02 = { vmid: 102, kind: "ct", name: "web-02", node: "pve1" };
const friday = "2026-11-27T17:00:00Z";
const testRunner = { vmid: 103, kind: "ct", name: "test-runner", node: "pve1", at: friday };

describe("chat --json", () => {
  it("shuts down at once, and lets the deletion wait", async () => {
    const { exitCode, records, stderr } = await chatJsonOfProcess([both, "what is scheduled?"], {
      args: tuesday,
    });

    const [record, scheduled] = records;
    const [shutdown, deletion] = record?.calls ?? [];
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(record).toMatchObject({ input: both, user: "alice", model: "offline-planner" });
    expect(record?.now).toMatch(/^2026-11-24T11:00:0/);
    expect(shutdown).toMatchObject({
      tool: "shutdown_guest",
      args: { guest: "web-02" },
      decision: "allow",
      target: web02,
      outcome: { kind: "done", upid: expect.stringContaining(":vzshutdown:102:") },
    });
    const [confirmation] = record?.confirmations ?? [];
    expect(deletion).toEqual({
      tool: "schedule_deletion",
      args: { guest: "test-runner", when: "friday at 18:00" },
      decision: "confirm",
      target: testRunner,
      outcome: { kind: "awaiting-confirmation", confirmationId: confirmation?.id },
    });
    expect(confirmation).toMatchObject({
      tool: "schedule_deletion",
      target: testRunner,
      state: "pending",
    });
    expect(confirmation?.expiresAt).toMatch(/^2026-11-24T11:05:0/);
    expect(confirmation?.summary).toContain("Fri 27 Nov 2026, 18:00 CET (Europe/Berlin)");
    expect(record?.reply).toContain("Nothing was deleted yet.");
    expect(scheduled?.reply).toBe("No deletion is scheduled.");
  });

  it("schedules with --approve", async () => {
    const { records } = await chatJson([both, "what is scheduled?"], {
      args: [...tuesday, "--approve"],
    });

    const [record, scheduled] = records;
    expect(record?.calls[1]).toMatchObject({ decision: "confirm", outcome: { kind: "done" } });
    expect(record?.confirmations).toMatchObject([{ state: "approved", target: testRunner }]);
    expect(scheduled?.reply).toContain("test-runner");
  });

  it("says on standard error what people are told without having asked", async () => {
    const { records, stderr } = await chatJson([both], { args: [...tuesday, "--approve"] });

    expect(records).toHaveLength(1);
    const notices = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(notices).toEqual([
      {
        type: "notice",
        to: "channel",
        message: expect.stringContaining("test-runner (CT 103 on pve1) is scheduled for deletion"),
        at: expect.stringMatching(/^2026-11-24T11:00:/),
      },
    ]);
  });

  it("schedules nothing with --deny", async () => {
    const { exitCode, records } = await chatJson([both, "what is scheduled?"], {
      args: ["--deny"],
    });

    const [record, scheduled] = records;
    expect(exitCode).toBe(0);
    expect(record?.calls[1]).toMatchObject({ decision: "confirm", outcome: { kind: "denied" } });
    expect(record?.confirmations).toMatchObject([{ state: "denied" }]);
    expect(scheduled?.reply).toBe("No deletion is scheduled.");
  });

  it("lets a viewer change nothing, and answers all the same", async () => {
    const { exitCode, records } = await chatJson([both, "list containers"], {
      args: ["--user", "carol", "--approve"],
    });

    const [record, list] = records;
    expect(exitCode).toBe(0);
    expect(record?.user).toBe("carol");
    expect(record?.confirmations).toEqual([]);
    expect(record?.calls).toMatchObject([
      { decision: "deny", target: web02, outcome: { kind: "denied" } },
      { decision: "deny", target: { vmid: 103 }, outcome: { kind: "denied" } },
    ]);
    expect(list?.reply).toMatch(/102\s+ct\s+web-02\s+pve1\s+running/);
  });

  it("refuses to delete what is off limits, with the reason", async () => {
    const reasons = {
      104: "it has the tag protected",
      202: "its protection flag is set",
      9000: "it is a template",
      111: "it is locked (backup)",
      112: "it is managed by HA",
    };
    const { records } = await chatJson(
      Object.keys(reasons).map((vmid) => `delete ${vmid}`),
      { args: ["--approve"] },
    );

    const refused = records.map(({ calls: [call], confirmations }) => {
      const message = call?.outcome.message ?? "";
      return { vmid: call?.target?.vmid, decision: call?.decision, message, confirmations };
    });
    expect(refused).toEqual(
      Object.entries(reasons).map(([vmid, reason]) => ({
        vmid: Number(vmid),
        decision: "deny",
        message: expect.stringContaining(reason),
        confirmations: [],
      })),
    );
  });

  it("asks which guest of a name is meant, and never takes one VMID for another", async () => {
    const { records } = await chatJson(["start staging", "shut down 101", "shut down 10"]);

    const [question, exact, unknown] = records;
    expect(question?.calls).toEqual([]);
    expect(question?.reply).toMatch(/110[\s\S]*210/);
    expect(exact?.calls).toMatchObject([{ target: { vmid: 101 }, outcome: { kind: "done" } }]);
    expect(unknown?.calls.filter(({ outcome }) => outcome.kind === "done")).toEqual([]);
  });

  it("says unchanged of a guest that is already in the wanted state", async () => {
    const { records } = await chatJson(["start web-01"]);

    expect(records[0]?.calls).toMatchObject([
      { decision: "allow", target: { vmid: 101 }, outcome: { kind: "unchanged" } },
    ]);
  });

  it("keeps lines of one conversation together, and with --each apart", async () => {
    const lines = ["shut down web-02", "start it again"];
    const [together, apart] = await Promise.all([
      chatJson(lines),
      chatJson(["shut down web-02", "shut down web-02"], { args: ["--each"] }),
    ]);

    expect(together.records[1]?.calls).toMatchObject([
      { tool: "start_guest", target: { vmid: 102 }, outcome: { kind: "done" } },
    ]);
    expect(apart.records.map(({ calls }) => calls[0]?.outcome.kind)).toEqual(["done", "done"]);
  });

  it("takes the user's own time zone, unless another is asked for", async () => {
    const line = "delete test-runner on friday at 18:00";
    const dueFor = async (...args: string[]) => {
      const { records } = await chatJson([line], { args: [...tuesday, ...args] });
      return records[0]?.calls[0]?.target?.at;
    };

    expect(
      await Promise.all([dueFor("--user", "bob"), dueFor("--timezone", "Asia/Tokyo")]),
    ).toEqual(["2026-11-27T23:00:00Z", "2026-11-27T09:00:00Z"]);
  });

  it("takes its world from a seed", async () => {
    const folder = await testFolder();
    const guest = { vmid: 500, kind: "lxc", name: "lonely", node: "n1", status: "running" };
    const user = { id: "zoe", name: "Zoe", role: "operator", timezone: "Europe/Paris" };
    const seed = { nodes: [{ name: "n1" }], guests: [guest], users: [user] };
    await writeFile(join(folder, "seed.json"), JSON.stringify(seed));

    const { records } = await chatJson(["shut down lonely"], {
      args: ["--seed", join(folder, "seed.json"), "--user", "zoe"],
    });

    expect(records[0]).toMatchObject({
      user: "zoe",
      calls: [{ target: { vmid: 500, node: "n1" }, outcome: { kind: "done" } }],
    });
  });

  it("keeps nothing, unless it is told where", async () => {
    const folder = await testFolder();
    await chatJsonOfProcess([both], { folder, args: ["--approve"] });
    expect(await readdir(folder)).toEqual([]);

    const env = { DATABASE_PATH: join(folder, "kept.db") };
    await chatJson([both], { env, args: ["--approve"] });
    const { records } = await chatJson(["what is scheduled?"], { env });
    expect(records[0]?.reply).toContain("test-runner");
  });

  it.each([
    ["--nope"],
    ["--now", "yesterday"],
    ["--now", "2026-11-24T12:00:00"],
    ["--timezone", "Mars"],
    ["--approve", "--deny"],
    ["surplus"],
  ])("answers wrong usage with exit code 2: %s %s", async (...args) => {
    const { exitCode, records, stderr } = await chatJson(["list containers"], {
      args: args.filter(Boolean),
    });

    expect({ exitCode, records }).toEqual({ exitCode: 2, records: [] });
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    ["an unknown user", ["--user", "mallory"], "There is no user mallory; there are alice"],
    [
      "a seed that is not there",
      ["--seed", "nowhere.json"],
      "The seed nowhere.json cannot be read",
    ],
  ])("answers %s with one sentence and exit code 1", async (_, args, sentence) => {
    const { exitCode, stdout, stderr } = await runHere("chat", ["list containers"], {
      args: ["--json", ...args],
    });

    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
