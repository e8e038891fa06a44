import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerResult } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { objectionToDecline, openSeats, standingOf } from "#src/actions/who-answers.ts";
import type { Confirmer, Decision, Policy } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import { aTarget, countingTool, setUpExecutor } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { alice, bob, carol } from "#test/support/people.ts";

const call = { tool: "stop_guest", input: { guest: "test-runner" } };
const dora: Principal = { ...alice, id: "dora", name: "Dora" };
const people = [alice, bob, carol, dora];

/** Bob asks, alice and dora are approvers, carol is not; the policy says who has to confirm. */
async function setUp(by: Confirmer, reasons: readonly string[] = ["It is in prod."]) {
  const world = {
    decision: { kind: "confirm", by, reasons } as Decision,
    approvers: new Set(["alice", "dora"]),
    unknown: new Set<string>(),
    judged: [] as string[],
  };
  const policy: Policy = {
    evaluate({ principal }) {
      world.judged.push(principal.id);
      return world.decision;
    },
  };
  const { tool, state } = countingTool("stop_guest", "disruptive");
  const parts = setUpExecutor(
    await testDatabase(),
    [tool],
    policy,
    clockAt("2026-11-24T12:00:00Z"),
    ({ id }) => (world.unknown.has(id) ? "unknown" : world.approvers.has(id)),
  );
  const personOf = async (id: string) => people.find((one) => one.id === id) ?? carol;
  const context = (principal: Principal) => ({ ...parts.context(principal), personOf });
  const submit = async (who = bob) => (await parts.executor.submit(call, context(who))).outcome;
  const first = await submit();
  if (first.kind !== "awaiting-confirmation") throw new Error(`unexpected ${first.kind}`);
  const { id } = first.confirmation;
  const approve = async (who: Principal) =>
    outcomeOf(await parts.executor.approve(id, context(who)));
  const decline = async (who: Principal) =>
    outcomeOf(await parts.executor.decline(id, context(who)));
  const entries = async () =>
    (await parts.audit.tail({ limit: 100 })).map(
      ({ step, principal, approver }) => `${step} ${principal.id} ${approver?.id ?? "-"}`,
    );
  return { ...parts, world, state, context, submit, id, approve, decline, entries };
}

/** How an answer ended: the kind of its outcome, or the sentence why it did not count. */
function outcomeOf(result: AnswerResult): string {
  return result.accepted ? result.report.outcome.kind : result.reason;
}

