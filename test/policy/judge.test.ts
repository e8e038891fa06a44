// biome-ignore-all lint/suspicious/noThenProperty: the word of the policy file, and nobody awaits it
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { verdictOf } from "#src/policy/file-rule.ts";
import { judge, policyOf } from "#src/policy/judge.ts";
import type { PolicyRequest } from "#src/policy/policy.ts";
import { parsePolicyDocument } from "#src/policy/policy-document.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";
import { aTarget } from "#test/support/actions.ts";
import { alice, bob, carol } from "#test/support/people.ts";

const tools = [
  { name: "list_guests", effect: "read" },
  { name: "start_guest", effect: "reversible" },
  { name: "stop_guest", effect: "disruptive" },
  { name: "schedule_deletion", effect: "destructive" },
  { name: "restore_guest", effect: "disruptive" },
  { name: "release_hold", effect: "reversible" },
  { name: "transfer_guest", effect: "disruptive" },
] as const;

const everybody = { roles: { operator: { read: "allow", reversible: "allow" } }, users: [] };
const documentOf = (raw: object) =>
  parsePolicyDocument({ ...everybody, ...raw }, { tools, timeZone: "Europe/Berlin" });

type Facts = Partial<Omit<PolicyRequest, "tool" | "effect">>;

/** Bob, an operator, on a Tuesday at 13:00 in Berlin. */
function requestOf(tool: string, facts: Facts = {}): PolicyRequest {
  const { effect } = tools.find(({ name }) => name === tool) ?? { effect: "destructive" };
  const now = Temporal.Instant.from("2026-11-24T12:00:00Z");
  return { tool, effect, target: { guest: aTarget() }, principal: bob, now, targets: 1, ...facts };
}

const decide = (raw: object, tool: string, facts?: Facts) =>
  policyOf(documentOf(raw)).evaluate(requestOf(tool, facts));
const verdict = (raw: object, tool: string, facts?: Facts) => verdictOf(decide(raw, tool, facts));
const on = (facts: Partial<GuestTarget>): Facts => ({ target: { guest: aTarget(facts) } });
const at = (now: string): Facts => ({ now: Temporal.Instant.from(now) });

