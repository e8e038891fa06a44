import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { noBackupReason } from "#src/deletions/held-reasons.ts";
import { defaultRoles } from "#src/policy/roles.ts";
import { approveAction } from "#src/slack/cards/confirmation-card.ts";
import { createDeletionAnswering } from "#src/slack/deletions/answering.ts";
import { actionOf } from "#src/slack/deletions/deletion-card.ts";
import { changeAs, friday } from "#test/support/deletions.ts";
import { eventually } from "#test/support/eventually.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { leasesOf } from "#test/support/leases.ts";
import { alice, bob, hasButtons, standingSlack } from "#test/support/slack-confirmations.ts";
import { doomed, setUpDeletions } from "#test/support/slack-deletions.ts";

const keep = { actionId: actionOf("keep") };
const day = { actionId: actionOf("postpone-day") };
const week = { actionId: actionOf("postpone-week") };
const pick = { actionId: actionOf("postpone") };
const confirm = { actionId: actionOf("confirm") };
const now = { actionId: actionOf("now") };
const withoutBackup = { actionId: actionOf("now-without-backup") };

/** From the clock's noon on Tuesday. */
const untilDue = { hours: 77, minutes: 1 };
const saturday = friday.add({ hours: 24 });

describe("a notice about a deletion", () => {
  it("has buttons that name the guest, says the same in words, and pings nobody", async () => {
    const { told, fake, deletion } = await toldOf();

    expect(told.channel).toBe("C0PROXMOX");
    expect(told.text).toContain("test-runner &lt;!channel&gt; will be deleted.");
    expect(told.text).toContain(
      "Buttons: Keep (cancel) · Postpone 1 day · Postpone 1 week · Pick a time… · Delete now…",
    );
    expect(told.text).toContain(`<!date^${friday.epochMilliseconds / 1000}^`);
    const actions = told.blocks.find(({ type }) => type === "actions");
    expect(actions).toMatchObject({
      elements: expect.arrayContaining([
        expect.objectContaining({
          value: `${deletion.id}:1`,
          style: "primary",
          accessibility_label: "Keep, cancel the deletion of CT 103 test-runner",
        }),
      ]),
    });
    expect(JSON.stringify(actions).match(/danger/g)).toHaveLength(1);
    expect(fake.recorder).toMatchObject({ warnings: [], pings: [] });
  });

  it("works for its requester in a direct message", async () => {
    const { told, clickedBy, deletions, says, alice } = await toldOf({}, "user:U0ALICE");
    expect(told.channel).toBe(alice.dm);

    clickedBy(alice, keep);

    expect(hasButtons(await says(told, "Not deleted.*Cancelled by Alice"))).toBe(false);
    expect(await deletions.listOpen()).toEqual([]);
  });

  it("that comes too late says so, and has no buttons", async () => {
    const { deletions, tell, deletion } = await toldOf();
    await deletions.cancel(deletion.id, alice);

    const late = await tell(deletion, "user:U0ALICE");

    expect(late.text).toContain("*Not deleted:* Cancelled by Alice.");
    expect(hasButtons(late)).toBe(false);
  });
});

