// biome-ignore-all lint/suspicious/noThenProperty: the word of the policy file, and nobody awaits it
import { describe, expect, it } from "vitest";
import { lintPolicy } from "#src/policy/lint.ts";
import { parsePolicyDocument } from "#src/policy/policy-document.ts";

const tools = [
  { name: "start_guest", effect: "reversible" },
  { name: "stop_guest", effect: "disruptive" },
  { name: "release_hold", effect: "reversible" },
  { name: "schedule_deletion", effect: "destructive" },
] as const;

function lint(raw: object, nodes?: readonly string[]): readonly string[] {
  const users = [{ id: "bob", role: "operator" }];
  const document = parsePolicyDocument({ users, ...raw }, { tools, timeZone: "UTC" });
  return lintPolicy(document, { tools }, nodes && { nodes });
}
const lintRules = (...rules: readonly object[]) => lint({ rules });

describe("the linter", () => {
  it("has nothing to say about what makes sense", () => {
    const rules = [
      { who: { users: ["bob", "U0123456789"] }, do: ["start_guest"], then: "allow" },
      { guests: { tags: ["prod"] }, hours: "22:00-06:00", then: "deny" },
      { guests: { tags: ["prod"] }, then: "confirm" },
      { then: "deny" },
    ];

    expect(lint({ rules, allowed_guests: { tags: ["test"] } })).toEqual([]);
  });

  it.each<[string, object, object]>([
    ["one for everybody", {}, { who: { users: ["bob"] } }],
    ["a wider role", { who: { roles: ["operator"] } }, { who: { users: ["bob"] } }],
    ["more users", { who: { users: ["bob", "U0123456789"] } }, { who: { users: ["bob"] } }],
    ["every change", {}, { do: ["stop_guest", "reversible"] }],
    ["the tool's effect", { do: ["disruptive"] }, { do: ["stop_guest"] }],
    ["all guests", {}, { guests: { owner: "self" } }],
    ["more tags", { guests: { tags: ["a", "b"] } }, { guests: { tags: ["b"], nodes: ["n"] } }],
    ["a wider range", { guests: { vmids: ["100-199"] } }, { guests: { vmids: [100, "150-160"] } }],
    ["all hours", {}, { hours: "22:00-06:00" }],
    ["the same hours", { hours: "22:00-06:00" }, { hours: "22:00-06:00" }],
  ])("sees that %s leaves nothing to a later rule", (_, earlier, later) => {
    const rules = [
      { do: ["read"], then: "allow" },
      { ...earlier, then: "deny" },
    ];

    expect(lintRules(...rules, { ...later, then: "allow" })).toEqual([
      "rules[2]: it can never match, because rules[1] decides before it",
    ]);
  });

  it.each<[string, object, object]>([
    ["somebody else", { who: { users: ["bob"] } }, {}],
    ["another role", { who: { roles: ["viewer"] } }, { who: { users: ["bob"] } }],
    ["another group", { who: { groups: ["S1"] } }, { who: { groups: ["S1", "S2"] } }],
    ["reading", {}, { do: ["read", "stop_guest"] }],
    ["another tool", { do: ["stop_guest"] }, { do: ["disruptive"] }],
    ["another tag", { guests: { tags: ["a"] } }, { guests: { tags: ["a", "b"] } }],
    ["another kind of condition", { guests: { tags: ["a"] } }, { guests: { pools: ["a"] } }],
    ["a longer range", { guests: { vmids: ["100-199"] } }, { guests: { vmids: ["100-200"] } }],
    ["another owner", { guests: { owner: "self" } }, { guests: { owner: "none" } }],
    ["other hours", { hours: "22:00-06:00" }, { hours: "22:00-07:00" }],
  ])("sees that a rule leaves %s to a later one", (_, earlier, later) => {
    expect(lintRules({ ...earlier, then: "deny" }, { ...later, then: "allow" })).toEqual([]);
  });

  it("sees that a rule which allows a group leaves who may be in it to a later one", () => {
    const who = { groups: ["S1"] };

    expect(lintRules({ who, then: "allow" }, { who, then: "deny" })).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["people", { who: {} }, "who names nobody"],
    ["people in its lists", { who: { users: [], roles: [] } }, "who names nobody"],
    ["acts", { do: [] }, "do names nothing"],
    ["guests", { guests: {} }, "guests says nothing"],
    ["tags", { guests: { tags: [], nodes: ["pve1"] } }, "guests.tags is empty"],
    ["days", { hours: { days: [] } }, "hours.days is empty"],
  ])("sees that a rule without %s never matches", (_, rule, why) => {
    expect(lintRules({ ...rule, then: "deny" })).toEqual([
      `rules[0]: it can never match, because ${why}`,
    ]);
  });

  it("sees people whom the file does not list", () => {
    const rules = [{ who: { users: ["bbo"] }, then: "deny" }];

    expect(lint({ rules, approvers: { users: ["ailce"] } })).toEqual([
      "rules[0]: bbo is not one of the users",
      "approvers: ailce is not one of the users",
    ]);
  });

  it("sees nodes that the cluster does not have, where it knows the cluster", () => {
    const rules = [{ guests: { nodes: ["pve1", "pve9"] }, then: "deny" }];

    expect(lint({ rules })).toEqual([]);
    expect(lint({ rules }, ["pve1"])).toEqual(["rules[0]: the cluster has no node pve9"]);
  });

  it("sees that allowing does not spare people a confirmation that always is", () => {
    const roles = {
      crew: { read: "allow", destructive: "allow", schedule_deletion: "confirm" },
      lead: { release_hold: "allow", stop_guest: "allow" },
    };
    const rules = [
      { do: ["stop_guest", "schedule_deletion", "release_hold"], then: "allow" },
      { do: ["schedule_deletion"], then: "confirm" },
      { do: ["destructive"], then: "deny" },
      { then: "allow" },
    ];
    const users = [{ id: "bob", role: "crew" }];
    const confirmed = "which people always confirm";

    expect(lint({ roles, users, rules: rules.slice(0, 1) })).toEqual([
      `rules[0]: allow is no more than confirm for schedule_deletion, release_hold, ${confirmed}`,
      `roles.crew: allow is no more than confirm for destructive, ${confirmed}`,
      `roles.lead: allow is no more than confirm for release_hold, ${confirmed}`,
    ]);
    expect(lintRules(...rules.slice(2))).toEqual([]);
  });

  it("sees that nobody may change anything", () => {
    expect(lint({ allowed_guests: {} })).toEqual([
      "allowed_guests: it names no guest, so nobody may change any",
    ]);
  });
});