describe("a rule", () => {
  it.each<[string, object, Facts, boolean]>([
    ["everybody", {}, {}, true],
    ["a user", { who: { users: ["bob"] } }, {}, true],
    ["another user", { who: { users: ["alice"] } }, {}, false],
    ["a role", { who: { roles: ["operator"] } }, {}, true],
    ["one of several", { who: { users: ["alice"], roles: ["operator"] } }, {}, true],
    ["a group", { who: { groups: ["S1"] } }, { principal: { ...bob, groups: ["S0", "S1"] } }, true],
    [
      "another group",
      { who: { groups: ["S1"] } },
      { principal: { ...bob, groups: ["S2"] } },
      false,
    ],
    ["a group, and there are none", { who: { groups: ["S1"] } }, {}, false],
    [
      "a group, and nobody knows",
      { who: { groups: ["S1"] } },
      { principal: { ...bob, groups: "unknown" } },
      true,
    ],
    ["nobody", { who: {} }, {}, false],
  ])("is about %s", (_, who, facts, matches) => {
    const rules = [{ ...who, then: "deny" }];

    expect(verdict({ rules }, "start_guest", facts)).toBe(matches ? "deny" : "allow");
  });

  it("allows nothing to whom it means only perhaps", () => {
    const rules = [{ who: { groups: ["S1"] }, then: "allow" }];
    const groups = "unknown" as const;

    expect(verdict({ rules }, "stop_guest", { principal: { ...bob, groups } })).toBe("deny");
  });

  it.each<[string, object, string, boolean]>([
    ["every change", {}, "start_guest", true],
    ["no reading", {}, "list_guests", false],
    ["reading where it says so", { do: ["read"] }, "list_guests", true],
    ["a tool", { do: ["start_guest"] }, "start_guest", true],
    ["another tool", { do: ["stop_guest"] }, "start_guest", false],
    ["an effect", { do: ["reversible", "disruptive"] }, "start_guest", true],
    ["another effect", { do: ["destructive"] }, "start_guest", false],
    ["nothing", { do: [] }, "start_guest", false],
  ])("is about %s", (_, act, tool, matches) => {
    expect(verdict({ rules: [{ ...act, then: "deny" }] }, tool)).toBe(matches ? "deny" : "allow");
  });

  it.each<[string, object, Partial<GuestTarget>, boolean]>([
    ["a VMID", { vmids: [104] }, { vmid: 104 }, true],
    ["another VMID", { vmids: [104] }, { vmid: 105 }, false],
    ["a range's first", { vmids: ["100-199"] }, { vmid: 100 }, true],
    ["a range's last", { vmids: [99_999, "100-199"] }, { vmid: 199 }, true],
    ["what comes after a range", { vmids: ["100-199"] }, { vmid: 200 }, false],
    ["a tag", { tags: ["web", "prod"] }, { tags: ["prod"] }, true],
    ["a tag's name within another", { tags: ["prod"] }, { tags: ["production"] }, false],
    ["a pool", { pools: ["core"] }, { pool: "core" }, true],
    ["no pool", { pools: ["core"] }, {}, false],
    ["a node", { nodes: ["pve1"] }, { node: "pve1" }, true],
    ["another node", { nodes: ["pve1"] }, { node: "pve11" }, false],
    ["one's own", { owner: "self" }, { owner: "bob" }, true],
    ["somebody else's", { owner: "self" }, { owner: "alice" }, false],
    ["another's", { owner: "other" }, { owner: "alice" }, true],
    ["one's own, where another's are meant", { owner: "other" }, { owner: "Bob" }, false],
    ["nobody's, where another's are meant", { owner: "other" }, { owner: undefined }, false],
    ["nobody's", { owner: "none" }, { owner: undefined }, true],
    ["nobody's, and it is somebody's", { owner: "none" }, { owner: "bob" }, false],
    ["alice's", { owner: "alice" }, { owner: "alice" }, true],
    ["all that it says", { nodes: ["pve1"], owner: "self" }, { owner: "bob" }, true],
    ["not all that it says", { nodes: ["pve2"], owner: "self" }, { owner: "bob" }, false],
    ["no guest at all", {}, {}, false],
  ])("is about %s", (_, guests, facts, matches) => {
    const rules = [{ guests, then: "deny" }];

    expect(verdict({ rules }, "start_guest", on(facts))).toBe(matches ? "deny" : "allow");
  });

  it("about guests is not about what has none", () => {
    const rules = [{ guests: { tags: ["prod"] }, then: "deny" }];

    expect(verdict({ rules }, "start_guest", { target: {} })).toBe("allow");
  });

  it.each<[string, string, boolean]>([
    ["22:00-06:00", "2026-11-24T22:00:00+01:00", true],
    ["22:00-06:00", "2026-11-24T21:59:59+01:00", false],
    ["22:00-06:00", "2026-11-25T05:59:59+01:00", true],
    ["22:00-06:00", "2026-11-25T06:00:00+01:00", false],
    ["09:00-17:00", "2026-11-25T09:00:00+01:00", true],
    ["09:00-17:00", "2026-11-25T17:00:00+01:00", false],
  ])("is about the hours %s at %s: %s", (hours, now, matches) => {
    const rules = [{ hours, then: "deny" }];

    expect(verdict({ rules }, "start_guest", at(now))).toBe(matches ? "deny" : "allow");
  });

  it("takes a night for the day on which it began", () => {
    const rules = [{ hours: { between: "22:00-06:00", days: ["fri"] }, then: "deny" }];
    const decided = (now: string) => verdict({ rules }, "start_guest", at(now));

    expect(decided("2026-11-27T23:00:00+01:00")).toBe("deny");
    expect(decided("2026-11-28T05:00:00+01:00")).toBe("deny");
    expect(decided("2026-11-27T05:00:00+01:00")).toBe("allow");
    expect(decided("2026-11-28T23:00:00+01:00")).toBe("allow");
  });

  it("reads hours in its own time zone, and days as whole ones where it says no hours", () => {
    const tokyo = [{ hours: { between: "22:00-23:00", timezone: "Asia/Tokyo" }, then: "deny" }];
    const weekend = [{ hours: { days: ["sat", "sun"] }, then: "deny" }];

    expect(verdict({ rules: tokyo }, "start_guest", at("2026-11-24T13:30:00Z"))).toBe("deny");
    expect(verdict({ rules: weekend }, "start_guest", at("2026-11-27T23:30:00Z"))).toBe("deny");
    expect(verdict({ rules: weekend }, "start_guest", at("2026-11-27T22:30:00Z"))).toBe("allow");
  });

  it("judges the hour at which it is to happen, not the one at which it is asked for", () => {
    const rules = [{ hours: "22:00-06:00", then: "deny" }, { then: "allow" }];
    const target = (instant: string): Facts => ({ target: { guest: aTarget(), at: instant } });

    const night = target("2026-11-27T02:00:00Z");
    expect(verdict({ rules }, "schedule_deletion", night)).toBe("deny");
    expect(verdict({ rules }, "schedule_deletion", target("2026-11-27T12:00:00Z"))).toBe("confirm");
  });

  it("that cannot be evaluated denies", () => {
    const rules = [{ hours: "22:00-06:00", then: "allow" }, { then: "allow" }];
    const target: Target = { guest: aTarget(), at: "soon" };

    expect(decide({ rules }, "start_guest", { target })).toEqual({
      kind: "deny",
      reason: "The policy could not judge this, so nothing is done.",
    });
  });
});

