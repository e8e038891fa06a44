import { describe, expect, it } from "vitest";
import { describeTerms, leaseTermsFor, ownerAmong, toDays } from "#src/policy/lease-rules.ts";
import { lintPolicy } from "#src/policy/lint.ts";
import { parsePolicyDocument } from "#src/policy/policy-document.ts";
import { aTarget } from "#test/support/actions.ts";

const known = { tools: [], timeZone: "UTC" };
const users = [
  { id: "bob", role: "operator" },
  { id: "U0CAROL", role: "viewer", owner: "carol" },
];

function parse(...leases: readonly object[]) {
  return parsePolicyDocument({ users, leases }, known);
}

function termsOf(leases: readonly object[], guest: Parameters<typeof aTarget>[0]) {
  const document = parse(...leases);
  const target = aTarget(guest);
  return leaseTermsFor(document.leases, target, ownerAmong(document.users, target));
}

describe("the terms of a guest", () => {
  it("are those of the first lease that fits", () => {
    const leases = [
      { guests: { tags: ["lab"] }, default: "2w", maximum: "30d", total: "90d" },
      { default: "365d" },
    ];

    const lab = termsOf(leases, { tags: ["test", "lab"] });

    expect(lab).toMatchObject({ defaultDays: 14, maximumDays: 30, totalDays: 90 });
    expect(termsOf(leases, { tags: [] })).toMatchObject({ defaultDays: 365 });
  });

  it("are none where no lease fits, so that the guest lives until somebody deletes it", () => {
    const leases = [{ guests: { pools: ["lab"], vmids: ["200-299"] }, default: "1d" }];

    expect(termsOf(leases, { vmid: 200 })).toBeUndefined();
    expect(termsOf(leases, { vmid: 200, pool: "lab" })).toMatchObject({ defaultDays: 1 });
    expect(termsOf([], {})).toBeUndefined();
  });

  it.each<[string, object, string | undefined, boolean]>([
    ["the owner's role", { roles: ["operator"] }, "bob", true],
    ["another role", { roles: ["viewer"] }, "bob", false],
    ["the owner by id", { users: ["U0CAROL"] }, "carol", true],
    ["nobody's", { roles: ["operator"] }, undefined, false],
    ["a stranger's", { users: ["mallory"] }, "mallory", false],
  ])("go by who owns it: %s", (_, owners, owner, fits) => {
    expect(termsOf([{ owners, default: "7d" }], { owner }) !== undefined).toBe(fits);
  });

  it("are said in words", () => {
    const terms = { defaultDays: 14, maximumDays: 30, totalDays: 90 };

    expect(describeTerms(terms)).toBe("14 days, never more than 30 days ahead, 90 days in all");
    expect(describeTerms({ defaultDays: 1 })).toBe("1 day");
  });
});

describe("the leases of a policy file", () => {
  it.each([
    ["14d", 14],
    ["2w", 14],
    ["0d", undefined],
    ["14", undefined],
    ["1.5d", undefined],
    ["99999d", undefined],
  ])("last whole days and weeks: %s", (text, days) => {
    expect(toDays(text)).toBe(days);
  });

  it.each<[string, object, RegExp]>([
    ["no usual end", { guests: { tags: ["lab"] } }, /leases\[0\].default/],
    ["a maximum before the usual end", { default: "14d", maximum: "7d" }, /less than default/],
    ["a total before the maximum", { default: "1d", maximum: "9d", total: "8d" }, /than maximum/],
    ["a total before the usual end", { default: "9d", total: "8d" }, /less than default/],
    ["hours", { default: "12h" }, /days or weeks such as 14d/],
    ["an owner among the guests", { guests: { owner: "self" }, default: "1d" }, /owner/],
    ["a role that there is not", { owners: { roles: ["boss"] }, default: "1d" }, /no role named/],
  ])("are refused with %s", (_, lease, message) => {
    expect(() => parse(lease)).toThrow(message);
  });

  it.each<[string, readonly object[], readonly string[]]>([
    ["makes sense", [{ guests: { tags: ["lab"] }, default: "1d" }, { default: "9d" }], []],
    [
      "comes after one for all",
      [{ default: "9d" }, { guests: { tags: ["lab"] }, default: "1d" }],
      ["leases[1]: it can never match, because leases[0] decides before it"],
    ],
    [
      "comes after one for its owner's role",
      [
        { owners: { roles: ["operator"] }, default: "9d" },
        { owners: { users: ["bob"] }, default: "1d" },
      ],
      ["leases[1]: it can never match, because leases[0] decides before it"],
    ],
    [
      "is for nobody",
      [{ owners: {}, default: "1d" }],
      ["leases[0]: it can never match, because owners names nobody"],
    ],
    [
      "is for no guest",
      [{ guests: {}, default: "1d" }],
      ["leases[0]: it can never match, because guests says nothing"],
    ],
    [
      "is for a stranger",
      [{ owners: { users: ["mallory"] }, default: "1d" }],
      ["leases[0]: mallory is not one of the users"],
    ],
  ])("are looked through for one that %s", (_, leases, warnings) => {
    expect(lintPolicy(parse(...leases), known)).toEqual(warnings);
  });
});
