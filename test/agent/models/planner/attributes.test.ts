import { describe, expect, it } from "vitest";
import { createOfflinePlanner } from "#src/agent/models/offline-planner.ts";
import { aboutAttribute, inPlaceOfGuest } from "#src/agent/models/planner/attributes.ts";
import { demoContext } from "#test/agent/golden/demo-cluster.ts";
import { lexicon, read } from "#test/support/planner-words.ts";

const verbs = ["delete", "remove", "get rid of", "stop", "kill", "restart", "postpone", "keep"];
const things = [
  "tag",
  "owner",
  "node",
  "name",
  "pool",
  "group",
  "notes",
  "lock",
  "snapshot",
  "backups",
  "disk",
  "network",
  "memory",
  "protection",
  "id",
  "plan",
  "request",
  "gizmo",
];

async function callsFor(text: string, context = demoContext()) {
  const { items } = await createOfflinePlanner().respond({
    instructions: "",
    items: [{ type: "user", text }],
    context,
    tools: [],
    toolChoice: "auto",
    signal: new AbortController().signal,
  });
  return items.flatMap((item) => (item.type === "tool-call" ? [`${text}: ${item.name}`] : []));
}

describe("inPlaceOfGuest", () => {
  it.each([
    ["the owner of web-02", "owner"],
    ["the tag ci from test-runner", "tag"],
    ["prod from web-02", "prod"],
    ["web-02's plan", "plan"],
    ["its owner", "owner"],
    ["web-02 owner", "owner"],
    ["web-02 from prod", "prod"],
    ["the group of web-02", "group"],
    ["the web tag from all containers", "tag"],
    ["everything on web-02", "everything"],
    ["the schedule", "schedule"],
    ["node web-02", "node"],
  ])("finds what is said in %j", (text, thing) => {
    expect(inPlaceOfGuest(read(text), lexicon)).toBe(thing);
  });

  it.each([
    "web-02",
    "a clean of web-02",
    "request you to the container with id 107",
    "all of web-01",
    "all of the containers on pve1",
    "web-02 on node pve1",
    "web-02 with the tag prod",
    "the containers with tag web",
    "the vm with the name staging",
    "web-02 from the cluster",
    "the k8s node 206",
    "vmid 102",
    "101 to 103",
  ])("leaves %j", (text) => {
    expect(inPlaceOfGuest(read(text), lexicon)).toBeUndefined();
  });

  it("tells how an owner is changed, and nothing of what it does not know", () => {
    expect(aboutAttribute("owner")).toContain("give GUEST to NAME");
    expect(aboutAttribute("tag")).toContain("cannot change the tag of a guest");
    expect(aboutAttribute("gizmo")).toBeUndefined();
  });
});

describe("the offline planner", () => {
  it.each(verbs)("never takes what belongs to a guest for the guest, after %j", async (verb) => {
    const texts = things.flatMap((thing) => [
      `${verb} the ${thing} of test-runner`,
      `${verb} test-runner's ${thing}`,
      `${verb} ${thing} ci from test-runner`,
      `${verb} the ci ${thing} on test-runner`,
      `${verb} dev-bob and the ${thing} of test-runner`,
    ]);

    expect((await Promise.all(texts.map((text) => callsFor(text)))).flat()).toEqual([]);
  });

  it.each([
    "remove the tag ci from test-runner",
    "delete the schedule of staging",
    "stop the group of web-02",
    "stop the dev container web-02",
    "delete bob's web-02",
  ])("does not either where it sees no inventory: %j", async (text) => {
    expect(await callsFor(text, { ...demoContext(), guests: undefined })).toEqual([]);
  });
});