describe("Keep", () => {
  it("cancels the deletion for who may, once, and every copy says so", async () => {
    const { told, tell, deletion, clickedBy, alice, says, audit, fake } = await toldOf();
    const copy = await tell(deletion, "user:U0ALICE");

    clickedBy(alice, keep);
    await says(told, "Not deleted");
    clickedBy(alice, keep);

    expect(hasButtons(await says(copy, "Cancelled by Alice"))).toBe(false);
    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain(
      "off already. Cancelled by Alice.",
    );
    const records = await audit.tail({ limit: 9 });
    expect(records.map(({ tool, step }) => [tool, step])).toEqual([
      ["cancel_deletion", "started"],
      ["cancel_deletion", "succeeded"],
    ]);
    expect(records[0]?.origin).toMatch(/^stop:/);
  });

  it("of somebody who may not is refused with the policy's reason", async () => {
    const { told, clickedBy, bob, fake, deletions, now } = await toldOf();

    clickedBy(bob, keep);

    expect((await fake.waitForEphemeral("U0BOB")).text).toContain("only for an own request");
    expect(await deletions.listOpen()).toHaveLength(1);
    expect(hasButtons(now(told))).toBe(true);
  });

  it("is itself the confirmation where the policy asks for one", async () => {
    const operator = { ...defaultRoles.operator, cancel_deletion: "confirm" as const };
    const { told, clickedBy, alice, says, fake } = await toldOf({}, "channel", {
      roles: { ...defaultRoles, operator },
    });

    clickedBy(alice, keep);

    await says(told, "Cancelled by Alice");
    expect(fake.messages()).toHaveLength(1);
  });

  it("still counts while the guest is prepared", async () => {
    const { told, deletion, deletions, clickedBy, alice, says, tidied } = await toldOf();
    await changeAs(deletions, deletion, { state: "preparing" });

    clickedBy(alice, keep);

    await says(told, "Cancelled by Alice");
    await tidied();
  });

  it("does nothing where the VMID means another guest's deletion by now", async () => {
    const successor = aGuestDetail({ vmid: 103, name: "new-runner", fingerprint: "fp-new" });
    const { told, clickedBy, alice, fake, deletions, deletion } = await toldOf({}, "channel", {
      guests: guestsOf(successor),
    });
    await deletions.schedule({
      ...deletion,
      guest: { ...deletion.guest, fingerprint: "fp-new" },
    });

    clickedBy(alice, keep);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("another guest by now");
    expect(await deletions.listOpen()).toHaveLength(2);
    expect(hasButtons(told)).toBe(true);
  });
});

