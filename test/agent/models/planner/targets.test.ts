import { describe, expect, it } from "vitest";
import { createLexicon } from "#src/agent/models/planner/lexicon.ts";
import type { Mention } from "#src/agent/models/planner/mention.ts";
import { readMentions } from "#src/agent/models/planner/targets.ts";
import { demoContext, demoGuests } from "#test/agent/golden/demo-cluster.ts";
import { lexicon, read } from "#test/support/planner-words.ts";

/** What a mention says, without the sides that it leaves open. */
function stated({ named, unknown, ...mention }: Mention) {
  const entries = Object.entries({
    ...mention,
    named: named.map((one) => one.said),
    unknown: unknown.map(({ raw }) => raw),
  });
  return Object.fromEntries(
    entries.filter(([, side]) => side && !(Array.isArray(side) && side.length === 0)),
  );
}

function mentions(text: string, known = lexicon) {
  const { included, excluded } = readMentions(read(text, known), known);
  return { included: included.map(stated), excluded: excluded.map(stated) };
}

describe("readMentions", () => {
  it.each([
    ["the web-02 please", [{ named: ["web-02"] }]],
    ["web-01, web-02 and 103", [{ named: ["web-01"] }, { named: ["web-02"] }, { named: ["103"] }]],
    ["101 to 103", [{ named: ["101"], vague: true }]],
    ["all stopped vms", [{ everyone: true, statuses: ["stopped"], kinds: ["vm"] }]],
    ["my containers on pve1", [{ owners: ["alice"], kinds: ["ct"], nodes: ["pve1"] }]],
    ["bob's production servers", [{ owners: ["bob"], tags: ["prod"] }]],
    ["guests with web in the name", [{ names: ["web"] }]],
    ["k8s-*", [{ names: ["k8s-"], plural: true }]],
    ["a container", [{ kinds: ["ct"], vague: true }]],
    ["one of them", [{ vague: true }]],
    ["any web server", [{ everyone: true, vague: true, tags: ["web"] }]],
    ["both of them", [{ pronoun: "several" }]],
    ["the other one", [{ pronoun: "other" }]],
    ["it", [{ pronoun: "single" }]],
    ["two containers", [{ count: 2, kinds: ["ct"] }]],
    ["the flux capacitor", [{ unknown: ["flux", "capacitor"] }]],
    ['"test"', [{ unknown: ["test"] }]],
  ])("reads %j", (text, expected) => {
    expect(mentions(text).included).toMatchObject(expected);
  });

  it.each([
    ["ci and test containers", { tags: ["ci", "test"] }],
    ["containers on pve1 and pve2", { nodes: ["pve1", "pve2"] }],
  ])("takes %j for one description", (text, expected) => {
    expect(mentions(text).included).toMatchObject([expected]);
  });

  it("keeps two descriptions apart where each has its own noun or its own all", () => {
    expect(mentions("ci containers and test vms").included).toHaveLength(2);
    expect(mentions("everything on pve1 and all on pve2").included).toHaveLength(2);
  });

  it.each([
    ["all containers except pihole", ["pihole"]],
    ["all containers but not pihole and web-01", ["pihole", "web-01"]],
    ["everything on pve1 other than web-02", ["web-02"]],
    ["all containers instead of pihole", ["pihole"]],
    ["all containers but pihole", ["pihole"]],
  ])("sets the exception of %j apart", (text, names) => {
    const { included, excluded } = mentions(text);

    expect(included).toMatchObject([{ everyone: true }]);
    expect(excluded).toEqual(names.map((name) => ({ named: [name] })));
  });

  it("takes a tag for a tag where many are meant, though a guest is called so", () => {
    const web = { ...demoGuests[0], vmid: 301, kind: "ct", name: "web", tags: [] } as const;
    const context = demoContext("alice", [
      ...demoGuests,
      { node: "pve1", status: "running", ...web },
    ]);
    const known = createLexicon(context);

    expect(mentions("all web containers", known).included).toMatchObject([{ tags: ["web"] }]);
    expect(mentions("web", known).included).toMatchObject([{ named: ["web"] }]);
  });
});
