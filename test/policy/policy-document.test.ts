// biome-ignore-all lint/suspicious/noThenProperty: the word of the policy file, and nobody awaits it
import { describe, expect, it } from "vitest";
import { parsePolicyDocument, simplestPolicy } from "#src/policy/policy-document.ts";

const tools = [
  { name: "start_guest", effect: "reversible" },
  { name: "stop_guest", effect: "disruptive" },
] as const;
const known = { tools, timeZone: "Europe/Berlin" };
const parse = (raw: unknown) => parsePolicyDocument(raw, known);

describe("the policy file", () => {
  it("names users and, where it names no roles, has the default ones", () => {
    const document = parse({
      users: [
        { id: "U1", name: "Ann", role: "admin", timezone: "America/New_York" },
        { id: "U2", role: "viewer" },
      ],
    });

    expect(document).toEqual({
      ...simplestPolicy,
      users: [
        { id: "U1", name: "Ann", role: "admin", timeZone: "America/New_York" },
        { id: "U2", name: "U2", role: "viewer", timeZone: "Europe/Berlin" },
      ],
    });
  });

  it("has roles of its own", () => {
    const { roles } = parse({
      roles: { night: { read: "allow", stop_guest: "confirm" } },
      users: [],
    });

    expect(roles).toEqual({ night: { read: "allow", stop_guest: "confirm" } });
  });

  it("has lines for the brake, which nobody is asked to confirm and no rule is about", () => {
    const lines = { freeze_changes: "allow", release_changes: "deny" };
    expect(parse({ roles: { night: lines }, users: [] }).roles).toEqual({ night: lines });

    const wrong = {
      roles: { night: { freeze_changes: "confirm" } },
      users: [],
      rules: [{ do: ["freeze_changes"], then: "deny" }],
    };
    const message = messageOf(() => parse(wrong));
    expect(message).toContain("roles.night.freeze_changes");
    expect(message).toContain("rules[0].do[0]");
  });

  it("gives roles to groups, in the order in which they count", () => {
    const groups = [
      { id: "S2", role: "admin" },
      { id: "S1", role: "viewer" },
    ];

    expect(parse({ users: [], groups }).groups).toEqual(groups);
  });

  it("is refused as a whole, with every mistake at once", () => {
    const mistakes = {
      roles: { night: { stop_gest: "confirm", read: "sometimes" } },
      users: [
        { id: "U1", role: "night", timezone: "Berlin" },
        { id: "U2", role: "king" },
      ],
      unknown_users: "queen",
      user: [],
    };

    const [heading, ...lines] = messageOf(() => parse(mistakes)).split("\n");
    expect(heading).toBe("The policy file is not valid:");
    expect(lines).toHaveLength(6);
    for (const part of [
      /^- the whole file: .*"user"/,
      /^- roles.night: .*"stop_gest"/,
      /^- roles.night.read: /,
      /^- users\[0\].timezone: Expected an IANA time zone/,
      /^- users\[1\].role: There is no role named king; there are nobody, night$/,
      /^- unknown_users: There is no role named queen/,
    ]) {
      expect(lines).toContainEqual(expect.stringMatching(part));
    }
  });

  it("names all mistakes of rules, lists and limits at once, also what contradicts other entries", () => {
    const mistakes = {
      users: [
        { id: "U1", role: "viewer" },
        { id: "U1", role: "king" },
      ],
      rules: [
        { do: ["stop_gest"], then: "deny" },
        { who: { roles: ["king"] }, then: "two-persons" },
        { guests: { vmids: ["199-100", 7], node: ["pve1"] }, then: "never" },
        { hours: "22-6", then: "deny" },
        { hours: { between: "06:00-06:00", days: ["funday"], timezone: "Berlin" }, then: "deny" },
        {},
      ],
      allowed_guests: [104],
      limits: { targets_per_request: 0, messages_per_minute: 0 },
      escalations: { tags: "prod" },
    };

    const [, ...lines] = messageOf(() => parse(mistakes)).split("\n");
    expect(lines).toContainEqual(expect.stringMatching(/^- rules\[4\].hours: Expected hours such/));
    const paths = lines.map((line) => /^- ([^:]+): ./.exec(line)?.[1]);
    expect(paths.toSorted()).toEqual([
      "allowed_guests",
      "escalations",
      "escalations.tags",
      "limits.messages_per_minute",
      "limits.targets_per_request",
      "rules[0].do[0]",
      "rules[1].then",
      "rules[1].who.roles[0]",
      "rules[2].guests",
      "rules[2].guests.vmids[0]",
      "rules[2].guests.vmids[1]",
      "rules[2].then",
      "rules[3].hours",
      "rules[4].hours",
      "rules[5].then",
      "users[1].id",
      "users[1].role",
    ]);
  });

  it.each<[string, object]>([
    ["two persons", { rules: [{ then: "two-persons" }] }],
    ["an approver", { rules: [{ then: "confirm-by-approver" }] }],
    ["escalations", { escalations: { tags: ["prod"] } }],
    ["escalations, with empty lists", { escalations: { busy: true }, approvers: { users: [] } }],
  ])("has to name approvers for %s", (_, section) => {
    expect(messageOf(() => parse({ users: [], ...section }))).toContain("name approvers");
    expect(parse({ users: [], ...section, approvers: { users: ["U1"] } })).toBeDefined();
  });

  it.each([
    ["a user with an unknown role", { users: [{ id: "U1", role: "king" }] }, "no role named king"],
    [
      "unknown users with an unknown role",
      { users: [], unknown_users: "king" },
      "no role named king",
    ],
    [
      "a user listed twice",
      {
        users: [
          { id: "U1", role: "admin" },
          { id: "U1", role: "viewer" },
        ],
      },
      "U1 is listed twice",
    ],
    [
      "a group with an unknown role",
      { users: [], groups: [{ id: "S1", role: "king" }] },
      "no role named king",
    ],
    [
      "a group listed twice",
      {
        users: [],
        groups: [
          { id: "S1", role: "admin" },
          { id: "S1", role: "viewer" },
        ],
      },
      "S1 is listed twice",
    ],
    ["a role called constructor", { users: [{ id: "U1", role: "constructor" }] }, "no role named"],
    ["an empty file", null, "policy file is not valid"],
  ])("refuses %s", (_, raw, message) => {
    expect(messageOf(() => parse(raw))).toContain(message);
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}
