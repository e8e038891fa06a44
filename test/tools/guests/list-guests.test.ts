import { describe, expect, it } from "vitest";
import type { Guest, Inventory } from "#src/proxmox/guest.ts";
import { aGuest } from "#test/support/guests.ts";
import { alice, bob } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { listGuests } from "#tools/guests/list-guests.ts";

const web = aGuest({ vmid: 102, name: "web-02", node: "pve1", tags: ["prod", "web"] });
const runner = aGuest({
  vmid: 103,
  name: "test-runner",
  status: "stopped",
  tags: [],
  owner: undefined,
});
const database = aGuest({ vmid: 203, kind: "vm", name: "db-Replica", node: "pve3", tags: ["db"] });

const people = [alice, { ...bob, owner: "robert" }];

interface Listed {
  readonly nameless?: Inventory["nameless"];
  readonly ownersUnread?: readonly number[];
}

async function list(
  input: object,
  guests: Guest[],
  { nameless = [], ownersUnread = [] }: Listed = {},
) {
  const tool = listGuests({
    guests: {
      list: async () => ({ guests, nameless }),
      listWithOwners: async () => ({ guests, nameless, ownersUnread }),
    },
    people: () => people,
  });
  const plan = await tool.plan(input, aContext());
  const result = await plan.apply(aContext());
  return result.kind === "done" ? String(result.output) : result.message;
}

it("lists each guest on a line of its own, by VMID", async () => {
  expect(await list({}, [database, runner, web])).toBe(
    [
      "3 of 3 guests: vmid kind name node status tags owner",
      "102 ct web-02 pve1 running prod,web alice",
      "103 ct test-runner pve1 stopped - -",
      "203 vm db-Replica pve3 running db alice",
    ].join("\n"),
  );
});

it("leaves the shared inventory as it is", async () => {
  const guests = [database, web];
  await list({}, guests);
  expect(guests).toEqual([database, web]);
});

it.each([
  [{ node: "PVE3" }, [203]],
  [{ status: "stopped" }, [103]],
  [{ kind: "vm" }, [203]],
  [{ tag: "web" }, [102]],
  [{ tag: "owner-alice" }, [102, 203]],
  [{ name: "REPL" }, [203]],
  [{ kind: "ct", status: "running" }, [102]],
  [{ node: "", name: "" }, [102, 103, 203]],
])("filters by %j", async (filter, vmids) => {
  const lines = (await list(filter, [web, runner, database])).split("\n").slice(1);
  expect(lines.map((line) => Number(line.split(" ")[0]))).toEqual(vmids);
});

describe("by owner", () => {
  const guests = ["alice", "Robert", "eve", undefined, "eve"].map((owner, index) =>
    aGuest({ vmid: 201 + index, owner }),
  );
  const vmidsOf = (text: string) =>
    [...text.matchAll(/^(\d{3}) /gm)].map(([, vmid]) => Number(vmid));

  it.each<[string, number[]]>([
    ["me", [201]],
    ["Alice", [201]],
    ["bob", [202]],
    ["robert", [202]],
    ["EVE", [203, 205]],
    ["mallory", []],
    ["none", [203, 204, 205]],
  ])("%s: the guests of that person, and of nobody whom the policy knows", async (owner, vmids) => {
    expect(vmidsOf(await list({ owner }, guests))).toEqual(vmids);
  });

  it("tells those without an owner from those of people whom nobody knows", async () => {
    expect(await list({ owner: "none" }, guests)).toContain(
      "1 without an owner; the others belong to people whom the policy does not know: eve.",
    );
    expect(await list({ owner: "none" }, [aGuest({ owner: undefined })])).not.toContain("others");
  });

  it("says so where each guest has an owner who is known", async () => {
    expect(await list({ owner: "nobody" }, [aGuest({ owner: "alice" })])).toBe(
      "0 of 1 guests.\nNo guest that fits is without an owner whom the policy knows.",
    );
  });

  it("says of which guests the notes could not be asked", async () => {
    const said = await list({ owner: "none" }, guests, { ownersUnread: [204] });
    expect(said).toContain("Whether notes name an owner of 204 is not known.");
  });
});

describe("with nothing found", () => {
  it("says which nodes there are", async () => {
    expect(await list({ node: "pve9" }, [web, database])).toBe(
      "0 of 2 guests.\nGuests are on pve1, pve3.",
    );
  });

  it("says which tags there are", async () => {
    expect(await list({ tag: "staging" }, [web, database])).toBe(
      "0 of 2 guests.\nThe tags in use are db, owner-alice, prod, web.",
    );
  });
});

it("ends with how to narrow down what is too much", async () => {
  const guests = Array.from({ length: 250 }, (_, index) => aGuest({ vmid: 1000 + index }));

  const lines = (await list({}, guests)).split("\n");

  expect(lines).toHaveLength(102);
  expect(lines[0]).toContain("250 of 250 guests");
  expect(lines.at(-1)).toBe(
    "150 more are not shown: narrow it down by node, status, kind, tag, owner or name.",
  );
});

it("says that it is incomplete while guests have no name", async () => {
  const guests = [web, aGuest({ vmid: 120, name: undefined, tags: [], owner: undefined })];

  const text = await list({}, guests, { nameless: [120] });

  expect(text).toContain("\n120 ct - pve1 running - -\n");
  expect(text).toContain("Incomplete: the names of 120 are not known at the moment.");
});

it("costs at most 20 tokens a guest, and shows no character that hides", async () => {
  const name = `web\u202e${"x".repeat(300)}\n999 ct fake pve1`;
  const guest = aGuest({ name, tags: ["a".repeat(100)], owner: "o".repeat(100), node: "pve1" });

  const lines = (await list({}, [guest])).split("\n");

  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^102 ct web_x+… pve1 running a+… o+…$/);
  expect((lines[1]?.length ?? 0) / 4).toBeLessThanOrEqual(20);
});
