import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { deletionPolicyOf } from "#src/policy/deletion-rules.ts";
import { policyOf } from "#src/policy/judge.ts";
import type { Effect } from "#src/policy/policy.ts";
import { type PolicyDocument, simplestPolicy } from "#src/policy/policy-document.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import type { Roles } from "#src/policy/roles.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";
import { aTarget } from "#test/support/actions.ts";
import { alice, bob, carol } from "#test/support/people.ts";

const policy = policyOf(simplestPolicy);
const at = { now: Temporal.Instant.from("2026-11-24T12:00:00Z"), targets: 1 };

function decide(who: typeof alice, tool: string, effect: Effect, target: Target = {}) {
  return policy.evaluate({ ...at, tool, effect, target, principal: who });
}

describe("the default policy", () => {
  it.each<[string, Effect, string, string, string]>([
    ["list_guests", "read", "allow", "allow", "allow"],
    ["start_guest", "reversible", "deny", "allow", "allow"],
    ["shutdown_guest", "disruptive", "deny", "allow", "allow"],
    ["reboot_guest", "disruptive", "deny", "allow", "allow"],
    ["stop_guest", "disruptive", "deny", "confirm", "confirm"],
    ["schedule_deletion", "destructive", "deny", "confirm", "confirm"],
    ["reschedule_deletion", "destructive", "deny", "confirm", "confirm"],
    ["release_held_deletions", "destructive", "deny", "confirm", "confirm"],
    ["restore_guest", "disruptive", "deny", "confirm", "confirm"],
    ["list_restorable_guests", "read", "allow", "allow", "allow"],
    ["delete_guest", "destructive", "deny", "deny", "deny"],
  ])("%s: viewer, operator, admin", (tool, effect, viewer, operator, admin) => {
    const target = { guest: aTarget() };
    expect(decide(carol, tool, effect, target).kind).toBe(viewer);
    expect(decide(bob, tool, effect, target).kind).toBe(operator);
    expect(decide(alice, tool, effect, target).kind).toBe(admin);
  });

  it("lets an operator cancel an own request or the deletion of an own guest, nothing else", () => {
    const deletion = { id: "d1", dueAt: "2026-11-27T18:00:00Z", requestedBy: "bob" };
    const cancel = (requestedBy: string, owner: string, who = bob) =>
      decide(who, "cancel_deletion", "reversible", {
        guest: aTarget({ owner }),
        deletion: { ...deletion, requestedBy },
      }).kind;

    expect(cancel("bob", "alice")).toBe("allow");
    expect(cancel("alice", "bob")).toBe("allow");
    expect(cancel("alice", "alice")).toBe("deny");
    expect(cancel("alice", "robert", { ...bob, owner: "robert" })).toBe("allow");
    expect(cancel("alice", "bob", { ...bob, owner: "robert" })).toBe("deny");
    expect(cancel("bob", "bob", alice)).toBe("allow");
    expect(cancel("carol", "carol", carol)).toBe("deny");
  });

  it("lets an operator hold an own guest and give it away, an admin any; giving away is confirmed", () => {
    const change = (tool: string, effect: Effect, who: typeof alice, owner?: string) =>
      decide(who, tool, effect, { guest: aTarget({ owner }) }).kind;

    expect(change("hold_guest", "reversible", bob, "Bob")).toBe("allow");
    expect(change("hold_guest", "reversible", bob, "alice")).toBe("deny");
    expect(change("hold_guest", "reversible", bob)).toBe("deny");
    expect(change("hold_guest", "reversible", alice, "bob")).toBe("allow");
    expect(change("transfer_guest", "disruptive", bob, "bob")).toBe("confirm");
    expect(change("transfer_guest", "disruptive", bob, "alice")).toBe("deny");
    expect(change("transfer_guest", "disruptive", bob)).toBe("deny");
    expect(change("transfer_guest", "disruptive", alice, "bob")).toBe("confirm");
    expect(change("transfer_guest", "disruptive", carol, "carol")).toBe("deny");
  });

  it("has a hold ended by who placed it or by an admin, whoever owns the guest", () => {
    const release = (who: typeof alice, requestedBy: string) =>
      decide(who, "release_hold", "reversible", {
        guest: aTarget({ owner: "bob" }),
        hold: { requestedBy, since: "2026-11-20T12:00:00Z" },
      }).kind;

    expect(release(bob, "bob")).toBe("confirm");
    expect(release(bob, "alice")).toBe("deny");
    expect(release(alice, "bob")).toBe("confirm");
    expect(release(carol, "carol")).toBe("deny");
  });

  it.each<[string, Partial<GuestTarget>, string]>([
    [
      "on hold",
      { hold: { by: "Alice", reason: "a court wants it" } },
      "Alice has put it on hold (a court",
    ],
    [
      "on hold for a while",
      { hold: { by: "Alice", reason: "audit", until: "2027-01-10T17:00:00Z" } },
      "until 2027-01-10 17:00 UTC (audit)",
    ],
    [
      "of which nobody knows whether it is on hold",
      { hold: { reason: "it cannot be read whether it is on hold" } },
      "cannot be read",
    ],
    ["with the tag protected", { tags: ["infra", "protected"] }, "tag protected"],
    ["with the protection flag", { protection: true }, "protection flag"],
    ["that is a template", { template: true }, "template"],
    ["that is locked", { lock: "backup" }, "locked (backup)"],
    ["that HA manages", { haManaged: true }, "HA"],
  ])("refuses to delete a guest %s, and says why", (_, facts, reason) => {
    const target = { guest: aTarget(facts) };
    for (const tool of ["schedule_deletion", "reschedule_deletion"]) {
      expect(decide(alice, tool, "destructive", target)).toEqual({
        kind: "deny",
        reason: expect.stringContaining(reason),
      });
    }
  });

  it.each<[string, string]>([
    ["at once", "allow"],
    ["for what is one's own", "own"],
  ])("has what is destructive confirmed also where a role may do it %s", (_, permission) => {
    const roles = { admin: { destructive: permission, reversible: permission } } as Roles;
    const own = policyOf({ ...simplestPolicy, roles });
    const target = { guest: aTarget({ owner: "alice" }) };
    const kindOf = (tool: string, effect: Effect) =>
      own.evaluate({ ...at, tool, effect, target, principal: alice }).kind;

    expect(kindOf("schedule_deletion", "destructive")).toBe("confirm");
    expect(kindOf("start_guest", "reversible")).toBe("allow");
  });

  it.each<[string, Target, string]>([
    ["allows it for an own guest", { guest: aTarget({ owner: "bob" }) }, "allow"],
    ["denies it for another's guest", { guest: aTarget({ owner: "alice" }) }, "deny"],
    ["denies it for a guest of nobody", { guest: aTarget({ owner: undefined }) }, "deny"],
    ["denies it where no guest is known", {}, "deny"],
  ])("of a role that may do it with what is its own %s", (_, target, kind) => {
    const own = policyOf({ ...simplestPolicy, roles: { operator: { stop_guest: "own" } } });
    const request = { ...at, tool: "stop_guest", effect: "disruptive", target } as const;

    expect(own.evaluate({ ...request, principal: bob }).kind).toBe(kind);
  });

  it("gives a role that it does not know nothing, whatever it is called", () => {
    for (const role of ["nobody", "constructor", "__proto__", ""]) {
      expect(decide({ ...alice, role }, "list_guests", "read").kind).toBe("deny");
    }
  });
});