describe("Postpone", () => {
  it.each([
    [day, saturday],
    [week, friday.add({ hours: 24 * 7 })],
  ])("moves the deletion at once, confirmed by who clicked: %o", async (button, dueAt) => {
    const { told, clickedBy, bob: bobby, says, fake, row } = await toldOf();

    clickedBy(bobby, button);

    const notice = await says(told, "Out of date");
    expect(notice.text).toMatch(
      new RegExp(
        `It is due <!date\\^${dueAt.epochMilliseconds / 1000}\\^.* now, confirmed by Bob.`,
      ),
    );
    expect(hasButtons(notice)).toBe(false);
    expect(await row()).toMatchObject({
      revision: 2,
      dueAt: String(dueAt),
      confirmedBy: { id: bob.id },
    });
    // Nobody is asked a second time.
    expect(fake.messages()).toHaveLength(1);
    expect(fake.ephemerals("U0BOB")).toEqual([]);
  });

  it.each([
    ["approver", "Waits for an approver other than Alice."],
    ["two-persons", "Approved by Alice; waits for an approver."],
  ] as const)("is asked of the approvers where the policy wants %s", async (by, words) => {
    const {
      told,
      clickedBy,
      alice,
      bob: bobby,
      fake,
      says,
      row,
    } = await toldOf({}, undefined, { by });

    clickedBy(alice, day);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain(words);
    const card = await fake.waitForMessage({ channel: "C0PROXMOX", matching: approveAction });
    expect(card.threadTs).toBeUndefined();
    expect(await row()).toMatchObject({ revision: 1 });

    bobby.clicks(card, { actionId: approveAction });
    await bobby.submits(await fake.waitForView("U0BOB"), { typed_name: "test-runner" });
    await says(told, "Out of date");
    expect(await row()).toMatchObject({ revision: 2, dueAt: String(saturday) });
  });

  it("twice moves it once", async () => {
    const { told, clickedBy, alice, says, fake, row } = await toldOf();

    clickedBy(alice, day);
    clickedBy(alice, day);

    await says(told, "Out of date");
    expect((await fake.waitForEphemeral("U0ALICE")).text).toMatch(/out of date|already confirmed/);
    expect(await row()).toMatchObject({ revision: 2, dueAt: String(saturday) });
  });

  it("does nothing about a deletion that was moved at this very moment", async () => {
    const { deletion, deletions, row, signal, ...parts } = await toldOf();
    await deletions.reschedule(deletion, { dueAt: saturday, timeZone: "UTC" });
    const answering = createDeletionAnswering({ ...parts, confirmations: parts.cards });

    const thread = { channel: "C0PROXMOX", threadTs: parts.told.ts };
    const answer = { deletion, userId: "U0ALICE", thread, origin: "act:1", signal };
    const sentences = await Promise.all([
      answering.give({ ...answer, wish: "postpone-week" }),
      answering.give({ ...answer, wish: "now" }),
    ]);

    for (const sentence of sentences) expect(sentence).toContain("moved at this very moment");
    expect(await row()).toMatchObject({ revision: 2, dueAt: String(saturday) });
    // To keep it is right whenever it is due.
    expect(await answering.give({ ...answer, wish: "keep" })).toBeUndefined();
  });

  it("to a time that is picked is offered in a modal, a day later", async () => {
    const { told, clickedBy, alice, says, fake, row } = await toldOf();

    clickedBy(alice, pick);
    const modal = await fake.waitForView("U0ALICE");
    await alice.submits(modal);

    await says(told, "Out of date");
    expect(await row()).toMatchObject({ dueAt: String(saturday) });
    expect(fake.recorder.warnings).toEqual([]);
  });

  it.each([
    ["past", "2026-11-24T11:00:00Z"],
    ["earlier than planned", "2026-11-26T17:00:00Z"],
    ["planned", "2026-11-27T17:00:00Z"],
  ])("takes no time that is %s", async (_, time) => {
    const { clickedBy, alice, fake, row } = await toldOf();
    clickedBy(alice, pick);
    const modal = await fake.waitForView("U0ALICE");

    const picked_time = String(Temporal.Instant.from(time).epochMilliseconds / 1000);
    const { errors } = await alice.submits(modal, { picked_time });

    expect(errors.deletion_time).toContain("Pick a time that is to come");
    expect(await row()).toMatchObject({ revision: 1 });
  });

  it("tells in the modal that it came too late", async () => {
    const { clickedBy, alice, fake, deletions, deletion } = await toldOf();
    clickedBy(alice, pick);
    const modal = await fake.waitForView("U0ALICE");
    await deletions.cancel(deletion.id, bob);

    const { errors } = await alice.submits(modal);

    expect(errors.deletion_time).toContain("off already. Cancelled by Bob.");
  });

  it("of somebody who may not is refused with the policy's reason, also from the modal", async () => {
    const { clickedBy, fake, row } = await toldOf();
    fake.workspace.addUser({ id: "U0EVE" });
    fake.workspace.channels.get("C0PROXMOX")?.members.add("U0EVE");
    const eve = fake.person("U0EVE");

    clickedBy(eve, day);
    await eventually(() => fake.ephemerals("U0EVE")).toHaveLength(1);
    clickedBy(eve, pick);
    await eve.submits(await fake.waitForView("U0EVE"));
    await eventually(() => fake.ephemerals("U0EVE")).toHaveLength(2);

    for (const { text } of fake.ephemerals("U0EVE")) expect(text).toContain("no role");
    expect(await row()).toMatchObject({ revision: 1 });
  });

  it("says so where Slack did not wait for the modal", async () => {
    const { clickedBy, alice, fake } = await toldOf();
    fake.faults.next("views.open", { kind: "error", error: "expired_trigger_id" });

    clickedBy(alice, pick);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("press the button again");
  });

  it("does not count once the deletion is due, but lets it be kept", async () => {
    const { clickedBy, alice, fake, clock, row } = await toldOf();
    clock.advance(untilDue);

    clickedBy(alice, day);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("has begun");
    expect(await row()).toMatchObject({ revision: 1 });
  });
});

describe("Delete now", () => {
  it("asks for the guest's name in the notice's thread, and takes it of the clicker alone", async () => {
    const { told, clickedBy, alice, bob: bobby, fake, clock, says, row } = await toldOf();

    clickedBy(alice, now);
    const card = await fake.waitForMessage({ thread: told.ts, matching: approveAction });
    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("in the thread");
    expect(card.text).toContain("a backup is made before and kept for 30 days");
    bobby.clicks(card, { actionId: approveAction });
    expect((await fake.waitForEphemeral("U0BOB")).text).toContain("Only Alice");
    expect(await row()).toMatchObject({ revision: 1 });

    alice.clicks(card, { actionId: approveAction });
    const modal = await fake.waitForView("U0ALICE");
    await alice.submits(modal, { typed_name: "test-runner" });

    await says(told, "Out of date");
    expect(await row()).toMatchObject({
      revision: 2,
      dueAt: String(clock.now()),
      confirmedBy: { id: "U0ALICE" },
      withoutBackup: false,
    });
  });

  it("is asked in the direct conversation where it was clicked there", async () => {
    const { told, clickedBy, alice, fake } = await toldOf({}, "user:U0ALICE");

    clickedBy(alice, now);

    const card = await fake.waitForMessage({ thread: told.ts, matching: approveAction });
    expect(card.channel).toBe(alice.dm);
  });

  it("without a backup can be had where it is held for want of one", async () => {
    const { deletion, deletions, tell, alice, fake, approved, row } = await toldOf();
    await changeAs(deletions, deletion, { state: "held", reason: `${noBackupReason} (no space)` });
    const notice = await tell(deletion, "user:U0ALICE");

    alice.clicks(notice, withoutBackup);

    const card = await fake.waitForMessage({ thread: notice.ts, matching: approveAction });
    expect(card.text).toContain("*No backup is made.*");
    await approved(card);
    await eventually(row).toMatchObject({
      revision: 2,
      withoutBackup: true,
    });
  });
});