describe("what an approver has to confirm", () => {
  it("is done once an approver has approved it, in the name of who asked", async () => {
    const { approve, state, world, entries } = await setUp("approver");

    expect(await approve(alice)).toBe("done");

    expect(state.acts).toBe(1);
    expect(new Set(world.judged)).toEqual(new Set(["bob"]));
    expect(await entries()).toEqual([
      "confirmation-requested bob -",
      "confirmation-given bob alice",
      "started bob alice",
      "succeeded bob alice",
    ]);
  });

  it("is not done by the click of who asked, approver or not", async () => {
    const { approve, state, world, entries } = await setUp("approver");

    expect(await approve(bob)).toContain("somebody else has to approve it");
    world.approvers.add("bob");
    expect(await approve(bob)).toContain("somebody else has to approve it");

    expect(state.acts).toBe(0);
    expect(await entries()).toContain("confirmation-refused bob bob");
    expect(await approve(alice)).toBe("done");
  });

  it("is not done by who is no approver, and says why it is asked", async () => {
    const { approve, decline, state } = await setUp("approver");

    expect(await approve(carol)).toMatch(/policy does not name you as one\. It is in prod\.$/);
    expect(await decline(carol)).toContain("Only an approver");
    expect(state.acts).toBe(0);
  });

  it("is not done by whom nobody knows to be an approver right now", async () => {
    const { approve, world, state } = await setUp("approver");
    world.unknown.add("alice");

    expect(await approve(alice)).toContain("cannot be told right now");

    expect(state.acts).toBe(0);
    world.unknown.clear();
    expect(await approve(alice)).toBe("done");
  });

  it("goes by who is an approver at that moment", async () => {
    const { approve, world } = await setUp("approver");
    world.approvers = new Set(["carol"]);

    expect(await approve(alice)).toContain("Only an approver");
    expect(await approve(carol)).toBe("done");
  });

  it("is done once for two approvers at the same moment", async () => {
    const { approve, state } = await setUp("approver");

    const outcomes = await Promise.all([approve(alice), approve(dora), approve(alice)]);

    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(state.acts).toBe(1);
  });

  it("can be withdrawn by who asked, and turned down by an approver", async () => {
    const withdrawn = await setUp("approver");
    expect(await withdrawn.decline(bob)).toBe("denied");
    expect(await withdrawn.approve(alice)).toContain("already declined by Bob");
    const turnedDown = await setUp("approver");
    expect(await turnedDown.decline(dora)).toBe("denied");

    expect(await turnedDown.entries()).toContain("confirmation-declined bob dora");
    expect(withdrawn.state.acts + turnedDown.state.acts).toBe(0);
  });

  it("is not done where nobody can say who asked", async () => {
    const { executor, context, id, state } = await setUp("approver");
    const { personOf: _, ...unaware } = context(alice);

    expect(outcomeOf(await executor.approve(id, unaware))).toContain("cannot be told here");
    expect(state.acts).toBe(0);
  });
});

describe("what two people have to confirm", () => {
  it.each([
    ["who asked first", [bob, alice]],
    ["the approver first", [alice, bob]],
  ] as const)("is done once both have approved it, %s", async (_, [one, other]) => {
    const { approve, state, entries, confirmations, id, audit } = await setUp("two-persons");

    expect(await approve(one)).toBe("awaiting-confirmation");
    expect(state.acts).toBe(0);
    expect((await confirmations.find(id))?.approvals).toMatchObject([{ by: { id: one.id } }]);
    expect(await approve(other)).toBe("done");

    expect(state.acts).toBe(1);
    expect(await entries()).toEqual([
      "confirmation-requested bob -",
      `confirmation-given bob ${one.id}`,
      `confirmation-given bob ${other.id}`,
      "started bob alice",
      "succeeded bob alice",
    ]);
    const [end] = await audit.tail({ limit: 1 });
    expect(end?.approvers).toEqual([bob, alice].map(({ id, name }) => ({ id, name })));
    expect(state.approvedBy).toEqual(end?.approvers);
  });

  it("counts nobody twice, and two approvers as one", async () => {
    const { approve, state } = await setUp("two-persons");
    expect(await approve(alice)).toBe("awaiting-confirmation");

    expect(await approve(alice)).toBe(
      "You have approved this already. Approved by Alice; waits for Bob.",
    );
    expect(await approve(dora)).toBe(
      "Alice has approved this already. Approved by Alice; waits for Bob.",
    );
    expect(state.acts).toBe(0);
  });

  it("counts who asked once, also where that is an approver", async () => {
    const { approve, world, state } = await setUp("two-persons");
    world.approvers.add("bob");
    expect(await approve(bob)).toBe("awaiting-confirmation");

    expect(await approve(bob)).toBe(
      "You have approved this already. Approved by Bob; waits for an approver.",
    );
    expect(state.acts).toBe(0);
  });

  it("is done once when all answer at the same moment", async () => {
    const { approve, state } = await setUp("two-persons");

    const outcomes = await Promise.all([bob, alice, dora, bob, alice].map(approve));

    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "awaiting-confirmation")).toHaveLength(1);
    expect(state.acts).toBe(1);
  });

  it("is not done when the approver is none any more by then", async () => {
    const { approve, world, state, confirmations, id } = await setUp("two-persons");
    await approve(alice);
    world.approvers.delete("alice");

    expect(await approve(bob)).toBe("denied");

    expect(state.acts).toBe(0);
    expect((await confirmations.find(id))?.state).toBe("refused");
  });

  it("is over once one of them turns it down, after having approved it, too", async () => {
    const { approve, decline, state } = await setUp("two-persons");
    await approve(alice);

    expect(await decline(alice)).toBe("denied");
    expect(await approve(bob)).toContain("already declined by Alice");
    expect(state.acts).toBe(0);
  });

  it("stays open for an hour, and no longer", async () => {
    const { approve, clock, state } = await setUp("two-persons");
    clock.advance({ minutes: 59 });
    expect(await approve(bob)).toBe("awaiting-confirmation");
    clock.advance({ minutes: 1 });

    expect(await approve(alice)).toContain("expired");
    expect(state.acts).toBe(0);
  });
});

