import { describe, expect, it } from "vitest";
import { createPolicy, type Effect } from "#src/policy/policy.ts";
import { createDeletionRules, createRules, defaultRoles, type Roles } from "#src/policy/rules.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";
import { aTarget } from "#test/support/actions.ts";
import { alice, bob, carol } from "#test/support/people.ts";

const policy = createPolicy(createRules(defaultRoles));

function decide(who: typeof alice, tool: string, effect: Effect, target: Target = {}) {
  return policy.evaluate({ tool, effect, target, principal: who });
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

  it.each<[string, Partial<GuestTarget>, string]>([
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
    const own = createPolicy(createRules(roles));
    const kindOf = (tool: string, effect: Effect) =>
      own.evaluate({ tool, effect, target: { guest: aTarget() }, principal: alice }).kind;

    expect(kindOf("schedule_deletion", "destructive")).toBe("confirm");
    expect(kindOf("start_guest", "reversible")).toBe("allow");
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

  function evaluate(tool: string, target: Target, { mayDelete = true } = {}) {
    const due = createPolicy(createDeletionRules((id) => id === "bob" && mayDelete));
    return due.evaluate({ tool, effect: "destructive", target, principal: bob }).kind;
  }

  it.each(steps)("allows %s for a scheduled deletion and for nothing else", (tool) => {
    expect(evaluate(tool, { guest: aTarget(), deletion })).toBe("allow");
    expect(evaluate(tool, { guest: aTarget() })).toBe("deny");
  });

  it.each(steps)("refuses %s of a guest that was protected meanwhile", (tool) => {
    expect(evaluate(tool, { guest: aTarget({ protection: true }), deletion })).toBe("deny");
  });

  it.each(steps)("refuses %s for somebody who may not delete any more", (tool) => {
    const target = { guest: aTarget(), deletion };

    expect(evaluate(tool, target, { mayDelete: false })).toBe("deny");
  });

  it("lets a guest that was stopped for it be started again, whoever asked", () => {
    const target = { guest: aTarget(), deletion };

    expect(evaluate("", target, { mayDelete: false })).toBe("allow");
  });
});