describe("Confirm", () => {
  const unconfirmed = { confirmedBy: undefined };

  it("asks for the guest's name, and confirms the time that nobody has confirmed", async () => {
    const { told, clickedBy, alice, fake, approved, says, row } = await toldOf(unconfirmed);

    clickedBy(alice, confirm);
    await approved(await fake.waitForMessage({ thread: told.ts, matching: approveAction }));

    expect((await says(told, "Out of date")).text).toContain("confirmed by Alice");
    expect(await row()).toMatchObject({
      revision: 2,
      dueAt: String(friday),
      confirmedBy: { id: "U0ALICE" },
    });
  });

  it("once it is due has it done at once", async () => {
    const { told, clickedBy, alice, fake, approved, clock, row } = await toldOf(unconfirmed);
    clock.advance(untilDue);

    clickedBy(alice, confirm);
    await approved(await fake.waitForMessage({ thread: told.ts, matching: approveAction }));

    await eventually(row).toMatchObject({ dueAt: String(clock.now()) });
  });
});

describe("a notice about the end of a lease", () => {
  const unconfirmed = { confirmedBy: undefined, ofLease: true };

  /** A lease of a week at a time, in all 20 days from the 13th on: until 3 Dec, 10:00 in Berlin. */
  const aLease = (totalDays = 20) =>
    toldOf(unconfirmed, "channel", {
      leases: leasesOf({
        terms: { defaultDays: 7, maximumDays: 10, totalDays },
        beganAt: Temporal.Instant.from("2026-11-13T09:00:00Z"),
        timeZone: "Europe/Berlin",
      }),
    });

  it("offers to extend it, which confirms nothing", async () => {
    const { told, clickedBy, alice, row, says } = await aLease();
    expect(told.text).toContain(
      "Buttons: Keep · Extend 1 day · Extend 1 week · Pick a time… · Confirm deletion… · Delete now…",
    );

    clickedBy(alice, day);

    await says(told, /Out of date.*nobody has confirmed that yet/);
    const due = String(saturday);
    expect(await row()).toMatchObject({ revision: 2, dueAt: due, ofLease: true });
    expect((await row())?.confirmedBy).toBeUndefined();
  });

  it("goes as far as it may where the button says more, and says so", async () => {
    const { clickedBy, alice, row, fake } = await aLease();

    clickedBy(alice, week);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain(
      "until Thu 3 Dec 2026, 10:00 CET (Europe/Vienna), in 9 days, the furthest that it may go",
    );
    expect(await row()).toMatchObject({ dueAt: "2026-12-03T09:00:00Z" });
  });

  it("refuses what is past the limit, and says who may lift it", async () => {
    const { told, clickedBy, alice, row, fake, now } = await aLease(12);

    clickedBy(alice, day);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toMatch(
      /cannot be extended: by the policy it ends on Wed 25 Nov 2026, .* Its owner or an admin can put/,
    );
    expect(await row()).toMatchObject({ revision: 1 });
    expect(hasButtons(now(told))).toBe(true);
  });

  it("extends nothing for somebody whose guest it is not", async () => {
    const { clickedBy, bob, row, fake } = await aLease();

    clickedBy(bob, day);

    expect((await fake.waitForEphemeral("U0BOB")).text).toContain("only for an own request");
    expect(await row()).toMatchObject({ revision: 1 });
  });

  it("has the deletion confirmed by who types the guest's name", async () => {
    const { told, clickedBy, alice, fake, approved, row } = await aLease(12);

    clickedBy(alice, confirm);
    await approved(await fake.waitForMessage({ thread: told.ts, matching: approveAction }));

    await eventually(row).toMatchObject({
      dueAt: String(friday),
      ofLease: false,
      requestedBy: { id: "U0ALICE" },
      confirmedBy: { id: "U0ALICE" },
    });
  });
});

