import { describe, expect, it } from "vitest";
import { createActionExecutor } from "#src/actions/action-executor.ts";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { usageReader } from "#src/app/policy-usage.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { silentLogger } from "#src/log.ts";
import { policyOf } from "#src/policy/judge.ts";
import { type PolicyDocument, simplestPolicy } from "#src/policy/policy-document.ts";
import { countingTool } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { alice, bob } from "#test/support/people.ts";

/** An executor whose policy counts, as the program's does. */
async function setUp(limits: PolicyDocument["limits"]) {
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const confirmations = createConfirmationStore(db, clock);
  const audit = createAuditLog(db, clock);
  const { tool, state } = countingTool("schedule_deletion", "destructive");
  const document = { ...simplestPolicy, limits };
  const usageOf = usageReader({ tools: [tool], confirmations, audit, clock });
  const executor = createActionExecutor({
    tools: [tool],
    policy: {
      async evaluate(request) {
        const usage = await usageOf(document, request);
        return policyOf(document).evaluate({ ...request, usage });
      },
    },
    limits: () => document.limits,
    confirmations,
    audit,
    clock,
    log: silentLogger,
  });
  const { signal } = new AbortController();
  const contextOf = (principal = bob, conversation = "here") => {
    return { principal, conversation, askedAt: clock.now(), signal };
  };
  const ask = (guest: string, principal = bob, conversation = "here") =>
    executor.submit({ tool: tool.name, input: { guest } }, contextOf(principal, conversation));
  return { executor, confirmations, audit, clock, state, ask, contextOf };
}

/** Each in a conversation of its own. */
const five = ["a", "b", "c", "d", "e"];

describe("the limit of destructive acts", () => {
  it("lets no more begin than it says, however many are approved at once", async () => {
    const { executor, confirmations, audit, clock, state, ask, contextOf } = await setUp({
      destructivePerHour: 2,
    });
    await Promise.all(five.map((name) => ask(name, bob, name)));

    const approve = async () => {
      const open = await confirmations.pending();
      return Promise.all(open.map(({ id }) => executor.approve(id, contextOf())));
    };
    const answers = await approve();

    expect(state.acts).toBe(2);
    const outcomes = answers.map((answer) => answer.accepted && answer.report.outcome);
    const denied = outcomes.filter((outcome) => outcome && outcome.kind === "denied");
    expect(denied).toHaveLength(3);
    expect(JSON.stringify(denied)).toContain("The policy allows 2 destructive acts within an hour");
    const steps = (await audit.tail({ limit: 100 })).map(({ step }) => step);
    expect(steps.filter((step) => step === "started")).toHaveLength(2);
    expect(steps.filter((step) => step === "denied")).toHaveLength(3);

    clock.advance({ hours: 1, seconds: 1 });
    await ask("f");
    await approve();
    expect(state.acts).toBe(3);
  });

  it("is not got around by many refusals, which push what was done out of sight", async () => {
    const { executor, confirmations, audit, state, ask, contextOf } = await setUp({
      destructivePerHour: 1,
    });
    const refused = { step: "denied", tool: "schedule_deletion", input: {}, target: {} } as const;
    await ask("a");
    const [first] = await confirmations.pending();
    await executor.approve(first?.id ?? "", contextOf());
    for (let count = 1; count <= 1_000; count += 1) {
      await audit.append({ ...refused, actionId: `${count}`, principal: bob });
    }

    const { outcome } = await ask("b");

    expect(outcome).toMatchObject({ kind: "denied" });
    expect(state.acts).toBe(1);
  });

  it("says of what was approved and not begun any more that it was refused", async () => {
    const { executor, confirmations, ask, contextOf } = await setUp({ destructivePerHour: 1 });
    const asked = await Promise.all(five.slice(0, 2).map((name) => ask(name, bob, name)));
    const ids = asked.map(({ outcome }) =>
      outcome.kind === "awaiting-confirmation" ? outcome.confirmation.id : expect.fail(),
    );

    await Promise.all(ids.map((id) => executor.approve(id, contextOf())));

    const states = await Promise.all(ids.map(async (id) => (await confirmations.find(id))?.state));
    expect(states.sort()).toEqual(["approved", "refused"]);
  });
});

describe("the limit of open questions", () => {
  it("lets nobody have more open than it says, however many are asked at once", async () => {
    const { confirmations, ask } = await setUp({ openConfirmationsPerUser: 2 });

    const reports = await Promise.all([
      ...five.map((name) => ask(name, bob, name)),
      ask("x", alice, "there"),
    ]);

    const open = await confirmations.pending();
    expect(open.filter(({ requestedBy }) => requestedBy.id === "bob")).toHaveLength(2);
    expect(open.filter(({ requestedBy }) => requestedBy.id === "alice")).toHaveLength(1);
    const denied = reports.filter(({ outcome }) => outcome.kind === "denied");
    expect(denied).toHaveLength(3);
    expect(JSON.stringify(denied)).toContain("Answer those first.");
  });

  it("does not stand in the way of what was asked before", async () => {
    const { executor, confirmations, state, ask, contextOf } = await setUp({
      openConfirmationsPerUser: 1,
    });
    await ask("a");
    const [first] = await confirmations.pending();
    const approving = executor.approve(first?.id ?? "", contextOf());
    const asking = ask("b", bob, "elsewhere");

    const [answer] = await Promise.all([approving, asking]);

    expect(answer).toMatchObject({ accepted: true, report: { outcome: { kind: "done" } } });
    expect(state.acts).toBe(1);
  });
});
