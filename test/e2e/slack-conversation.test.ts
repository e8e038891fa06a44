import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ServerReply } from "#test/support/openai-replies.ts";
import type { ServerRequest } from "#test/support/openai-server.ts";
import { startModel } from "#test/support/program-model.ts";
import { startInSlack } from "#test/support/program-slack.ts";
import { startSimulator } from "#test/support/simulator.ts";

const everything = { node: null, status: null, kind: null, tag: null, name: null };

describe("people who talk with the program in Slack", () => {
  it("are answered in threads, and only where they ask", async () => {
    const slack = await startInSlack();
    const { fake } = slack;
    const alice = fake.person("U0ALICE");
    const bob = fake.person("U0BOB");

    const question = alice.says(alice.dm, "list containers");
    const answer = await fake.waitForMessage({ thread: question.ts, matching: "test-runner" });
    expect(answer.blocks).toContainEqual(expect.objectContaining({ type: "table" }));
    // For screen readers and notifications.
    expect(answer.text).toMatch(/^103 ct test-runner pve1 stopped/m);

    const unasked = bob.says("C0GENERAL", "list containers");
    const called = alice.mentions("C0GENERAL", "how many VMs are there?");
    await fake.waitForMessage({ thread: called.ts });
    const followUp = bob.says("C0GENERAL", "which of them are running?", { thread: called.ts });
    await fake.recorder.eventually("a second answer", () => {
      return fake.messages({ thread: called.ts }).length === 2 || undefined;
    });
    const aside = bob.says("C0GENERAL", "<@U0ALICE> lunch?", { thread: called.ts });
    await sleep(300);
    for (const { ts } of [unasked, aside]) expect(fake.messages({ thread: ts })).toEqual([]);
    expect(fake.messages({ thread: called.ts })).toHaveLength(2);
    expect(fake.lastMessage({ thread: called.ts })?.text).toContain("db-primary");
    expect(followUp.ts).not.toBe(called.ts);

    await slack.leave();
  });

  it("see that a shutdown in a cluster is waited for, and may stop the waiting", async () => {
    const running = { kind: "lxc", status: "running" } as const;
    const seed = {
      nodes: [{ name: "pve1" }, { name: "pve2" }],
      guests: [
        { ...running, vmid: 101, name: "web", node: "pve1" },
        { ...running, vmid: 102, name: "cache", node: "pve2" },
      ],
    };
    await using simulator = await startSimulator(seed, { pace: 1 });
    const { url, tokenId, tokenSecret } = simulator;
    const slack = await startInSlack({
      env: { PROXMOX_URL: url, PROXMOX_TOKEN_ID: tokenId, PROXMOX_TOKEN_SECRET: tokenSecret },
    });
    const { fake } = slack;
    const alice = fake.person("U0ALICE");
    const bob = fake.person("U0BOB");
    // Time to see that it is waited for, and to press Stop, however busy the machine is.
    simulator.controls.slowTask({ type: "vzshutdown", vmid: 101, ms: 5_000 });
    simulator.controls.slowTask({ type: "vzshutdown", vmid: 102, ms: 60_000 });

    const waited = alice.says(alice.dm, "shut down web");
    const left = bob.says(bob.dm, "shut down cache");
    await expect
      .poll(() => simulator.controls.journal().map(({ path }) => path))
      .toContain("/nodes/pve2/lxc/102/status/shutdown");
    await expect.poll(() => fake.status(alice.dm, waited.ts)).toBe("is working on it…");
    bob.pressesStop(bob.dm, left.ts);
    // Which of both depends on whether it has been looked at since it was begun.
    const matching = /the task (still runs|may still run)/;
    const stopped = await fake.waitForMessage({ thread: left.ts, matching });
    const done = await fake.waitForMessage({ thread: waited.ts, matching: "Done" });

    const [upid = ""] = /UPID:pve2:\S*:vzshutdown:102:[\w@!-]+:/.exec(stopped.text) ?? [];
    expect(done.text).toBe("Done: Shut down web (CT 101 on pve1).");
    await expect.poll(() => fake.status(alice.dm, waited.ts)).toBe("");
    const task = await simulator.call("GET", `/nodes/pve2/tasks/${upid}/status`);
    expect(task.data).toMatchObject({ status: "running" });
    await slack.leave();
  });

  it("hear the model in a workspace without agents and streams, and no one else is called", async () => {
    const words =
      "Hello <!channel>, @here and <@U0BOB>: all is <https://evil.example|well> & `ok`.";
    const { env } = await startModel(({ results, lastUserText }: ServerRequest): ServerReply => {
      if (lastUserText.includes("long"))
        return { text: `${words} ${"All is well. ".repeat(1500)}The end.` };
      if (results.length > 0) return { text: words };
      return { calls: [{ name: "list_guests", args: everything }] };
    });
    const slack = await startInSlack({ env });
    const { fake } = slack;
    for (const method of ["agents.sessions.setStatus", "assistant.threads.setStatus"]) {
      fake.faults.always(method, { kind: "error", error: "unknown_method" });
    }
    fake.faults.always("chat.startStream", { kind: "error", error: "unknown_method" });
    const alice = fake.person("U0ALICE");

    const short = alice.mentions("C0GENERAL", "how is everything?");
    const answer = await fake.waitForMessage({ thread: short.ts });
    const long = alice.mentions("C0GENERAL", "tell me a long story");
    await fake.recorder.eventually("all of the story", () => {
      const told = fake.messages({ thread: long.ts }).map(({ text }) => text);
      return told.at(-1)?.endsWith("The end.") || undefined;
    });

    expect(fake.messages({ thread: long.ts }).length).toBeGreaterThan(3);
    expect(answer.text).toContain("U0BOB");
    expect(fake.calls("agents.sessions.setStatus")).toHaveLength(1);
    await slack.leave();
  });

  it("have a run's answer before the program ends", async () => {
    const { server, env } = await startModel([{ text: "Just in time.", delayMs: 1_000 }]);
    const slack = await startInSlack({ env });
    const { fake } = slack;
    const alice = fake.person("U0ALICE");

    const { ts } = alice.says(alice.dm, "how are you?");
    await expect.poll(() => server.requests.length).toBe(1);
    await slack.leave();

    expect(fake.lastMessage({ thread: ts })?.text).toBe("Just in time.");
    server.assertComplete();
  });
});
