import { describe, expect, it } from "vitest";
import type { Confirmer, Decision } from "#src/policy/policy.ts";
import { approveAction, declineAction } from "#src/slack/cards/confirmation-card.ts";
import { eventually } from "#test/support/eventually.ts";
import { hasButtons, setUpCards } from "#test/support/slack-confirmations.ts";

const approve = { actionId: approveAction };
const decline = { actionId: declineAction };
const reason = "It is in <prod> & *busy*.";

/** Alice asks in a direct conversation, and bob is an approver; what is asked is in both places. */
async function setUp(
  by: Confirmer,
  tool: "stop_guest" | "schedule_deletion" = "stop_guest",
  options: Parameters<typeof setUpCards>[0] = {},
) {
  const approvers = new Set(["U0BOB"]);
  const decide = (): Decision => ({ kind: "confirm", by, reasons: [reason] });
  const parts = await setUpCards({ decide, approvers, ...options });
  const { aliceInSlack, executor, context, identity, fake, cards, confirmations } = parts;
  const asked = aliceInSlack.says(aliceInSlack.dm, "please");
  const conversation = `slack:${identity.teamId}/${aliceInSlack.dm}/${asked.ts}`;
  const { outcome } = await executor.submit(
    { tool, input: {} },
    { ...context(alice), conversation },
  );
  if (outcome.kind !== "awaiting-confirmation") throw new Error(`unexpected ${outcome.kind}`);
  const { id } = outcome.confirmation;
  await cards.post([outcome.confirmation]);
  const kept = () => confirmations.find(id);
  const messageAt = (place: string | undefined) => {
    const found = fake.messages().find(({ channel, ts }) => `${channel}/${ts}` === place);
    return found ?? expect.fail(`no message at ${place}`);
  };
  /** The card in alice's conversation, and the one that approvers see. */
  const own = async () => messageAt((await kept())?.place);
  const theirs = async () => messageAt((await kept())?.approversPlace);
  /** Waits until both say this. */
  const both = async (words: string | RegExp) => {
    await eventually(async () => (await own()).text).toMatch(words);
    await eventually(async () => (await theirs()).text).toMatch(words);
    return [await own(), await theirs()] as const;
  };
  return { ...parts, approvers, confirmation: outcome.confirmation, kept, own, theirs, both };
}

const alice = { id: "U0ALICE", name: "Alice", role: "operator", timeZone: "Europe/Berlin" };

