import { describe, expect, it } from "vitest";
import type { ActionReport, Outcome } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { outcomeNotes, outcomeSummary } from "#src/agent/outcome-notes.ts";
import type { Confirmer } from "#src/policy/policy.ts";

const effects = new Map([
  ["get_guest", "read"],
  ["shutdown_guest", "disruptive"],
  ["stop_guest", "disruptive"],
  ["schedule_deletion", "destructive"],
] as const);
const effectOf = (tool: string) => effects.get(tool as "get_guest");

function report(
  tool: string,
  outcome: Outcome,
  facts: Partial<ActionReport> & { readonly guest?: string } = {},
): ActionReport {
  const { guest = "web-02", ...rest } = facts;
  return { call: { tool, input: { guest } }, decision: "allow", outcome, ...rest };
}

function waiting(tool: string, summary: string, by: Confirmer = "requester"): ActionReport {
  const confirmation = { summary, by } as Confirmation;
  return report(tool, { kind: "awaiting-confirmation", confirmation }, { decision: "confirm" });
}

const failed = (message: string): Outcome => ({ kind: "failed", message });

describe("the notes below a reply", () => {
  it("say nothing of what is done or was only read", () => {
    const reports = [
      report("shutdown_guest", { kind: "done", output: {} }),
      report("shutdown_guest", { kind: "unchanged", message: "It was stopped already." }),
      report("get_guest", failed("No guest is named nobody.")),
    ];

    expect(outcomeNotes(reports, effectOf, "")).toEqual([]);
  });

  it("say what waits, deletions by that word", () => {
    const reports = [
      waiting("schedule_deletion", "Delete a for good."),
      waiting("stop_guest", "Cut the power of b."),
      waiting("schedule_deletion", "Delete c for good."),
    ];

    expect(outcomeNotes(reports, effectOf, "All deleted.")).toEqual([
      "Nothing was done yet. Waiting for your confirmation: Cut the power of b.",
      "Nothing was deleted yet. Waiting for your confirmation:\n- Delete a for good.\n- Delete c for good.",
    ]);
  });

  it("say for whom it waits, where that is somebody else", () => {
    const reports = [
      waiting("stop_guest", "Cut the power of a.", "two-persons"),
      waiting("stop_guest", "Cut the power of b.", "approver"),
    ];

    expect(outcomeNotes(reports, effectOf, "")).toEqual([
      "Nothing was done yet. Waiting for somebody else's approval: Cut the power of b.",
      "Nothing was done yet. Waiting for your confirmation and somebody else's approval: Cut the power of a.",
    ]);
  });

  it("tell what was refused from what did not come to its end", () => {
    const summary = "Shut down web-02.";
    const reports = [
      report("shutdown_guest", { kind: "denied", message: "Viewers may not." }, { summary }),
      report("shutdown_guest", failed("It still runs: UPID:1."), { summary }),
      report("shutdown_guest", failed("No guest is named web-02."), { decision: "error" }),
    ];

    expect(outcomeNotes(reports, effectOf, "Done!")).toEqual([
      "Not done: Shut down web-02. Viewers may not.",
      "Did not finish: Shut down web-02. It still runs: UPID:1.",
      "Not done: Shutdown guest web-02. No guest is named web-02.",
    ]);
  });

  it("count a tool that does not exist as a change", () => {
    const reports = [
      report("delete_guest", failed("There is no such tool."), { decision: "error" }),
    ];

    expect(outcomeNotes(reports, effectOf, "Deleted!")).toEqual([
      "Not done: Delete guest web-02. There is no such tool.",
    ]);
  });

  it("do not repeat what the reply says in the same words, nor themselves", () => {
    const denied = report("shutdown_guest", { kind: "denied", message: "Viewers may not." });

    expect(outcomeNotes([denied], effectOf, "Sorry. Viewers may not.")).toEqual([]);
    expect(outcomeNotes([denied, denied], effectOf, "Done!")).toHaveLength(1);
  });

  it("leave out a call that the model then made properly, and only that", () => {
    const wrong = { call: { tool: "shutdown_guest", input: { guest: "web-02", force: true } } };
    const error = { decision: "error" } as const;
    const done = report("shutdown_guest", { kind: "done", output: {} });
    const malformed = { call: { tool: "shutdown_guest", input: '{"guest":"web-02"' } };

    expect(
      outcomeNotes(
        [
          report("shutdown_guest", failed("No argument force."), { ...error, ...wrong }),
          report("shutdown_guest", failed("No JSON object."), { ...error, ...malformed }),
          done,
        ],
        effectOf,
        "",
      ),
    ).toEqual([]);
    expect(
      outcomeNotes(
        [report("shutdown_guest", failed("No guest."), { ...error, guest: "web-03" }), done],
        effectOf,
        "",
      ),
    ).toHaveLength(1);
  });

  it("keep every call that could not be planned while none of them was made properly", () => {
    const error = { decision: "error" } as const;
    const reports = [
      report("shutdown_guest", failed("pve1 is away."), error),
      report("shutdown_guest", failed("It is locked."), error),
    ];

    expect(outcomeNotes(reports, effectOf, "Done!")).toHaveLength(2);
  });
});

describe("the summary where the model has no words", () => {
  it("has every change and its end, and calls no planned deletion done", () => {
    const reports = [
      report("shutdown_guest", { kind: "done", output: {} }, { summary: "Shut down a." }),
      report("shutdown_guest", { kind: "unchanged", message: "b is stopped already." }),
      report("schedule_deletion", { kind: "done", output: {} }, { summary: "Delete c for good." }),
      report("shutdown_guest", failed("Timed out."), { summary: "Shut down d." }),
    ];

    expect(outcomeSummary(reports, effectOf)).toEqual([
      "Done: Shut down a.",
      "b is stopped already.",
      "Planned: Delete c for good.",
      "Did not finish: Shut down d. Timed out.",
    ]);
  });
});
