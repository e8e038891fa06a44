import { expect, it } from "vitest";
import { parse } from "yaml";
import { describePolicyFor } from "#src/policy/describe-policy.ts";
import { parsePolicyDocument } from "#src/policy/policy-document.ts";
import { alice, bob } from "#test/support/people.ts";

const tools = [{ name: "stop_guest", effect: "disruptive" }] as const;

/** What a policy of this YAML says to a person. */
function said(yaml: string, person = bob) {
  const raw = parse(`users: []\n${yaml}`);
  return describePolicyFor(parsePolicyDocument(raw, { tools, timeZone: "UTC" }), person);
}

it("says of a policy that says nothing what is protected anyhow", () => {
  expect(said("")).toEqual(["Never deleted: tags protected."]);
});

it("names what holds for everybody: lists, limits, escalations", () => {
  const lines = said(
    `
    read_only: true
    allowed_guests: { pools: [disposable], vmids: [100-199, 300] }
    denied_guests: { vmids: [101] }
    protected: { tags: [infra] }
    limits: { destructive_per_hour: 5, targets_per_request: 10, open_confirmations_per_user: 3, messages_per_minute: 12 }
    approvers: { roles: [admin] }
    escalations: { tags: [prod], busy: true, more_than: 3 }
  `.replaceAll("\n    ", "\n"),
  );

  expect(lines).toEqual([
    "Nothing may be changed at the moment (read_only).",
    "Only these may be changed: pools disposable, or VMIDs 100-199, 300.",
    "Never changed: VMIDs 101.",
    "Never deleted: tags protected, infra.",
    "At most: 5 destructive acts an hour of all people together, 10 guests a request, 3 open questions of your own, 12 messages a minute in Slack.",
    "You are asked first where the guest has a tag of prod, or it is being used, or there are more than 3 guests; where two of these hold, an approver is, too.",
  ]);
});

it("says that an empty list of guests is none", () => {
  expect(said("allowed_guests: {}")[0]).toBe("Only these may be changed: none.");
});

it("names the rules that are for this person, in their order, and nobody else's", () => {
  const rules = `
approvers: { users: [alice] }
rules:
  - { who: { users: [bob] }, do: [stop_guest], guests: { owner: self }, then: allow }
  - { who: { roles: [admin] }, do: [destructive], then: two-persons }
  - guests: { tags: [prod], nodes: [pve1] }
    hours: { between: "22:00-06:00", days: [sat], timezone: UTC }
    then: deny
    because: Nobody is awake.`;

  const never = "Never deleted: tags protected.";
  const atNight =
    "whatever changes something, for guests of nodes pve1 and tags prod, 22:00-06:00 on sat (UTC): not. Nobody is awake.";
  expect(said(rules, bob)).toEqual([
    "stop guest, for guests of your own: at once.",
    atNight,
    never,
  ]);
  expect(said(rules, alice)).toEqual([
    "You may approve what others ask for.",
    "destructive: once you and an approver have confirmed it.",
    atNight,
    never,
  ]);
});

it("counts the rules that are too many to read", () => {
  const rules = `rules:\n${"  - { then: confirm }\n".repeat(11)}`;

  expect(said(rules).at(-2)).toBe("… and 3 more rules.");
});