describe("a question for an approver", () => {
  it("is shown where it was asked and in the channel, and says who answers and why", async () => {
    const { own, theirs, aliceInSlack, fake } = await setUp("approver");

    const cards = [await own(), await theirs()];

    expect(cards.map(({ channel }) => channel)).toEqual([aliceInSlack.dm, "C0PROXMOX"]);
    expect(cards[1]?.threadTs).toBeUndefined();
    for (const { text, blocks } of cards) {
      expect(text).toContain("*Who answers:* An approver other than Alice has to approve it.");
      expect(text).toContain("*Why it is asked:* It is in &lt;prod&gt; &amp; *busy*.");
      expect(text).not.toContain("who alone may answer");
      expect(hasButtons({ blocks })).toBe(true);
    }
    expect(fake.calls("chat.postMessage")).toHaveLength(2);
    expect(fake.recorder.warnings).toEqual([]);
  });

  it("is done once by an approver's click in the channel, and both cards say so", async () => {
    const { theirs, both, bobInSlack, acts, audit, notes } = await setUp("approver");

    bobInSlack.clicks(await theirs(), approve);

    for (const card of await both(/\*Done\.\*/)) {
      expect(hasButtons(card)).toBe(false);
      expect(card.text).toMatch(/Asked by Alice\. Approved by Bob, <!date/);
    }
    expect(acts).toHaveLength(1);
    expect((await audit.tail({ limit: 1 }))[0]).toMatchObject({
      step: "succeeded",
      principal: { id: "U0ALICE" },
      approver: { id: "U0BOB" },
    });
    await eventually(() => notes).toEqual([expect.stringContaining("Confirmed and done")]);
  });

  it("is not done by the click of who asked, or of a stranger, and says why", async () => {
    const { own, theirs, aliceInSlack, bobInSlack, approvers, fake, acts } =
      await setUp("approver");
    approvers.clear();

    aliceInSlack.clicks(await own(), approve);
    bobInSlack.clicks(await theirs(), approve);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("somebody else has to");
    expect((await fake.waitForEphemeral("U0BOB")).text).toContain(
      "policy does not name you as one. It is in &lt;prod&gt;",
    );
    expect(hasButtons(await own()) && hasButtons(await theirs())).toBe(true);
    expect(acts).toHaveLength(0);
  });

  it("is withdrawn in both places by who asked", async () => {
    const { own, both, aliceInSlack, acts } = await setUp("approver");

    aliceInSlack.clicks(await own(), decline);

    for (const card of await both("Declined by Alice")) expect(hasButtons(card)).toBe(false);
    expect(acts).toHaveLength(0);
  });

  it("loses its buttons in both places when nobody answers for an hour", async () => {
    const { both, clock, own } = await setUp("approver");
    clock.advance({ minutes: 59 });
    expect(hasButtons(await own())).toBe(true);

    clock.advance({ minutes: 1 });

    for (const card of await both("Expired")) expect(hasButtons(card)).toBe(false);
  });

  it("takes no answer from a third place", async () => {
    const { confirmation, bobInSlack, askAndPost, fake, acts } = await setUp("approver");
    const { card } = await askAndPost("stop_guest", { vmid: 200, name: "other" });

    bobInSlack.clicks(card, { ...approve, value: confirmation.id });

    expect((await fake.waitForEphemeral("U0BOB")).text).toContain("in another place");
    expect(acts).toHaveLength(0);
  });

  it("is shown to the approvers later where Slack did not take it at first", async () => {
    const { confirmations, cards, fake, ask } = await setUp("approver");
    fake.faults.next("chat.postMessage", { kind: "error", error: "internal_error" }, 2);

    const { id } = await ask("stop_guest", { vmid: 200, name: "late" });
    await cards.post([(await confirmations.find(id)) ?? expect.fail()]);

    await eventually(async () => {
      const found = await confirmations.find(id);
      return found?.place !== undefined && found.approversPlace !== undefined;
    }).toBe(true);
    expect(fake.messages({ matching: "late" })).toHaveLength(2);
  });

  it("finds both of its cards again where nobody wrote down where they are", async () => {
    const before = await setUp("approver", "stop_guest", { idle: true });
    const shown = await before.kept();
    const lost = { place: null, approvers_place: null };
    await before.db.updateTable("confirmation").set(lost).execute();

    const { db, slack } = before;
    const after = await setUpCards({ db, slack, later: 10 });

    const found = () => after.confirmations.find(before.confirmation.id);
    await eventually(async () => (await found())?.place).toBe(shown?.place);
    await eventually(async () => (await found())?.approversPlace).toBe(shown?.approversPlace);
    expect(after.fake.messages({ matching: "Cut the power" })).toHaveLength(2);
  });

  it("is among what the Home tab shows the approver", async () => {
    const { cards, approvers, confirmation } = await setUp("approver");
    const idsFor = async (id: string) =>
      (await cards.openOf(id)).map((open) => open.confirmation.id);

    expect(await idsFor("U0BOB")).toEqual([confirmation.id]);
    expect(await idsFor("U0ALICE")).toEqual([confirmation.id]);
    approvers.clear();
    expect(await idsFor("U0BOB")).toEqual([]);
  });
});