describe("the rules", () => {
  it("go before the role, and the first one that matches wins", () => {
    const rules = [
      { who: { users: ["alice"] }, then: "deny" },
      { do: ["stop_guest"], then: "allow" },
      { do: ["stop_guest"], then: "deny" },
    ];

    expect(verdict({}, "stop_guest")).toBe("deny");
    expect(verdict({ rules }, "stop_guest")).toBe("allow");
    expect(verdict({ rules }, "start_guest")).toBe("allow");
  });

  it("say why, in their own words where they have some", () => {
    const rules = [{ do: ["stop_guest"], then: "deny", because: "It is late." }, { then: "deny" }];

    expect(decide({ rules }, "stop_guest")).toEqual({ kind: "deny", reason: "It is late." });
    expect(decide({ rules }, "start_guest")).toMatchObject({
      reason: "A rule of the policy forbids this.",
    });
  });

  it.each<[string, object]>([
    ["confirm", { kind: "confirm", by: "requester", reasons: ["Why not."] }],
    ["confirm-by-approver", { kind: "confirm", by: "approver", reasons: ["Why not."] }],
    ["two-persons", { kind: "confirm", by: "two-persons", reasons: ["Why not."] }],
  ])("can ask for %s", (then, decision) => {
    const approvers = { users: ["alice"] };
    const rules = [{ then, because: "Why not." }];

    expect(decide({ approvers, rules }, "start_guest")).toEqual(decision);
  });

  it("give nothing to who has no role", () => {
    const rules = [{ then: "allow" }];

    for (const role of ["nobody", "king", "constructor"]) {
      expect(verdict({ rules }, "start_guest", { principal: { ...bob, role } })).toBe("deny");
    }
  });

  it("judge several guests one by one, and the strictest counts", () => {
    const rules = [
      { guests: { tags: ["test"] }, then: "confirm" },
      { guests: { tags: ["prod"] }, then: "deny", because: "Not prod." },
    ];
    const one = (vmid: number, tag: string) => ({
      ...{ id: `d${vmid}`, requestedBy: "bob", dueAt: "2026-11-27T12:00:00Z" },
      guest: aTarget({ vmid, tags: [tag] }),
    });
    const target = (...tags: readonly string[]): Facts => ({
      target: { deletions: tags.map((tag, index) => one(101 + index, tag)) },
    });

    expect(verdict({ rules }, "start_guest", target("test", "test"))).toBe("confirm");
    expect(decide({ rules }, "start_guest", target("test", "prod"))).toMatchObject({
      reason: "Not prod.",
    });
    // The role decides about the second one.
    expect(verdict({ rules }, "start_guest", target("test", "other"))).toBe("confirm");
    expect(verdict({ rules }, "stop_guest", target("test", "other"))).toBe("deny");
  });
});