describe("a click that does not count", () => {
  it.each([
    ["is of another revision", (id: string) => `${id}:7`, "out of date"],
    ["names no deletion", () => "pve0:1", "no such deletion"],
    ["names nothing at all", () => "nothing", "no such deletion"],
  ])("because it %s is told so", async (_, valueFor, words) => {
    const { told, deletion, alice, fake, deletions } = await toldOf();

    alice.clicks(told, { ...keep, value: valueFor(deletion.id) });

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain(words);
    expect(await deletions.listOpen()).toHaveLength(1);
  });

  it("of another workspace is told that", async () => {
    const slack = await standingSlack();
    slack.fake.workspace.addUser({ id: "U0EVE", teamId: "T0OTHER" });
    slack.fake.workspace.channels.get("C0PROXMOX")?.members.add("U0EVE");
    const { clickedBy, fake, deletions } = await toldOf({}, "channel", { slack });

    clickedBy(fake.person("U0EVE"), keep);

    expect((await fake.waitForEphemeral("U0EVE")).text).toContain("Only people of this workspace");
    expect(await deletions.listOpen()).toHaveLength(1);
  });

  it("shows an error id where something goes wrong", async () => {
    const { clickedBy, alice, fake, db } = await toldOf();
    await db.schema.dropTable("audit").execute();

    clickedBy(alice, keep);

    const { text } = await fake.waitForEphemeral("U0ALICE");
    expect(text).toMatch(/error id E-/);
  });
});

describe("a notice afterwards", () => {
  it("loses its buttons when the deletion is due, and says in the end what became of it", async () => {
    const { told, deletion, deletions, clock, says, tidied, fake } = await toldOf();

    clock.advance(untilDue);
    const due = await says(told, "Due now");
    expect(hasButtons(due)).toBe(false);
    expect(due.text).toContain("`/pve cancel 103` still stops it");
    await changeAs(deletions, deletion, { state: "preparing" });
    await says(told, "Begun.* The guest is shut down and backed up first");
    await changeAs(deletions, deletion, { state: "destroying" });
    await says(told, "Being deleted");
    await tidied();
    await changeAs(deletions, deletion, {
      state: "done",
      upid: "UPID:pve1:1:2:3:vzdestroy:103:a:",
    });

    expect((await says(told, "Deleted")).text).toContain("UPID:pve1:1:2:3:vzdestroy:103:a:");
    expect(fake.calls("chat.update")).toHaveLength(4);
  });

  it("that has lost its buttons does not get them back, while that about the hold has them", async () => {
    const { told, deletion, deletions, clock, says, tell } = await toldOf();
    clock.advance(untilDue);
    await says(told, "Due now");

    await changeAs(deletions, deletion, { state: "held", reason: "the guest is <locked>" });
    const hold = await tell(deletion, "user:U0ALICE");

    const notice = await says(told, "On hold");
    expect(notice.text).toContain("the guest is &lt;locked&gt;. Answer the message that says so.");
    expect(hasButtons(notice)).toBe(false);
    expect(hasButtons(hold)).toBe(true);
  });

  it("says at once what a click has led to", async () => {
    const { told, clickedBy, alice, says } = await toldOf({}, "channel", { tidyEvery: 60_000 });

    clickedBy(alice, keep);

    await says(told, "Cancelled by Alice");
  });

  it("is left alone from then on, and while nothing changes", async () => {
    const { told, deletion, deletions, fake, says, tidied, outbox } = await toldOf();
    await tidied();
    expect(fake.calls("chat.update")).toEqual([]);

    await deletions.cancel(deletion.id, bob);
    await says(told, "Cancelled by Bob");
    await tidied();

    expect(fake.calls("chat.update")).toHaveLength(1);
    expect(await outbox.listUnsettled()).toEqual([]);
  });

  it("is brought up to date by the next process", async () => {
    const before = await toldOf({}, "channel", { idle: true });
    await before.deletions.cancel(before.deletion.id, bob);

    const after = await setUpDeletions({ db: before.db, slack: before.slack });

    expect(hasButtons(await after.says(before.told, "Cancelled by Bob"))).toBe(false);
  });

  it("is answered by the next process", async () => {
    const before = await toldOf({}, "channel", { idle: true });

    const after = await setUpDeletions({ db: before.db, slack: before.slack });
    after.aliceInSlack.clicks(before.told, day);

    await after.says(before.told, "confirmed by Alice");
  });

  it("is given up where Slack does not let it be edited any more", async () => {
    const { deletion, deletions, fake, outbox } = await toldOf();
    fake.faults.always("chat.update", { kind: "error", error: "message_not_found" });

    await deletions.cancel(deletion.id, bob);

    await eventually(() => outbox.listUnsettled()).toEqual([]);
  });

  it("is tried again where Slack was away, and keeps no other from it", async () => {
    const { told, tell, deletion, deletions, fake, says } = await toldOf();
    const copy = await tell(deletion, "user:U0ALICE");
    fake.faults.next("chat.update", { kind: "error", error: "internal_error" });

    await deletions.cancel(deletion.id, bob);

    await says(copy, "Cancelled by Bob");
    await says(told, "Cancelled by Bob");
  });
});