describe("at the last approval", () => {
  it.each([
    ["forbids it", { kind: "deny", reason: "Not today." }, "denied"],
    ["wants two people", { kind: "confirm", by: "two-persons", reasons: [] }, "denied"],
    ["wants less", { kind: "confirm", by: "requester", reasons: [] }, "done"],
    ["wants nobody's", { kind: "allow" }, "done"],
  ] as const)("a policy that %s by then decides", async (_, decision, outcome) => {
    const { approve, world, state } = await setUp("approver");
    world.decision = decision;

    expect(await approve(alice)).toBe(outcome);
    expect(state.acts).toBe(outcome === "done" ? 1 : 0);
  });

  it("who confirmed alone does not do where an approver is wanted by then", async () => {
    const { approve, world, state } = await setUp("requester");
    world.decision = { kind: "confirm", by: "approver", reasons: [] };

    expect(await approve(bob)).toBe("denied");
    expect(state.acts).toBe(0);
  });

  it("another guest under the VMID is left alone", async () => {
    const { approve, state } = await setUp("two-persons");
    await approve(bob);
    state.guest = aTarget({ fingerprint: "fp-of-the-next-guest" });

    expect(await approve(alice)).toBe("denied");
    expect(state.acts).toBe(0);
  });

  it("an approval that cannot be audited does not count", async () => {
    const { executor, context, id, audit, confirmations } = await setUp("two-persons");
    const { append } = audit;
    audit.append = async () => Promise.reject(new Error("disk full"));

    await expect(executor.approve(id, context(alice))).rejects.toThrow("disk full");

    audit.append = append;
    expect((await confirmations.find(id))?.approvals).toEqual([]);
  });
});

describe("what was declined", () => {
  it("is not asked again for the same words, and is for newer ones", async () => {
    const { submit, decline, executor, context, clock, confirmations, state } =
      await setUp("requester");
    const words = context(bob);
    clock.advance({ seconds: 5 });
    await decline(bob);

    const again = (await executor.submit(call, words)).outcome;
    expect(again).toMatchObject({
      kind: "denied",
      message:
        "Bob has declined exactly this, so it is not asked again until Bob says something new.",
    });
    expect(await confirmations.pending()).toEqual([]);
    // In another conversation neither.
    const elsewhere = { ...words, conversation: "elsewhere" };
    expect((await executor.submit(call, elsewhere)).outcome.kind).toBe("denied");

    clock.advance({ seconds: 1 });
    expect((await submit()).kind).toBe("awaiting-confirmation");
    expect(state.acts).toBe(0);
  });

  it("by one person may be asked for by another", async () => {
    const { decline, executor, context, clock } = await setUp("requester");
    const words = context(alice);
    clock.advance({ seconds: 5 });
    await decline(bob);

    expect((await executor.submit(call, words)).outcome.kind).toBe("awaiting-confirmation");
  });
});