describe("a question for two people", () => {
  it.each([
    ["who asked", "alice", "Approved by Alice; waits for an approver."],
    ["an approver", "bob", "Approved by Bob; waits for Alice."],
  ] as const)(
    "shows in both places that %s has approved it, and is done then",
    async (_, first, words) => {
      const { own, theirs, both, aliceInSlack, bobInSlack, acts, notes } =
        await setUp("two-persons");
      const clicks = [
        async () => aliceInSlack.clicks(await own(), approve),
        async () => bobInSlack.clicks(await theirs(), approve),
      ] as const;

      await clicks[first === "alice" ? 0 : 1]();
      for (const card of await both(words)) expect(hasButtons(card)).toBe(true);
      expect(acts).toHaveLength(0);

      await clicks[first === "alice" ? 1 : 0]();
      for (const card of await both(/\*Done\.\*/)) {
        expect(hasButtons(card)).toBe(false);
        expect(card.text).toContain("Approved by Alice, ");
        expect(card.text).toContain("Approved by Bob, ");
      }
      expect(acts).toHaveLength(1);
      await eventually(() => notes).toHaveLength(2);
      expect(notes[0]).toContain(words);
    },
  );

  it("is done once for everybody's clicks at once", async () => {
    const { own, theirs, both, aliceInSlack, bobInSlack, approvers, acts } =
      await setUp("two-persons");
    approvers.add("U0ALICE");
    const [one, other] = [await own(), await theirs()];

    for (let round = 0; round < 2; round++) {
      for (const card of [one, other]) {
        aliceInSlack.clicks(card, approve);
        bobInSlack.clicks(card, approve);
      }
    }

    for (const card of await both(/\*Done\.\*/)) expect(hasButtons(card)).toBe(false);
    expect(acts).toHaveLength(1);
  });

  it("has both type the guest's name where it would be lost", async () => {
    const { own, theirs, both, aliceInSlack, bobInSlack, fake, acts, kept } = await setUp(
      "two-persons",
      "schedule_deletion",
    );

    bobInSlack.clicks(await theirs(), approve);
    const modal = await fake.waitForView("U0BOB");
    const { errors } = await bobInSlack.submits(modal, { typed_name: "web-02" });
    expect(errors).toEqual({ guest_name: "Type test-runner exactly" });
    await bobInSlack.submits(modal, { typed_name: "test-runner" });
    await both("Approved by Bob; waits for Alice");
    expect(acts).toHaveLength(0);

    aliceInSlack.clicks(await own(), approve);
    await aliceInSlack.submits(await fake.waitForView("U0ALICE"), { typed_name: "test-runner" });
    await both("Scheduled");
    expect(acts).toHaveLength(1);
    // Each where the person pressed it.
    const { place, approversPlace, approvals } = (await kept()) ?? expect.fail();
    expect(new Map(approvals.map((approval) => [approval.seat, approval.place]))).toEqual(
      new Map([
        ["requester", place],
        ["approver", approversPlace],
      ]),
    );
  });

  it("keeps no buttons where another process ended it while how far it was is being shown", async () => {
    const { theirs, bobInSlack, fake, confirmations, confirmation, kept, both } = await setUp(
      "two-persons",
      "stop_guest",
      { timing: { tidyEvery: 60_000 } },
    );
    fake.faults.next("chat.update", { kind: "latency", ms: 300 }, 2);
    bobInSlack.clicks(await theirs(), approve);
    await eventually(() => fake.calls("chat.update")).toHaveLength(2);

    const { id } = confirmation;
    const { place } = (await kept()) ?? expect.fail();
    await confirmations.approve(id, "requester", { id: "U0ALICE", name: "Alice" }, place);
    await confirmations.settle(id);

    for (const card of await both("Approved by Alice")) expect(hasButtons(card)).toBe(false);
  });

  it("shows how far it had come, after a restart as well", async () => {
    const before = await setUp("two-persons", "stop_guest", { idle: true });
    const place = (await before.kept())?.approversPlace;
    const bob = { id: "U0BOB", name: "Bob" };
    await before.confirmations.approve(before.confirmation.id, "approver", bob, place);

    await setUpCards({ db: before.db, slack: before.slack, later: 10 });

    for (const card of await before.both("Approved by Bob; waits for Alice")) {
      expect(hasButtons(card)).toBe(true);
    }
  });
});