describe("whatever rules and roles say", () => {
  const generous = { rules: [{ then: "allow" }] };

  it.each(["schedule_deletion", "restore_guest"])("%s is confirmed", (tool) => {
    expect(verdict(generous, tool)).toBe("confirm");
  });

  it("only its owner, or a role that is meant for it, gives a guest away, and confirms it", () => {
    const of = (owner?: string) => on({ owner });
    const meant = { ...generous, roles: { operator: { transfer_guest: "allow" } } };
    const ownOnly = { ...generous, roles: { operator: { transfer_guest: "own" } } };

    expect(verdict(generous, "transfer_guest", of("bob"))).toBe("confirm");
    expect(verdict(generous, "transfer_guest", of("alice"))).toBe("deny");
    expect(verdict(generous, "transfer_guest", of(undefined))).toBe("deny");
    expect(verdict(meant, "transfer_guest", of("alice"))).toBe("confirm");
    expect(verdict(ownOnly, "transfer_guest", of("alice"))).toBe("deny");
  });

  it("only who placed a hold, or a role that is meant for it, ends it, and confirms it", () => {
    const placedBy = (requestedBy: string): Facts => ({
      target: {
        guest: aTarget({ owner: "bob" }),
        hold: { requestedBy, since: "2026-11-20T12:00:00Z" },
      },
    });
    const meant = { ...generous, roles: { operator: { release_hold: "confirm" } } };

    expect(verdict(generous, "release_hold", placedBy("bob"))).toBe("confirm");
    expect(verdict(generous, "release_hold", placedBy("alice"))).toBe("deny");
    expect(verdict(meant, "release_hold", placedBy("alice"))).toBe("confirm");
  });

  it("a read-only policy lets nobody change anything, and everybody read", () => {
    const raw = { ...generous, read_only: true };

    expect(decide(raw, "start_guest")).toMatchObject({
      reason: expect.stringContaining("read_only"),
    });
    expect(verdict(raw, "list_guests")).toBe("allow");
  });

  it.each<[string, object | null, Partial<GuestTarget>, string]>([
    ["by VMID", { vmids: ["100-199"] }, { vmid: 103 }, "allow"],
    ["not by VMID", { vmids: [104] }, { vmid: 103 }, "deny"],
    ["by tag", { vmids: [104], tags: ["test"] }, { tags: ["test"] }, "allow"],
    ["by pool", { pools: ["disposable"] }, { pool: "disposable" }, "allow"],
    ["by nothing", {}, {}, "deny"],
    ["by empty lists", { vmids: [], tags: [], pools: [] }, {}, "deny"],
    ["by a section without content", null, {}, "deny"],
    ["by a file that nobody has read", { file: "missing.txt" }, {}, "deny"],
  ])("only guests that are allowed %s are changed", (_, list, facts, expected) => {
    const raw = { ...generous, allowed_guests: list };

    expect(verdict(raw, "start_guest", on(facts))).toBe(expected);
    expect(verdict(raw, "list_guests", on(facts))).toBe("allow");
  });

  it("guests that are denied are not changed, also where they are allowed", () => {
    const raw = { ...generous, allowed_guests: { vmids: [103] }, denied_guests: { tags: ["ci"] } };

    expect(decide(raw, "start_guest")).toMatchObject({
      reason: expect.stringContaining("test-runner (VMID 103)"),
    });
    expect(verdict(raw, "start_guest", on({ tags: [] }))).toBe("allow");
  });

  it.each<[string, object, Partial<GuestTarget>]>([
    ["tag", { tags: ["infra"] }, { tags: ["infra"] }],
    ["pool", { pools: ["core"] }, { pool: "core" }],
    ["VMID", { vmids: ["100-110"] }, {}],
    ["tag protected", { tags: ["infra"] }, { tags: ["protected"] }],
  ])("guests that are protected by %s are not deleted, and may be stopped", (_, list, facts) => {
    const raw = { ...generous, protected: list };

    expect(verdict(raw, "schedule_deletion", on(facts))).toBe("deny");
    expect(verdict(raw, "stop_guest", on(facts))).toBe("allow");
  });
});

describe("the limits", () => {
  const usage = { destructiveInLastHour: 0, openConfirmations: 0 };
  const generous = { rules: [{ then: "allow" }] };

  it("hold for the guests of a request", () => {
    const raw = { ...generous, limits: { targets_per_request: 2 } };

    expect(verdict(raw, "start_guest", { targets: 2 })).toBe("allow");
    expect(verdict(raw, "start_guest", { targets: 3 })).toBe("deny");
  });

  it("hold for what is destroyed within an hour", () => {
    const raw = { ...generous, limits: { destructive_per_hour: 2 } };
    const after = (destructiveInLastHour: number): Facts => ({
      usage: { ...usage, destructiveInLastHour },
    });

    expect(verdict(raw, "schedule_deletion", after(1))).toBe("confirm");
    expect(verdict(raw, "schedule_deletion", after(2))).toBe("deny");
    expect(verdict(raw, "stop_guest", after(2))).toBe("allow");
  });

  it("hold for the questions that somebody has left open, where this is another one", () => {
    const raw = { ...generous, limits: { open_confirmations_per_user: 1 } };
    const open: Facts = { usage: { ...usage, openConfirmations: 1 } };

    expect(verdict(raw, "schedule_deletion", { usage })).toBe("confirm");
    expect(verdict(raw, "schedule_deletion", open)).toBe("deny");
    expect(verdict(raw, "start_guest", open)).toBe("allow");
  });
});

