// biome-ignore-all lint/suspicious/noThenProperty: the word of the policy file, and nobody awaits it
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { verdicts } from "#src/policy/file-rule.ts";
import { isListed } from "#src/policy/guest-selector.ts";
import { weekdays } from "#src/policy/hours.ts";
import { policyOf } from "#src/policy/judge.ts";
import { effects, type PolicyRequest, rank } from "#src/policy/policy.ts";
import { type PolicyDocument, parsePolicyDocument } from "#src/policy/policy-document.ts";
import { permissions } from "#src/policy/roles.ts";
import { guestsIn, type Target } from "#src/policy/target.ts";
import { aTarget } from "#test/support/actions.ts";

const tools = [
  { name: "list_guests", effect: "read" },
  { name: "start_guest", effect: "reversible" },
  { name: "stop_guest", effect: "disruptive" },
  { name: "schedule_deletion", effect: "destructive" },
] as const;
const actions = [...effects, ...tools.map(({ name }) => name)];

// Few names, so that much of what is said meets.
const role = fc.constantFrom("viewer", "operator", "admin");
const person = fc.constantFrom("ann", "bob", "eve");
const group = fc.constantFrom("S1", "S2");
const tag = fc.constantFrom("prod", "test", "protected");
const pool = fc.constantFrom("core", "lab");
const node = fc.constantFrom("pve1", "pve2");
const vmid = fc.constantFrom(100, 101, "100-101", "101-999");
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });
const optional = { requiredKeys: [] as [] };

const who = fc.record({ users: some(person), groups: some(group), roles: some(role) }, optional);
const guests = { vmids: some(vmid), tags: some(tag), pools: some(pool) };
const owner = fc.constantFrom("self", "other", "none", "ann");
const hours = fc.oneof(
  fc.constantFrom("22:00-06:00", "06:00-22:00"),
  fc.record({ between: fc.constant("20:00-24:00"), days: fc.subarray([...weekdays]) }, optional),
);
const rule = fc.record(
  {
    who,
    do: some(fc.constantFrom(...actions)),
    guests: fc.record({ ...guests, nodes: some(node), owner }, optional),
    hours,
    then: fc.constantFrom(...verdicts),
    because: fc.constant("Because."),
  },
  { requiredKeys: ["then"] },
);
const permitted = fc.dictionary(fc.constantFrom(...actions), fc.constantFrom(...permissions));
const escalations = fc.record(
  {
    tags: some(tag),
    not_owner: fc.boolean(),
    busy: fc.boolean(),
    no_backup: fc.boolean(),
    more_than: fc.nat(3),
    not_named: fc.boolean(),
  },
  optional,
);
const document = fc.record(
  {
    roles: fc.record({ viewer: permitted, operator: permitted, admin: permitted }),
    users: fc.uniqueArray(fc.record({ id: person, role }), { selector: ({ id }) => id }),
    unknown_users: role,
    rules: some(rule),
    approvers: fc.constant({ users: ["ann"] }),
    allowed_guests: fc.option(fc.record(guests, optional)),
    denied_guests: fc.record(guests, optional),
    protected: fc.record(guests, optional),
    limits: fc.record({ targets_per_request: fc.integer({ min: 1, max: 3 }) }, optional),
    read_only: fc.boolean(),
    escalations,
  },
  { requiredKeys: ["users", "approvers"] },
);

const guest = fc
  .record({
    vmid: fc.constantFrom(100, 101, 102),
    tags: some(tag),
    node,
    pool: fc.option(pool, { nil: undefined }),
    owner: fc.option(fc.constantFrom("ann", "bob"), { nil: undefined }),
    protection: fc.boolean(),
  })
  .map(aTarget);
const target: fc.Arbitrary<Target> = fc.oneof(
  guest.map((one) => ({ guest: one })),
  fc.constant({}),
  fc.array(guest, { minLength: 1, maxLength: 3 }).map((several) => ({
    deletions: several.map((one, index) => ({
      ...{ id: `d${index}`, requestedBy: "bob", dueAt: "2026-11-27T12:00:00Z" },
      guest: one,
    })),
  })),
);
const known = fc.option(fc.boolean(), { nil: undefined });
const request: fc.Arbitrary<PolicyRequest> = fc
  .record({
    tool: fc.constantFrom(...tools),
    target,
    principal: fc.record({
      id: person,
      name: fc.constant("Somebody"),
      role: fc.oneof(role, fc.constantFrom("nobody", "king")),
      timeZone: fc.constant("UTC"),
      groups: fc.oneof(fc.constant("unknown" as const), fc.subarray(["S1", "S2"])),
    }),
    hour: fc.nat(24 * 7),
    targets: fc.integer({ min: 1, max: 4 }),
    facts: fc.record({ hasBackup: known, busy: known, namedByRequester: known }),
  })
  .map(({ tool, hour, ...rest }) => ({
    ...rest,
    tool: tool.name,
    effect: tool.effect,
    now: Temporal.Instant.from("2026-11-23T00:00:00Z").add({ hours: hour }),
  }));

const read = (raw: unknown) => parsePolicyDocument(raw, { tools, timeZone: "UTC" });
/** Has every one of many requests hold against every one of many documents. */
function assertForAll(holds: (policy: PolicyDocument, asked: PolicyRequest) => boolean): void {
  // Reading a document takes longer than judging by it.
  const requests = fc.array(request, { minLength: 20, maxLength: 20 });
  const property = fc.property(document, requests, (raw, asked) => {
    const policy = read(raw);
    return asked.every((one) => holds(policy, one));
  });
  fc.assert(property, { numRuns: 60 });
}

const decide = (policy: PolicyDocument, asked: PolicyRequest) => policyOf(policy).evaluate(asked);

it("no policy whatsoever allows what is destructive without a confirmation", () => {
  assertForAll((policy, asked) => {
    const { kind } = decide(policy, { ...asked, effect: "destructive" });
    return kind !== "allow";
  });
});

it("no escalation makes a decision milder", () => {
  assertForAll((policy, asked) => {
    const without = decide({ ...policy, escalations: {} }, asked);
    return rank(decide(policy, asked)) >= rank(without);
  });
});

it("nothing lets a guest be changed that is denied, or that is not allowed where some are", () => {
  assertForAll((policy, asked) => {
    const { allowedGuests, deniedGuests } = policy;
    const isOut = guestsIn(asked.target).some(
      (one) => isListed(deniedGuests, one) || (allowedGuests && !isListed(allowedGuests, one)),
    );
    return asked.effect === "read" || !isOut || decide(policy, asked).kind === "deny";
  });
});

it("nothing lets anything be changed while the policy is read-only", () => {
  assertForAll((policy, asked) => {
    const decision = decide({ ...policy, readOnly: true }, asked);
    return asked.effect === "read" || decision.kind === "deny";
  });
});

it("who has no role that the policy knows may do nothing", () => {
  assertForAll((policy, asked) =>
    ["nobody", "king"].every((role) => {
      const principal = { ...asked.principal, role };
      return decide(policy, { ...asked, principal }).kind === "deny";
    }),
  );
});

it("a policy means the same after it was written to YAML and read again", () => {
  fc.assert(
    fc.property(document, (raw) => {
      expect(read(parse(stringify(raw)))).toEqual(read(raw));
    }),
    { numRuns: 60 },
  );
});
