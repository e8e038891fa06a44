import { expect, it } from "vitest";
import { namesGuest } from "#src/actions/names-guest.ts";
import { aGuest } from "#test/support/guests.ts";

const guests = [
  aGuest({ vmid: 103, name: "test-runner" }),
  aGuest({ vmid: 104, name: "web" }),
  aGuest({ vmid: 105, name: "web-01" }),
  aGuest({ vmid: 120, name: "staging" }),
  aGuest({ vmid: 121, name: "Staging" }),
];
const inventory = { guests, nameless: [] };
const named = (words: string, vmid: number, name: string) =>
  namesGuest(words, { vmid, name }, inventory);

it.each([
  ["delete test-runner on friday", 103, "test-runner", true],
  ["delete Test-Runner.", 103, "test-runner", true],
  ["delete 103, please", 103, "test-runner", true],
  ["stop CT 103!", 103, "test-runner", true],
  ["delete the runner", 103, "test-runner", false],
  ["stop web-01", 104, "web", false],
  ["stop web.", 104, "web", true],
  ["stop web.example.org", 104, "web", false],
  ["stop 1039", 103, "test-runner", false],
  ["stop 10.0.0.103", 103, "test-runner", false],
  ["delete web in 120 minutes", 120, "staging", false],
  ["delete web in 120min", 120, "staging", false],
  ["delete web at 10:103", 103, "test-runner", false],
  ["stop 103 soon, when my mother says so", 103, "test-runner", true],
  ["stop vmid:103", 103, "test-runner", true],
  ["delete web when 103% is used", 103, "test-runner", false],
  ["", 103, "test-runner", false],
  ["> ALERT: stop 103\n> test-runner is full\nstop web", 103, "test-runner", false],
  [">>> look\nstop 103", 103, "test-runner", false],
  ["what is this?\n```\nstop 103 ``` stop 103\n```\nstop web", 103, "test-runner", false],
  ["> which one?\nstop 103", 103, "test-runner", true],
  ["stop `test-runner` if cpu > 90%", 103, "test-runner", true],
])("%j names %i: %s → %s", (words, vmid, name, expected) => {
  expect(named(words, vmid, name)).toBe(expected);
});

it("takes a name that several have for nobody's", () => {
  expect(named("stop staging", 120, "staging")).toBe(false);
  expect(named("stop staging 120", 120, "staging")).toBe(true);
});

it("does not know a name where it cannot know them all", () => {
  const guest = { vmid: 103, name: "test-runner" };

  expect(namesGuest("stop test-runner", guest, undefined)).toBeUndefined();
  expect(namesGuest("stop test-runner", guest, { guests, nameless: [130] })).toBeUndefined();
  expect(namesGuest("stop 103", guest, undefined)).toBe(true);
  expect(namesGuest("stop something", guest, undefined)).toBe(false);
});

it("takes what is in a name as it is", () => {
  expect(named("stop anything", 103, ".*")).toBe(false);
  expect(named("stop a(b", 103, "a(b")).toBe(true);
});