describe("the escalations", () => {
  const escalating = (escalations: object, then = "allow") => ({
    approvers: { users: ["alice"] },
    rules: [{ then }],
    escalations,
  });

  it.each<[string, object, string, Facts, string | undefined]>([
    ["a tag", { tags: ["ci"] }, "start_guest", {}, "It has the tag ci."],
    ["no such tag", { tags: ["prod"] }, "start_guest", {}, undefined],
    ["another's guest", { not_owner: true }, "start_guest", { principal: alice }, "not belong"],
    ["one's own guest", { not_owner: true }, "start_guest", {}, undefined],
    ["use", { busy: true }, "stop_guest", { facts: { busy: true } }, "being used"],
    ["no use", { busy: true }, "stop_guest", { facts: { busy: false } }, undefined],
    ["use, which a start does not end", { busy: true }, "start_guest", {}, undefined],
    ["use that nobody knows of", { busy: true }, "stop_guest", {}, "not known whether it is being"],
    ["no backup", { no_backup: true }, "stop_guest", { facts: { hasBackup: false } }, "no backup"],
    ["a backup", { no_backup: true }, "stop_guest", { facts: { hasBackup: true } }, undefined],
    ["many", { more_than: 3 }, "start_guest", { targets: 4 }, "concerns 4 guests"],
    ["not many", { more_than: 3 }, "start_guest", { targets: 3 }, undefined],
    [
      "no name",
      { not_named: true },
      "start_guest",
      { facts: { namedByRequester: false } },
      "named",
    ],
    [
      "a name",
      { not_named: true },
      "start_guest",
      { facts: { namedByRequester: true } },
      undefined,
    ],
    ["what is switched off", { not_owner: false }, "start_guest", { principal: alice }, undefined],
  ])("ask about %s", (_, escalations, tool, facts, reason) => {
    const roles = { operator: {}, admin: {} };
    const decision = decide({ ...escalating(escalations), roles }, tool, facts);

    const asked = {
      kind: "confirm",
      by: "requester",
      reasons: [expect.stringContaining(`${reason}`)],
    };
    expect(decision).toEqual(reason === undefined ? { kind: "allow" } : asked);
  });

  it("ask two people when two hold, of which what is not known may be one", () => {
    const raw = escalating({ tags: ["ci"], busy: true, no_backup: true });
    const facts = { busy: false, hasBackup: true };

    expect(verdict(raw, "stop_guest", { facts })).toBe("confirm");
    expect(decide(raw, "stop_guest", { facts: {} })).toEqual({
      kind: "confirm",
      by: "two-persons",
      reasons: [
        "It has the tag ci.",
        "It is not known whether it is being used, nor whether there is a backup of it.",
      ],
    });
  });

  it.each(["confirm-by-approver", "two-persons", "deny"])("never make it less than %s", (then) => {
    expect(verdict(escalating({ tags: ["ci"] }, then), "start_guest")).toBe(then);
  });

  it("leave reading alone", () => {
    expect(verdict(escalating({ tags: ["ci"] }), "list_guests")).toBe("allow");
  });
});

describe("what led to a decision", () => {
  it("is told in the order in which it was looked at", () => {
    const document = documentOf({
      rules: [
        { who: { users: ["carol"] }, then: "deny" },
        { do: ["start_guest"], then: "allow" },
        { do: ["stop_guest"], then: "allow" },
      ],
      limits: { targets_per_request: 1 },
    });

    const { considered } = judge(document, requestOf("start_guest", { targets: 2 }));
    expect(considered.map(({ by, says }) => [by, says.kind])).toEqual([
      ["rules[0]", "passed"],
      ["rules[1]", "allow"],
      ["limits", "deny"],
    ]);
  });

  it("is the role where no rule matches", () => {
    const document = documentOf({ rules: [{ hours: "22:00-06:00", then: "deny" }] });

    const { considered } = judge(document, requestOf("start_guest", { principal: carol }));
    expect(considered.map(({ by }) => by)).toEqual(["role viewer"]);
    const ofBob = judge(document, requestOf("start_guest")).considered;
    expect(ofBob).toEqual([
      { by: "rules[0]", vmid: undefined, says: { kind: "passed", mismatch: "hours" } },
      { by: "role operator", says: { kind: "allow" } },
    ]);
  });
});