describe("a click that is taken up again", () => {
  it.each([
    ["goes on where it was not carried out", false],
    ["says nothing where it was", true],
  ])("%s", async (_, wasCarriedOut) => {
    const { told, deletion, deletions, transport, fake, says } = await toldOf();
    if (wasCarriedOut) await deletions.cancel(deletion.id, alice);

    await transport.app.processEvent({
      body: {
        type: "block_actions",
        team: { id: "T0FAKE" },
        user: { id: "U0ALICE" },
        container: { channel_id: "C0PROXMOX", message_ts: told.ts },
        actions: [
          { type: "button", action_id: keep.actionId, block_id: "b", value: `${deletion.id}:1` },
        ],
      },
      ack: async () => {},
      customProperties: {
        inboxKey: "act:1",
        endTurn() {},
        retaken: true,
        fromOutside: false,
        signal: new AbortController().signal,
      },
    });

    await says(told, "Cancelled by Alice");
    expect(fake.ephemerals("U0ALICE")).toEqual([]);
  });

  it("leaves no second question where the process died between asking and confirming", async () => {
    const before = await toldOf({}, "channel", { idle: true });
    const { executor, context, deletion } = before;
    const call = {
      tool: "reschedule_deletion",
      input: { guest: 103, when: saturday.toString(), backup: null },
    };
    await executor.submit(call, { ...context(alice), conversation: `deletion:${deletion.id}` });

    const { db, slack, clock } = before;
    clock.advance({ seconds: 1 });
    const after = await setUpDeletions({ db, slack, clock });
    after.aliceInSlack.clicks(before.told, day);

    await after.says(before.told, "confirmed by Alice");
    expect(after.fake.messages()).toHaveLength(1);
    expect(await after.confirmations.pending()).toEqual([]);
  });
});

/** A deletion of which somebody was told, and the ways to answer. */
async function toldOf(
  facts: Parameters<Awaited<ReturnType<typeof setUpDeletions>>["told"]>[0] = {},
  recipient = "channel",
  options: Parameters<typeof setUpDeletions>[0] = {},
) {
  const parts = await setUpDeletions({ guests: guestsOf(doomed), ...options });
  const { deletion, notice: told } = await parts.told(facts, recipient);
  const { fake, aliceInSlack, bobInSlack } = parts;
  type Person = typeof aliceInSlack;
  return {
    ...parts,
    deletion,
    told,
    signal: new AbortController().signal,
    alice: aliceInSlack,
    bob: bobInSlack,
    /** The deletion as it is kept by now, with a time that can be compared. */
    async row() {
      const row = await parts.deletions.find(deletion.id);
      return row && { ...row, dueAt: String(row.dueAt) };
    },
    clickedBy: (person: Person, button: { readonly actionId: string }) =>
      person.clicks(told, button),
    /** Alice types the guest's name. */
    async approved(card: typeof told) {
      aliceInSlack.clicks(card, { actionId: approveAction });
      const modal = await fake.waitForView("U0ALICE");
      await aliceInSlack.submits(modal, { typed_name: "test-runner" });
    },
    /** Long enough for several looks at what changed. */
    tidied: () => new Promise((resolve) => setTimeout(resolve, 80)),
  };
}
