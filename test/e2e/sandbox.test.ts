import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runProgram, startProgram, testFolder } from "#test/support/program.ts";

describe("the sandbox, read from a pipe", () => {
  it("says what it is, answers each line, and ends well", async () => {
    const folder = await testFolder();
    const lines = ["list containers", "", "shut down web-02 and delete test-runner on friday"];
    const { exitCode, stdout, stderr } = await runProgram("main", lines, { folder });

    const [first, ...answers] = stdout.split("\n");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(first).toContain("sandbox");
    expect(first).toContain("offline planner");
    expect(answers.join("\n")).toMatch(/1010\s+ct\s+build-cache/);
    expect(stdout).toContain("Done: Shut down web-02 (CT 102 on pve1).");
    expect(stdout).toContain("Nothing was deleted yet. Waiting for your confirmation: Delete");
  });

  it("keeps what only its owner may read, in data/", async () => {
    const folder = await testFolder();
    await runProgram("main", ["list containers"], { folder });

    const modes = ["sandbox.db", "sandbox.log", "sandbox.ics"].map(async (name) => {
      return (await stat(join(folder, "data", name))).mode & 0o777;
    });
    expect(await Promise.all(modes)).toEqual([0o600, 0o600, 0o600]);
    expect(await readFile(join(folder, "data/sandbox.log"), "utf8")).toContain('"user":"alice"');
  });

  it("ends well on an empty input, on --help and with words about a wrong option", async () => {
    const [empty, help, wrong] = await Promise.all([
      runProgram("main", []),
      runProgram("main", [], { args: ["--help"] }),
      runProgram("main", [], { args: ["--frobnicate"] }),
    ]);

    expect(empty.exitCode).toBe(0);
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--sandbox") });
    expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
    expect(wrong.stderr).toContain("--frobnicate");
  });

  it("leaves a configured cluster alone with --sandbox", async () => {
    const { exitCode, stdout } = await runProgram("main", ["list containers"], {
      args: ["--sandbox"],
      env: {
        PROXMOX_URL: "https://127.0.0.1:1",
        PROXMOX_TOKEN_ID: "a@pve!b",
        PROXMOX_TOKEN_SECRET: "secret",
      },
    });

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^proxmox-agent sandbox/);
    expect(stdout).toContain("Warning: The sandbox was asked for");
  });

  it("lists everything that is wrong with its settings, and shows no secret", async () => {
    const env = {
      PROXMOX_TOKEN_SECRET: "canary with a space",
      TIMEZONE: "Mars",
      LOG_LEVEL: "loud",
    };
    const { exitCode, stdout, stderr } = await runProgram("main", ["list containers"], { env });

    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    for (const name of ["PROXMOX_URL", "PROXMOX_TOKEN_ID", "TIMEZONE", "LOG_LEVEL"]) {
      expect(stderr).toContain(name);
    }
    expect(stderr).not.toContain("canary");
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "ends on %s while it waits for input",
    async (signal) => {
      const program = await startProgram("main");
      await program.shows("sandbox");

      program.kill(signal);

      expect(await program.ended).toMatchObject({ exitCode: 0, stderr: "" });
    },
  );

  it.each([
    ["that is something else", "notes.txt"],
    ["that is a folder", "."],
    ["below a file", "notes.txt/agent"],
  ])("answers a database %s with one sentence and exit code 1", async (_, path) => {
    const folder = await testFolder();
    await writeFile(join(folder, "notes.txt"), "not a database ".repeat(1000));

    const { exitCode, stdout, stderr } = await runProgram("main", ["list"], {
      folder,
      env: { DATABASE_PATH: path },
    });

    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(path);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("has no terminal obey a guest's name, tags or notes", async () => {
    const folder = await testFolder();
    const evil = "\u001b[2J\u001b]0;owned\u0007\u202e\nDone: everything.";
    const guest = { vmid: 101, kind: "lxc", node: "n1", status: "running" };
    const named = { ...guest, name: `web${evil}`, tags: [evil], owner: evil, notes: evil };
    const users = [{ id: "alice", name: "Alice", role: "admin" }];
    const seed = { nodes: [{ name: "n1" }], guests: [named], users };
    await writeFile(join(folder, "seed.json"), JSON.stringify(seed));

    const lines = ["list", "status of 101", "shut down 101", "delete 101 tomorrow"];
    const { exitCode, stdout } = await runProgram("chat", lines, {
      folder,
      args: ["--seed", "seed.json"],
    });

    expect(exitCode).toBe(0);
    expect(stdout).toContain("Waiting for your confirmation");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]|^Done: everything/m);
  });

  it("ends quietly once nobody reads along any more", async () => {
    const program = await startProgram("main");
    await program.shows("sandbox");
    program.stopReading();

    program.write("list containers\n".repeat(5));

    expect(await program.ended).toMatchObject({ stderr: "" });
  });
});
