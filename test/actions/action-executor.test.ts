import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { AnswerResult } from "#src/actions/action-report.ts";
import { RefusedError, type Tool, type ToolContext } from "#src/actions/tool.ts";
import { PublicError } from "#src/errors.ts";
import { aTarget, countingTool, setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { alice, bob, carol } from "#test/support/people.ts";

const input = { guest: "test-runner" };

async function setUp(name: string, effect: "reversible" | "disruptive" | "destructive") {
  const { tool, state } = countingTool(name, effect);
  const parts = setUpExecutor(await testDatabase(), [tool]);
  const submit = (who = bob) => parts.executor.submit({ tool: name, input }, parts.context(who));
  const steps = async () => (await parts.audit.tail({ limit: 100 })).map(({ step }) => step);
  return { ...parts, state, submit, steps };
}

/** Has bob ask for what needs a confirmation, and returns its id. */
async function setUpPending() {
  const parts = await setUp("stop_guest", "disruptive");
  const { outcome } = await parts.submit();
  if (outcome.kind !== "awaiting-confirmation") throw new Error(`unexpected ${outcome.kind}`);
  return { ...parts, id: outcome.confirmation.id };
}

function outcomeOf(result: AnswerResult) {
  return result.accepted ? result.report.outcome : result.reason;
}

describe("a call that the policy allows", () => {
  it("is carried out, and the audit log had it before it began", async () => {
    const { submit, state, steps } = await setUp("shutdown_guest", "disruptive");

    const report = await submit();

    expect(report).toMatchObject({ decision: "allow", outcome: { kind: "done", output: "ok" } });
    expect(state.acts).toBe(1);
    expect(await steps()).toEqual(["started", "succeeded"]);
  });

  it("is not carried out when the audit log cannot be written", async () => {
    const { submit, state, audit } = await setUp("shutdown_guest", "disruptive");
    vi.spyOn(audit, "append").mockRejectedValue(new Error("disk full"));

    await expect(submit()).rejects.toThrow("disk full");
    expect(state.acts).toBe(0);
  });

  it("reports what was done even when only the outcome cannot be audited", async () => {
    const { submit, state, audit } = await setUp("shutdown_guest", "disruptive");
    const append = audit.append;
    vi.spyOn(audit, "append").mockImplementation(async (entry, admit) => {
      if (entry.step !== "started") throw new Error("disk full");
      return append(entry, admit);
    });

    expect((await submit()).outcome.kind).toBe("done");
    expect(state.acts).toBe(1);
  });

  it("records who, what, on which guest, and the task", async () => {
    const { submit, audit } = await setUp("shutdown_guest", "disruptive");

    await submit();

    const [, ended] = await audit.tail({ limit: 2, vmid: 103 });
    expect(ended).toMatchObject({
      tool: "shutdown_guest",
      input,
      principal: { id: "bob", name: "Bob", role: "operator" },
      decision: "allow",
      upid: expect.stringContaining("UPID:"),
    });
    expect(ended?.target.guest).toMatchObject({ vmid: 103, fingerprint: "fp-103" });
  });
});

describe("a call that finds nothing left to do", () => {
  it("is neither confirmed nor applied, though the policy would have it confirmed", async () => {
    const { tool, state } = countingTool("stop_guest", "disruptive");
    const stopped: Tool = {
      ...tool,
      plan: async (raw, context) => ({
        ...(await tool.plan(raw, context)),
        unchanged: "test-runner is already stopped.",
      }),
    };
    const parts = setUpExecutor(await testDatabase(), [stopped]);

    const report = await parts.executor.submit({ tool: "stop_guest", input }, parts.context(bob));

    expect(report).toMatchObject({
      decision: "allow",
      outcome: { kind: "unchanged", message: "test-runner is already stopped." },
    });
    expect(state.acts).toBe(0);
    expect(await parts.confirmations.pending()).toEqual([]);
  });
});

describe("a call that finds nothing left to do once it is approved", () => {
  it("is not applied either: what it would do by now, nobody has judged", async () => {
    const { tool, state } = countingTool("stop_guest", "disruptive");
    const done = { unchanged: undefined as string | undefined };
    const stopping: Tool = {
      ...tool,
      plan: async (raw, context) => ({ ...(await tool.plan(raw, context)), ...done }),
    };
    const parts = setUpExecutor(await testDatabase(), [stopping]);
    const { executor, audit, context } = parts;
    await executor.submit({ tool: "stop_guest", input }, context(bob));
    const [question] = await parts.confirmations.pending();

    done.unchanged = "test-runner is already stopped.";
    const answer = await executor.approve(question?.id ?? "", context(bob));

    expect(answer).toMatchObject({ accepted: true, report: { outcome: { kind: "unchanged" } } });
    expect(state.acts).toBe(0);
    const steps = (await audit.tail({ limit: 9 })).map(({ step }) => step);
    expect(steps).toEqual(["confirmation-requested", "started", "unchanged"]);
  });
});

describe("the end of the program", () => {
  it("waits for a change that is under way, until its end is in the audit log", async () => {
    const { tool } = countingTool("shutdown_guest", "disruptive");
    let finish = () => {};
    const acting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = {
      ...tool,
      plan: async (...args: Parameters<typeof tool.plan>) => {
        const plan = await tool.plan(...args);
        return { ...plan, apply: (context: ToolContext) => acting.then(() => plan.apply(context)) };
      },
    };
    const { executor, context, audit } = setUpExecutor(await testDatabase(), [slow]);
    await executor.drained();

    const submitted = executor.submit({ tool: "shutdown_guest", input }, context(bob));
    await expect.poll(async () => (await audit.tail({ limit: 1 })).length).toBe(1);
    const drained = executor.drained();
    finish();
    await drained;

    const steps = (await audit.tail({ limit: 9 })).map(({ step }) => step);
    expect(steps).toEqual(["started", "succeeded"]);
    await submitted;
  });
});

describe("a call that fails", () => {
  it("passes on a public error's sentence", async () => {
    const { submit, state, steps } = await setUp("shutdown_guest", "disruptive");
    state.fails = new PublicError("pve1 is away.");

    expect((await submit()).outcome).toMatchObject({ kind: "failed", message: "pve1 is away." });
    expect(await steps()).toEqual(["started", "failed"]);
  });

  it("keeps any other error's text to the log", async () => {
    const { submit, state } = await setUp("shutdown_guest", "disruptive");
    state.fails = new Error("token=hunter2");

    const { outcome } = await submit();

    expect(outcome).toMatchObject({ message: expect.stringMatching(/error id E-[0-9a-f]{8}/) });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });

  it("names the guest where only the plan was refused", async () => {
    const { tool } = countingTool("shutdown_guest", "disruptive");
    const target = { guest: aTarget({ lock: "backup" }) };
    const locked = {
      ...tool,
      async plan(): Promise<never> {
        throw new RefusedError("It is locked (backup).", target);
      },
    };
    const { executor, context, audit } = setUpExecutor(await testDatabase(), [locked]);

    const report = await executor.submit({ tool: "shutdown_guest", input }, context(bob));

    expect(report).toMatchObject({ decision: "error", target, outcome: { kind: "failed" } });
    expect(await audit.tail({ limit: 10, vmid: 103 })).toMatchObject([
      { step: "refused", decision: "error", message: "It is locked (backup)." },
    ]);
  });

  it.each(["reboot_cluster", "constructor", "__proto__"])(
    "says that there is no tool %s",
    async (tool) => {
      const { executor, context } = await setUp("shutdown_guest", "disruptive");

      const report = await executor.submit({ tool, input }, context(bob));

      expect(report.decision).toBe("error");
      expect(report.outcome).toMatchObject({ message: expect.stringContaining("no tool named") });
    },
  );
});

describe("a call that the policy denies", () => {
  it("does nothing, says who may, and is audited", async () => {
    const { submit, state, steps } = await setUp("shutdown_guest", "disruptive");

    const { decision, outcome } = await submit(carol);

    expect(decision).toBe("deny");
    expect(outcome).toMatchObject({ message: expect.stringContaining("operator or admin") });
    expect(state.acts).toBe(0);
    expect(await steps()).toEqual(["denied"]);
  });
});

describe("a call that needs a confirmation", () => {
  it("waits, and does nothing by itself", async () => {
    const { submit, state, steps } = await setUp("stop_guest", "disruptive");

    const { outcome } = await submit();

    expect(outcome).toMatchObject({
      kind: "awaiting-confirmation",
      confirmation: { state: "pending", summary: "stop_guest test-runner." },
    });
    expect(state.acts).toBe(0);
    expect(await steps()).toEqual(["confirmation-requested"]);
  });

  it("is carried out once its requester approves", async () => {
    const { executor, context, id, state, steps } = await setUpPending();

    const result = await executor.approve(id, context(bob));

    expect(outcomeOf(result)).toMatchObject({ kind: "done" });
    expect(state.acts).toBe(1);
    expect(await steps()).toEqual(["confirmation-requested", "started", "succeeded"]);
  });

  it("is carried out once, however often it is approved at the same time", async () => {
    const { executor, context, id, state } = await setUpPending();

    const results = await Promise.all(
      Array.from({ length: 8 }, () => executor.approve(id, context(bob))),
    );

    expect(results.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(state.acts).toBe(1);
    expect(outcomeOf(await executor.approve(id, context(bob)))).toContain(
      "already confirmed by Bob",
    );
  });

  it("refuses anybody else and stays open for its requester", async () => {
    const { executor, context, id, state } = await setUpPending();

    const stranger = await executor.approve(id, context(alice));
    expect(outcomeOf(stranger)).toContain("Only Bob");
    expect(state.acts).toBe(0);

    expect((await executor.approve(id, context(bob))).accepted).toBe(true);
    expect(state.acts).toBe(1);
  });

  it("expires after five minutes", async () => {
    const { executor, context, id, state, clock } = await setUpPending();

    clock.advance({ minutes: 5 });

    expect(outcomeOf(await executor.approve(id, context(bob)))).toContain("expired");
    expect(state.acts).toBe(0);
  });

  it("knows nothing of a forged id", async () => {
    const { executor, context, state } = await setUpPending();

    expect(outcomeOf(await executor.approve("AAAA", context(bob)))).toContain("no such question");
    expect(state.acts).toBe(0);
  });

  it.each([
    ["another guest has the VMID by then", { fingerprint: "fp-of-the-next-guest" }],
    ["the name means another guest by then", { vmid: 104 }],
    ["the guest is of another kind by then", { kind: "vm" as const }],
  ])("does nothing when %s", async (_, change) => {
    const { executor, context, id, state, confirmations } = await setUpPending();
    state.guest = aTarget(change);

    const result = await executor.approve(id, context(bob));

    expect(outcomeOf(result)).toMatchObject({
      kind: "denied",
      message: expect.stringContaining("has changed since you were asked"),
    });
    expect(state.acts).toBe(0);
    expect(await confirmations.find(id)).toMatchObject({ state: "refused" });
  });

  it("still holds when the guest only moved or was renamed", async () => {
    const { executor, context, id, state } = await setUpPending();
    state.guest = aTarget({ node: "pve2", name: "runner", tags: [] });

    expect(outcomeOf(await executor.approve(id, context(bob)))).toMatchObject({ kind: "done" });
  });

  it("asks the policy again when it is approved", async () => {
    const { executor, context, id, state } = await setUpPending();

    const demoted = { ...bob, role: "viewer" };
    const result = await executor.approve(id, context(demoted));

    expect(outcomeOf(result)).toMatchObject({ kind: "denied" });
    expect(state.acts).toBe(0);
  });

  it("does nothing once it was declined", async () => {
    const { executor, context, id, state, steps } = await setUpPending();

    expect(outcomeOf(await executor.decline(id, context(bob)))).toMatchObject({ kind: "denied" });

    expect(outcomeOf(await executor.approve(id, context(bob)))).toContain("already declined");
    expect(state.acts).toBe(0);
    expect(await steps()).toEqual(["confirmation-requested", "confirmation-declined"]);
  });

  it("is bound to its arguments: altered in the database, it is refused", async () => {
    const { tool, state } = countingTool("stop_guest", "disruptive");
    const db = await testDatabase();
    const { executor, context } = setUpExecutor(db, [tool]);
    const { outcome } = await executor.submit({ tool: "stop_guest", input }, context(bob));
    if (outcome.kind !== "awaiting-confirmation") throw new Error(outcome.kind);

    await db.updateTable("confirmation").set({ input: '{"guest":"web-02"}' }).execute();

    const result = await executor.approve(outcome.confirmation.id, context(bob));
    expect(outcomeOf(result)).toMatchObject({ kind: "denied" });
    expect(state.acts).toBe(0);
  });

  it("is asked once, however often the same is requested", async () => {
    const { submit, id, confirmations } = await setUpPending();

    const again = await submit();

    expect(again.outcome).toMatchObject({ confirmation: { id } });
    expect(await confirmations.pending()).toHaveLength(1);
  });

  it("takes an answer only from the place where it is shown", async () => {
    const { executor, context, confirmations, id, state } = await setUpPending();
    await confirmations.show(id, "C1/17.1");

    for (const place of [undefined, "C1/17.2", "C2/17.1"]) {
      const result = await executor.approve(id, { ...context(bob), place });
      expect(outcomeOf(result)).toContain("in another place");
    }
    expect(state.acts).toBe(0);

    const result = await executor.approve(id, { ...context(bob), place: "C1/17.1" });
    expect(outcomeOf(result)).toMatchObject({ kind: "done" });
  });

  it("says why an answer would not count, and answers nothing by that", async () => {
    const { executor, context, confirmations, steps, id } = await setUpPending();
    await confirmations.show(id, "C1/1.1");
    const at = (place: string) => ({ ...context(bob), place });

    expect(await executor.objectionTo(id, at("C1/1.1"))).toBeUndefined();
    expect(await executor.objectionTo(id, at("C1/2.2"))).toContain("another place");
    expect(await executor.objectionTo(id, context(alice))).toContain("Only Bob");
    expect(await executor.objectionTo("forged", at("C1/1.1"))).toContain("no such question");

    expect((await confirmations.find(id))?.state).toBe("pending");
    expect(await steps()).toEqual(["confirmation-requested", "confirmation-refused"]);
  });

  it("does nothing about an answer that was stopped after it counted", async () => {
    const { executor, context, state, confirmations, steps, id } = await setUpPending();
    const stop = new AbortController();
    const onAccepted = async () => stop.abort();

    const answered = await executor.approve(id, {
      ...context(bob),
      signal: stop.signal,
      onAccepted,
    });

    const message = "It was stopped before it was begun; nothing was done.";
    expect(answered).toMatchObject({ report: { outcome: { kind: "denied", message } } });
    expect((await steps()).at(-1)).toBe("denied");
    expect(state.acts).toBe(0);
    expect((await confirmations.find(id))?.state).toBe("refused");
  });

  it("tells that an answer counts before it acts, and of no other answer", async () => {
    const { executor, context, state, id } = await setUpPending();
    const actsBefore: number[] = [];
    const onAccepted = async () => {
      await sleep(5);
      actsBefore.push(state.acts);
    };

    await executor.approve(id, { ...context(alice), onAccepted });
    await executor.approve(id, { ...context(bob), onAccepted });
    await executor.approve(id, { ...context(bob), onAccepted });

    expect(actsBefore).toEqual([0]);
  });

  it("is outdated where it is shown once it is answered or has expired, until that is seen to", async () => {
    const { executor, context, submit, confirmations, clock, id } = await setUpPending();
    const outdated = async () => (await confirmations.outdated()).map(({ state }) => state);
    await confirmations.show(id, "C1/1.1");
    expect(await outdated()).toEqual([]);

    await executor.decline(id, { ...context(bob), place: "C1/1.1" });
    expect(await outdated()).toEqual(["denied"]);
    await confirmations.settle(id);
    expect(await outdated()).toEqual([]);

    const { outcome } = await submit();
    if (outcome.kind !== "awaiting-confirmation") throw new Error(`unexpected ${outcome.kind}`);
    clock.advance({ minutes: 5 });
    expect(await outdated()).toEqual([]);
    await confirmations.show(outcome.confirmation.id, "C1/3.3");
    expect(await outdated()).toEqual(["expired"]);
  });

  it("gives way to a newer request for the same guest, by the same person, in the same place", async () => {
    const { executor, context, confirmations, id, state } = await setUpPending();
    const other = { tool: "stop_guest", input: { guest: "103" } };

    await executor.submit(other, { ...context(bob), conversation: "elsewhere" });
    await executor.submit(other, context(alice));
    expect(await confirmations.find(id)).toMatchObject({ state: "pending" });

    await executor.submit(other, context(bob));
    expect(outcomeOf(await executor.approve(id, context(bob)))).toContain("newer request");
    expect(state.acts).toBe(0);
  });

  it("is asked once, also by two processes at the same time", async () => {
    const { tool } = countingTool("stop_guest", "disruptive");
    const db = await testDatabase();
    const processes = [setUpExecutor(db, [tool]), setUpExecutor(db, [tool])];

    await Promise.all(
      [...processes, ...processes].map(({ executor, context }) =>
        executor.submit({ tool: "stop_guest", input }, context(bob)),
      ),
    );

    expect(await processes[0]?.confirmations.pending()).toHaveLength(1);
  });

  it("plans times from when the words were said, not from when they were confirmed", async () => {
    const { tool } = countingTool("stop_guest", "disruptive");
    const askedAt: string[] = [];
    const watched = {
      ...tool,
      plan: (raw: unknown, context: Parameters<typeof tool.plan>[1]) => {
        askedAt.push(context.askedAt.toString());
        return tool.plan(raw, context);
      },
    };
    const { executor, context, clock } = setUpExecutor(await testDatabase(), [watched]);
    const { outcome } = await executor.submit({ tool: "stop_guest", input }, context(bob));
    if (outcome.kind !== "awaiting-confirmation") throw new Error(outcome.kind);

    clock.advance({ minutes: 3 });
    await executor.approve(outcome.confirmation.id, context(bob));

    expect(askedAt).toEqual(["2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"]);
  });
});
