import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { hashAction } from "#src/actions/target-hash.ts";
import { policyOf } from "#src/policy/judge.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { defaultRoles, type Roles } from "#src/policy/roles.ts";
import type { GuestTarget, OneOfDeletions, Target } from "#src/policy/target.ts";
import { aTarget } from "#test/support/actions.ts";
import { alice, bob } from "#test/support/people.ts";

function one(vmid: number, facts: Partial<OneOfDeletions> = {}, guest: Partial<GuestTarget> = {}) {
  const own = aTarget({ vmid, fingerprint: `fp-${vmid}`, ...guest });
  return {
    id: `d${vmid}`,
    requestedBy: "bob",
    dueAt: "2026-11-27T17:00:00Z",
    guest: own,
    ...facts,
  };
}

const several = (...deletions: readonly OneOfDeletions[]): Target => ({
  deletions,
  at: "2026-11-27T18:00:00Z",
  asSoonAsConfirmed: true,
});

describe("what a person approves", () => {
  const call = { tool: "release_held_deletions", input: {} };
  const hash = (target: Target) => hashAction(call, "alice", target);
  const both = hash(several(one(101), one(102)));

  it.each<[string, Target]>([
    ["one is missing", several(one(101))],
    ["one has been replaced", several(one(101), one(102, {}, { fingerprint: "fp-102-again" }))],
    ["one is another deletion", several(one(101), one(102, { id: "d9" }))],
    ["one has been moved", several(one(101), one(102, { dueAt: "2026-11-28T17:00:00Z" }))],
    ["one goes without a backup", several(one(101), one(102, { withoutBackup: true }))],
  ])("is not the same of several when %s", (_, target) => {
    expect(hash(target)).not.toBe(both);
  });

  it("is the same of several while their names, places and the hour change", () => {
    const renamed = one(102, {}, { name: "renamed", node: "pve2", tags: [] });

    expect(hash({ ...several(one(101), renamed), at: "2026-11-27T19:00:00Z" })).toBe(both);
  });

  it("is one hold, and not the next one on the same guest", () => {
    const guest = aTarget();
    const release = (since: string) => hash({ guest, hold: { requestedBy: "alice", since } });
    const placed = release("2026-11-20T12:00:00Z");

    expect(release("2026-11-20T12:00:00Z")).toBe(placed);
    expect(release("2026-11-21T12:00:00Z")).not.toBe(placed);
    expect(hash({ guest: { ...guest, hold: { by: "Alice", reason: "a court wants it" } } })).toBe(
      hash({ guest }),
    );
  });

  it("is one new owner, whoever is called by that name later", () => {
    const guest = aTarget();

    expect(hash({ guest, newOwner: "carol" })).not.toBe(hash({ guest, newOwner: "bob" }));
  });

  it("is not the same without a backup", () => {
    const guest = aTarget();

    expect(hash({ guest, withoutBackup: true })).not.toBe(hash({ guest }));
  });
});

describe("the policy on several deletions at once", () => {
  const decide = (roles: Roles, target: Target, principal = alice) =>
    policyOf({ ...simplestPolicy, roles }).evaluate({
      now: Temporal.Instant.from("2026-11-24T12:00:00Z"),
      targets: 2,
      tool: "release_held_deletions",
      effect: "destructive",
      target,
      principal,
    });

  it("has them confirmed", () => {
    expect(decide(defaultRoles, several(one(101), one(102))).kind).toBe("confirm");
  });

  it("refuses all of them for each that must not be deleted", () => {
    const target = several(
      one(101, {}, { name: "web-01", protection: true }),
      one(102, {}, { name: "web-02" }),
      one(103, {}, { name: "pihole", tags: ["protected"] }),
    );

    expect(decide(defaultRoles, target)).toEqual({
      kind: "deny",
      reason:
        "web-01 (VMID 101) cannot be deleted: its protection flag is set in Proxmox. " +
        "pihole (VMID 103) cannot be deleted: it has the tag protected.",
    });
  });

  it("counts them as one's own only when all of them are", () => {
    const roles = { operator: { release_held_deletions: "own" } } as const;
    const others = one(103, { requestedBy: "carol" }, { owner: "dave" });

    expect(decide(roles, several(one(101), one(102)), bob).kind).toBe("confirm");
    expect(decide(roles, several(one(101), others), bob)).toMatchObject({
      kind: "deny",
      reason: expect.stringContaining("Ask bob or carol or dave or an admin."),
    });
  });
});
