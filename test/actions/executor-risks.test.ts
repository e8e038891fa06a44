import { describe, expect, it, vi } from "vitest";
import type { SubmitContext } from "#src/actions/action-journal.ts";
import type { AssessRisks } from "#src/actions/assess-risks.ts";
import type { Tool } from "#src/actions/tool.ts";
import { policyOf } from "#src/policy/judge.ts";
import type { Policy } from "#src/policy/policy.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { countingTool, setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { bob } from "#test/support/people.ts";

const input = { guest: "test-runner" };

describe("what is found out about the guests of a change", () => {
  /** An executor that knows of risks; bob has just asked for what has to be confirmed. */
  async function setUpRisks(assessRisks: AssessRisks) {
    const { tool, state } = countingTool("stop_guest", "disruptive");
    const evaluate = vi.fn<Policy["evaluate"]>(policyOf(simplestPolicy).evaluate);
    const db = await testDatabase();
    const parts = setUpExecutor(db, [tool], { evaluate }, undefined, undefined, assessRisks);
    const submit = (context: Partial<SubmitContext> = {}) =>
      parts.executor.submit({ tool: "stop_guest", input }, { ...parts.context(bob), ...context });
    return { ...parts, evaluate, state, submit };
  }

  it("is told to the policy, with how many guests the request is about", async () => {
    const facts = { busy: true, hasBackup: false };
    const { submit, evaluate } = await setUpRisks(async () => ({ facts }));

    await submit({ targets: { add: () => 4 } });

    expect(evaluate).toHaveBeenCalledWith(expect.objectContaining({ facts, targets: 4 }));
  });

  it("is found out from the person's own words, and at the approval from the card", async () => {
    const assess = vi.fn<AssessRisks>(async () => ({ facts: {} }));
    const { submit, executor, context } = await setUpRisks(assess);

    const { outcome } = await submit({ words: "stop the runner" });
    if (outcome.kind !== "awaiting-confirmation") throw new Error(`unexpected ${outcome.kind}`);
    await executor.approve(outcome.confirmation.id, context(bob));

    expect(assess.mock.calls.map(([, { words }]) => words)).toEqual([
      "stop the runner",
      "stop_guest test-runner.",
    ]);
  });

  it("refuses what could not succeed, at once and again when it was approved", async () => {
    let obstacle: string | undefined = "It is replicated.";
    const parts = await setUpRisks(async () => ({ facts: {}, obstacle }));
    const { submit, executor, context, state, audit, confirmations } = parts;

    expect(await submit()).toMatchObject({
      decision: "deny",
      outcome: { kind: "denied", message: "It is replicated." },
    });
    expect(await confirmations.pending()).toEqual([]);

    obstacle = undefined;
    const { outcome } = await submit();
    if (outcome.kind !== "awaiting-confirmation") throw new Error(`unexpected ${outcome.kind}`);
    obstacle = "A task is working on it.";
    expect(await executor.approve(outcome.confirmation.id, context(bob))).toMatchObject({
      report: { outcome: { kind: "denied", message: "A task is working on it." } },
    });
    expect(state.acts).toBe(0);
    expect((await audit.tail({ limit: 1 })).map(({ step }) => step)).toEqual(["denied"]);
  });

  it("does not hide why the policy itself refuses", async () => {
    const { submit, evaluate } = await setUpRisks(async () => ({ facts: {}, obstacle: "Locked." }));
    evaluate.mockResolvedValue({ kind: "deny", reason: "Everything is frozen." });

    expect((await submit()).outcome).toMatchObject({ message: "Everything is frozen." });
  });

  it("does not stand in the way of what is done already, to which nothing is done", async () => {
    const { tool, state } = countingTool("stop_guest", "disruptive");
    const stopped: Tool = {
      ...tool,
      plan: async (raw, context) => ({
        ...(await tool.plan(raw, context)),
        unchanged: "test-runner is already stopped.",
      }),
    };
    const assess = async () => ({ facts: {}, obstacle: "A task is working on it." });
    const policy: Policy = { evaluate: () => ({ kind: "allow" }) };
    const db = await testDatabase();
    const { executor, context } = setUpExecutor(
      db,
      [stopped],
      policy,
      undefined,
      undefined,
      assess,
    );

    const report = await executor.submit({ tool: "stop_guest", input }, context(bob));

    expect(report).toMatchObject({ decision: "allow", outcome: { kind: "unchanged" } });
    expect(state.acts).toBe(0);
  });
});