describe("the policy of due deletions", () => {
  const deletion = { id: "d1", dueAt: "2026-11-27T18:00:00Z", requestedBy: "bob" };
  const steps = [
    "shut_down_before_deletion",
    "cut_power_before_deletion",
    "back_up_before_deletion",
    "delete_guest",
  ];
  const scheduler = { ...bob, role: "scheduler" };

  function judge(
    tool: string,
    target: Target,
    document: Partial<PolicyDocument> = {},
    known = [bob],
  ) {
    const principals = createPrincipals(known, { role: "nobody", timeZone: "UTC" });
    const due = deletionPolicyOf({ ...simplestPolicy, ...document }, principals);
    return due.evaluate({ ...at, tool, effect: "destructive", target, principal: scheduler });
  }
  const evaluate = (...args: Parameters<typeof judge>) => judge(...args).kind;

  it.each(steps)("allows %s for a scheduled deletion and for nothing else", (tool) => {
    expect(evaluate(tool, { guest: aTarget(), deletion })).toBe("allow");
    expect(evaluate(tool, { guest: aTarget() })).toBe("deny");
  });

  it.each(steps)("refuses %s of a guest that was protected meanwhile", (tool) => {
    const target = { guest: aTarget(), deletion };
    const protectedGuests = { vmids: [{ from: 103, to: 103 }], tags: [], pools: [] };

    expect(evaluate(tool, { guest: aTarget({ protection: true }), deletion })).toBe("deny");
    expect(evaluate(tool, target, { protectedGuests })).toBe("deny");
  });

  it.each(steps)("refuses %s for somebody who may not delete any more", (tool) => {
    const target = { guest: aTarget(), deletion };

    expect(evaluate(tool, target, {}, [{ ...bob, role: "viewer" }])).toBe("deny");
    expect(judge(tool, target, { rules: [{ verdict: "deny", because: "Not now." }] })).toEqual({
      kind: "deny",
      reason: "Bob may not delete guests any more: Not now.",
    });
  });

  it.each(steps)("refuses %s of a guest that has come out of reach, whoever asked", (tool) => {
    const nothing = { vmids: [], tags: [], pools: [] };
    const target = { guest: aTarget(), deletion };

    expect(evaluate(tool, target, { allowedGuests: nothing }, [])).toBe("deny");
    expect(evaluate(tool, target, {}, [])).toBe("allow");
  });

  it("lets a guest that was stopped for it be started again, whoever asked", () => {
    const target = { guest: aTarget(), deletion };
    const document = { readOnly: true, rules: [{ verdict: "deny" }] } as const;

    expect(evaluate("start_again_after_veto", target, document, [])).toBe("allow");
    expect(evaluate("remove_expired_backup", target, document, [])).toBe("deny");
  });
});