describe("a limit of open questions", () => {
  it("counts those of the same turn, all of which were judged before", async () => {
    const { tool } = countingTool("stop_guest", "disruptive");
    const { executor, confirmations, context } = setUpExecutor(await testDatabase(), [tool], {
      async evaluate(): Promise<Decision> {
        const open = await confirmations.pending();
        if (open.length >= 2) return { kind: "deny", reason: "Two are open." };
        return { kind: "confirm", by: "requester", reasons: [] };
      },
    });
    const ask = (guest: string) =>
      executor.prepare(
        { tool: "stop_guest", input: { guest } },
        { ...context(bob), conversation: guest },
      );

    const prepared = await Promise.all(["a", "b", "c", "d"].map(ask));
    const kinds: string[] = [];
    for (const each of prepared) kinds.push((await each.carryOut()).outcome.kind);

    expect(kinds).toEqual(["awaiting-confirmation", "awaiting-confirmation", "denied", "denied"]);
  });
});

describe("the open questions for somebody", () => {
  it("are those that wait for this person, and the person's own", async () => {
    const { executor, id, approve } = await setUp("two-persons");
    const idsFor = async (who: Principal) =>
      (await executor.openFor(who)).map((confirmation) => confirmation.id);

    expect(await idsFor(bob)).toEqual([id]);
    expect(await idsFor(alice)).toEqual([id]);
    expect(await idsFor(carol)).toEqual([]);
    await approve(alice);
    expect(await idsFor(alice)).toEqual([]);
    expect(await idsFor(bob)).toEqual([id]);
  });
});

describe("who may answer", () => {
  const person = fc.constantFrom("bob", "alice", "dora", "carol");
  const confirmer = fc.constantFrom<Confirmer>("requester", "approver", "two-persons");
  const isApprover = fc.constantFrom<boolean | "unknown">(true, false, "unknown");
  const step = fc.record({ person, isApprover });

  function asked(by: Confirmer): Confirmation {
    return {
      id: "c",
      state: "pending",
      call,
      target: {},
      hash: "h",
      summary: "Stop it.",
      conversation: "test",
      requestedBy: { id: "bob", name: "Bob" },
      requestedAt: 0,
      expiresAt: 1,
      by,
      reasons: [],
      approvals: [],
    };
  }

  it("is, whatever they try, one person for each seat, and never the requester as approver", () => {
    fc.assert(
      fc.property(confirmer, fc.array(step, { maxLength: 12 }), (by, steps) => {
        let confirmation = asked(by);
        for (const { person: id, isApprover: named } of steps) {
          const standing = standingOf(confirmation, { principal: { id }, isApprover: named });
          if (!("seat" in standing)) continue;
          const { seat } = standing;
          expect(openSeats(confirmation)).toContain(seat);
          expect(seat === "requester").toBe(id === "bob");
          if (seat === "approver") expect(named).toBe(true);
          const approval = { seat, by: { id, name: id }, at: 0 };
          confirmation = { ...confirmation, approvals: [...confirmation.approvals, approval] };
        }
        const ids = confirmation.approvals.map((approval) => approval.by.id);
        expect(new Set(ids).size).toBe(ids.length);
        if (openSeats(confirmation).length > 0) return;
        expect(ids).toHaveLength(by === "two-persons" ? 2 : 1);
        expect(ids.includes("bob")).toBe(by !== "approver");
      }),
    );
  });

  it.each([
    ["requester", "bob", false, true],
    ["requester", "alice", true, false],
    ["approver", "bob", false, true],
    ["approver", "alice", true, true],
    ["approver", "carol", false, false],
    ["approver", "carol", "unknown", false],
    ["two-persons", "bob", false, true],
    ["two-persons", "alice", true, true],
    ["two-persons", "carol", false, false],
  ] as const)("with %s to confirm, %s (approver: %s) may decline: %s", (by, id, named, may) => {
    const objection = objectionToDecline(asked(by), { principal: { id }, isApprover: named });
    expect(objection === undefined).toBe(may);
  });
});
