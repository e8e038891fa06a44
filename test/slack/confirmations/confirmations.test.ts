import { describe, expect, it } from "vitest";
import { approveAction, declineAction } from "#src/slack/cards/confirmation-card.ts";
import { eventually } from "#test/support/eventually.ts";
import {
  alice,
  bob,
  hasButtons,
  setUpCards,
  standingSlack,
} from "#test/support/slack-confirmations.ts";

const approve = { actionId: approveAction };
const decline = { actionId: declineAction };

describe("a card", () => {
  it("says what would happen to which guest, what is lost, who asked and until when", async () => {
    const { askAndPost, fake, root } = await setUpCards();

    const { card } = await askAndPost("schedule_deletion");

    expect(card).toMatchObject({ channel: "C0PROXMOX", threadTs: root.ts });
    for (const words of [
      "Delete `test-runner`?",
      "Delete test-runner (CT 103).",
      "container, VMID 103, on `pve1`), running, owner `bob`",
      "`rootfs` `8G` on `local-lvm` (`vm-102-disk-0`)",
      "the snapshot `before-upgrade`",
      "*Last backup:* not known",
      "Asked by Alice",
      "<!date^1795798800^", // when it would happen
      "<!date^1795521900^", // until when it is open
    ]) {
      expect(card.text).toContain(words);
      expect(JSON.stringify(card.blocks)).toContain(words);
    }
    expect(fake.recorder.warnings).toEqual([]);
    expect(fake.recorder.pings).toEqual([]);
  });

  it("carries the random id in its buttons and nothing else", async () => {
    const { askAndPost } = await setUpCards();

    const { card, confirmation } = await askAndPost("stop_guest");

    const actions = card.blocks.find(({ type }) => type === "actions");
    expect(actions).toMatchObject({
      elements: [
        {
          value: confirmation.id,
          style: "danger",
          accessibility_label: expect.stringContaining("CT 103"),
        },
        { value: confirmation.id, accessibility_label: expect.stringContaining("CT 103") },
      ],
    });
    expect(JSON.stringify(actions).match(/danger/g)).toHaveLength(1);
  });

  it("is posted once, however often it is asked for", async () => {
    const { askAndPost, cards, fake } = await setUpCards();
    const { confirmation } = await askAndPost("stop_guest");

    await Promise.all([cards.post([confirmation]), cards.post([confirmation])]);

    expect(fake.calls("chat.postMessage")).toHaveLength(1);
  });

  it("is posted later where Slack did not take it at first", async () => {
    const { ask, cards, fake, thread } = await setUpCards();
    fake.faults.next("chat.postMessage", { kind: "error", error: "internal_error" });

    await cards.post([await ask("stop_guest")]);

    expect(hasButtons(await thread("Cut the power"))).toBe(true);
  });

  it("is found again, and not posted twice, when the answer to its post was lost", async () => {
    const { ask, cards, fake, confirmations } = await setUpCards();
    fake.faults.next("chat.postMessage", { kind: "status", status: 502, acted: true });
    const { id } = await ask("stop_guest");

    await cards.post([(await confirmations.find(id)) ?? expect.fail()]);

    await eventually(async () => (await confirmations.find(id))?.place).toBeDefined();
    expect(fake.messages({ matching: "Cut the power" })).toHaveLength(1);
  });
});

describe("approving", () => {
  it("acts once and shows who, when and the task, without buttons", async () => {
    const { askAndPost, aliceInSlack, thread, acts, notes } = await setUpCards();
    const { card } = await askAndPost("stop_guest");

    aliceInSlack.clicks(card, approve);

    const settled = await thread("Done");
    expect(settled.ts).toBe(card.ts);
    expect(hasButtons(settled)).toBe(false);
    expect(settled.text).toMatch(/Approved by Alice, <!date\^\d+\^/);
    expect(settled.text).toContain("UPID:pve1:1:2:3:vzstop:103:a@pve!b:");
    expect(acts).toHaveLength(1);
    await eventually(() => notes).toEqual([expect.stringContaining("Confirmed and done")]);
  });

  it("takes the buttons away and shows progress until the real outcome is there", async () => {
    const end = Promise.withResolvers<void>();
    const { askAndPost, aliceInSlack, thread, fake } = await setUpCards({
      act: async ({ onProgress }) => {
        onProgress?.("stopping <!channel>");
        await end.promise;
      },
    });
    const { card } = await askAndPost("stop_guest");

    aliceInSlack.clicks(card, approve);

    const working = await thread(/Working…\* stopping &lt;!channel&gt;/);
    expect(hasButtons(working)).toBe(false);
    expect(working.text).not.toContain("UPID");
    await new Promise((resolve) => setTimeout(resolve, 60));
    end.resolve();
    await thread("Done");
    // Nobody else has meanwhile taken it for something that was left behind.
    const edits = fake.calls("chat.update").map(({ args }) => String(args.text));
    expect(edits.filter((text) => text.includes("restarted"))).toEqual([]);
    expect(fake.recorder.pings).toEqual([]);
  });

  it("edits the card at most as often as it may, whatever the progress", async () => {
    const { askAndPost, aliceInSlack, thread, fake } = await setUpCards({
      timing: { editEvery: 60_000 },
      act: async ({ onProgress }) => {
        for (let step = 0; step < 50; step++) onProgress?.(`step ${step}`);
      },
    });
    const { card } = await askAndPost("stop_guest");

    aliceInSlack.clicks(card, approve);
    await thread("Done");

    // The first sign of life, and the outcome.
    expect(fake.calls("chat.update")).toHaveLength(2);
  });

  it("shows a failure as one", async () => {
    const { askAndPost, aliceInSlack, thread } = await setUpCards({
      act: async () => {
        throw new Error("secret detail");
      },
    });
    const { card } = await askAndPost("stop_guest");

    aliceInSlack.clicks(card, approve);

    const settled = await thread("Failed");
    expect(settled.text).not.toContain("secret detail");
    expect(hasButtons(settled)).toBe(false);
  });

  it("acts once for three clicks and tells the others who was first", async () => {
    const { askAndPost, aliceInSlack, thread, acts, fake } = await setUpCards();
    const { card } = await askAndPost("stop_guest");

    for (let click = 0; click < 3; click++) aliceInSlack.clicks(card, approve);

    await thread("Done");
    await eventually(() => fake.ephemerals("U0ALICE")).toHaveLength(2);
    expect(fake.ephemerals("U0ALICE")[0]?.text).toContain("already confirmed by Alice");
    expect(acts).toHaveLength(1);
  });

  it("says it anew in the thread where the card cannot be edited any more", async () => {
    const { askAndPost, aliceInSlack, thread, fake } = await setUpCards();
    const { card } = await askAndPost("stop_guest");
    fake.faults.always("chat.update", { kind: "error", error: "edit_window_closed" });

    aliceInSlack.clicks(card, approve);

    expect((await thread("Done")).ts).not.toBe(card.ts);
  });

  it("brings the card up to date later where Slack was away", async () => {
    const { askAndPost, aliceInSlack, thread, fake } = await setUpCards();
    const { card } = await askAndPost("stop_guest");
    fake.faults.next("chat.update", { kind: "error", error: "internal_error" }, 2);

    aliceInSlack.clicks(card, approve);

    expect(await thread("Done")).toMatchObject({ ts: card.ts });
  });
});

describe("a click that does not count", () => {
  it("of anybody else is told whose answer is awaited, and audited", async () => {
    const { askAndPost, bobInSlack, fake, acts, audit, cardOf } = await setUpCards();
    const { card, confirmation } = await askAndPost("stop_guest");

    bobInSlack.clicks(card, approve);
    bobInSlack.clicks(card, decline);

    await eventually(() => fake.ephemerals("U0BOB")).toHaveLength(2);
    expect(fake.ephemerals("U0BOB")[0]?.text).toContain("Only Alice");
    expect(acts).toHaveLength(0);
    expect(hasButtons(await cardOf(confirmation))).toBe(true);
    const refused = (await audit.tail({ limit: 9 })).filter(({ step }) =>
      step.endsWith("-refused"),
    );
    expect(refused).toHaveLength(2);
  });

  it("of another workspace is told that", async () => {
    const slack = await standingSlack();
    slack.fake.workspace.addUser({ id: "U0EVE", teamId: "T0OTHER" });
    slack.fake.workspace.channels.get("C0PROXMOX")?.members.add("U0EVE");
    const { askAndPost, fake, acts } = await setUpCards({ slack });
    const { card } = await askAndPost("stop_guest");

    fake.person("U0EVE").clicks(card, approve);

    expect((await fake.waitForEphemeral("U0EVE")).text).toContain("Only people of this workspace");
    expect(acts).toHaveLength(0);
  });

  it("with a forged id is told that there is no such question", async () => {
    const { askAndPost, aliceInSlack, fake, acts } = await setUpCards();
    const { card } = await askAndPost("stop_guest");

    aliceInSlack.clicks(card, { ...approve, value: "forged" });

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("no such question");
    expect(acts).toHaveLength(0);
  });

  it("on another card, with this one's id, is told to answer there", async () => {
    const { askAndPost, aliceInSlack, fake, acts } = await setUpCards();
    const { confirmation } = await askAndPost("stop_guest");
    const { card: other } = await askAndPost("stop_guest", { vmid: 104, name: "other" });

    aliceInSlack.clicks(other, { ...approve, value: confirmation.id });

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("in another place");
    expect(acts).toHaveLength(0);
  });

  it("after its time is told that it expired", async () => {
    const { askAndPost, aliceInSlack, fake, clock, acts } = await setUpCards({
      timing: { tidyEvery: 60_000 },
    });
    const { card } = await askAndPost("stop_guest");
    clock.advance({ minutes: 6 });

    aliceInSlack.clicks(card, approve);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("has expired");
    expect(acts).toHaveLength(0);
  });
});

describe("declining", () => {
  it("does nothing and says so", async () => {
    const { askAndPost, aliceInSlack, thread, acts, notes } = await setUpCards();
    const { card } = await askAndPost("schedule_deletion");

    aliceInSlack.clicks(card, decline);

    const settled = await thread("Declined by Alice");
    expect(hasButtons(settled)).toBe(false);
    expect(acts).toHaveLength(0);
    await eventually(() => notes).toEqual([expect.stringContaining("nothing was done")]);
  });
});

describe("a deletion", () => {
  it("asks for the guest's name and acts on nothing but that", async () => {
    const { askAndPost, aliceInSlack, fake, thread, acts } = await setUpCards();
    const { card, confirmation } = await askAndPost("schedule_deletion");

    aliceInSlack.clicks(card, approve);
    const modal = await fake.waitForView("U0ALICE");
    expect(modal.privateMetadata).toBe(`${confirmation.id} C0PROXMOX/${card.ts}`);
    for (const typed_name of ["test-runne", "TEST-RUNNER", "web-02"]) {
      const { errors } = await aliceInSlack.submits(modal, { typed_name });
      expect(errors).toEqual({ guest_name: "Type test-runner exactly" });
    }
    expect(acts).toHaveLength(0);

    await aliceInSlack.submits(modal, { typed_name: "test-runner" });
    expect(hasButtons(await thread("Scheduled"))).toBe(false);
    expect(fake.openView("U0ALICE")).toBeUndefined();
    expect(acts).toHaveLength(1);
  });

  it("acts once for two modals that are open", async () => {
    const { askAndPost, aliceInSlack, fake, thread, acts } = await setUpCards();
    const { card } = await askAndPost("schedule_deletion");

    aliceInSlack.clicks(card, approve);
    const first = await fake.waitForView("U0ALICE");
    aliceInSlack.clicks(card, approve);
    await eventually(() => fake.openView("U0ALICE")?.id).not.toBe(first.id);
    const second = fake.openView("U0ALICE") ?? expect.fail();
    for (const modal of [second, first]) {
      await aliceInSlack.submits(modal, { typed_name: "test-runner" });
    }

    await thread("Scheduled");
    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("already confirmed");
    expect(acts).toHaveLength(1);
  });

  it("opens its modal before it asks Slack or Proxmox for anything", async () => {
    const { askAndPost, aliceInSlack, fake } = await setUpCards();
    const { card } = await askAndPost("schedule_deletion");
    const before = fake.calls().length;

    aliceInSlack.clicks(card, approve);
    await fake.waitForView("U0ALICE");

    expect(fake.calls()[before]?.method).toBe("views.open");
  });

  it("opens no modal for anybody else", async () => {
    const { askAndPost, bobInSlack, fake } = await setUpCards();
    const { card } = await askAndPost("schedule_deletion");

    bobInSlack.clicks(card, approve);

    expect((await fake.waitForEphemeral("U0BOB")).text).toContain("Only Alice");
    expect(fake.openView("U0BOB")).toBeUndefined();
  });

  it("says so where Slack did not wait for the modal", async () => {
    const { askAndPost, aliceInSlack, fake } = await setUpCards();
    const { card } = await askAndPost("schedule_deletion");
    fake.faults.next("views.open", { kind: "error", error: "expired_trigger_id" });

    aliceInSlack.clicks(card, approve);

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("press the button again");
  });

  it("that expired while the name was typed is told so", async () => {
    const { askAndPost, aliceInSlack, fake, clock, acts } = await setUpCards();
    const { card } = await askAndPost("schedule_deletion");
    aliceInSlack.clicks(card, approve);
    const modal = await fake.waitForView("U0ALICE");
    clock.advance({ minutes: 6 });

    await aliceInSlack.submits(modal, { typed_name: "test-runner" });

    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("has expired");
    expect(acts).toHaveLength(0);
  });
});

describe("a name that was typed", () => {
  it("answers no question that does not ask for one", async () => {
    const { askAndPost, aliceInSlack, fake, acts } = await setUpCards();
    const { confirmation } = await askAndPost("stop_guest", { vmid: 201, name: "one" });
    const { card } = await askAndPost("schedule_deletion");
    aliceInSlack.clicks(card, approve);
    const modal = await fake.waitForView("U0ALICE");

    const forged = { ...modal, sent: { ...modal.sent, private_metadata: confirmation.id } };
    const { errors } = await aliceInSlack.submits(forged, { typed_name: "one" });

    expect(errors.guest_name).toContain("answered with the button");
    expect(acts).toHaveLength(0);
  });
});

describe("several cards", () => {
  it("stay apart, each with its own guest and its own asker", async () => {
    const { askAndPost, aliceInSlack, bobInSlack, thread, acts, cardOf } = await setUpCards();
    const first = await askAndPost("stop_guest", { vmid: 201, name: "one", fingerprint: "1" });
    const second = await askAndPost(
      "stop_guest",
      { vmid: 202, name: "two", fingerprint: "2" },
      bob,
    );
    const third = await askAndPost("stop_guest", { vmid: 203, name: "three", fingerprint: "3" });

    bobInSlack.clicks(second.card, approve);
    await thread(/two[\s\S]*Done/);
    aliceInSlack.clicks(third.card, decline);
    await thread(/three[\s\S]*Declined/);

    expect(hasButtons(await cardOf(first.confirmation))).toBe(true);
    expect((await cardOf(second.confirmation)).text).toContain("Approved by Bob");
    expect(acts).toHaveLength(1);
  });
});

describe("what is not open any more", () => {
  it("loses its buttons when it expires, and the conversation hears of it", async () => {
    const { askAndPost, clock, thread, notes } = await setUpCards();
    const { card } = await askAndPost("stop_guest");

    clock.advance({ minutes: 6 });

    const settled = await thread("Expired");
    expect(settled.ts).toBe(card.ts);
    expect(hasButtons(settled)).toBe(false);
    await eventually(() => notes).toEqual([expect.stringContaining("Nobody confirmed")]);
  });

  it("loses its buttons at once when a newer request takes its place", async () => {
    const { askAndPost, thread } = await setUpCards({ timing: { tidyEvery: 60_000 } });
    const { card } = await askAndPost("stop_guest");

    const newer = await askAndPost("stop_guest", { fingerprint: "another" });

    const settled = await thread("Replaced");
    expect(settled.ts).toBe(card.ts);
    expect(hasButtons(settled)).toBe(false);
    expect(hasButtons(newer.card)).toBe(true);
  });
});

describe("after a restart", () => {
  /** The next process on the same database and in the same workspace, some time later. */
  async function restarted({
    db,
    slack,
  }: Pick<Awaited<ReturnType<typeof setUpCards>>, "db" | "slack">) {
    const after = await setUpCards({ db, slack, later: 10 });
    const thread = (root: string, matching: string) =>
      after.fake.waitForMessage({ channel: "C0PROXMOX", thread: root, matching });
    return { ...after, thread };
  }

  it("shows a question that nobody was shown", async () => {
    const before = await setUpCards({ idle: true });
    const confirmation = await before.ask("stop_guest");

    const { confirmations, thread } = await restarted(before);

    expect(hasButtons(await thread(before.root.ts, "Cut the power"))).toBe(true);
    await eventually(async () => (await confirmations.find(confirmation.id))?.place).toBeDefined();
  });

  it("finds a card whose place nobody could write down", async () => {
    const before = await setUpCards({ idle: true });
    const { confirmation, card } = await before.askAndPost("stop_guest");
    await before.db.updateTable("confirmation").set({ place: null }).execute();

    const { confirmations, fake } = await restarted(before);

    await eventually(async () => (await confirmations.find(confirmation.id))?.place).toBe(
      `C0PROXMOX/${card.ts}`,
    );
    expect(fake.messages({ matching: "Cut the power" })).toHaveLength(1);
  });

  it("takes the buttons from a card whose place only its answer told", async () => {
    const before = await setUpCards({ idle: true });
    const { confirmation, card } = await before.askAndPost("stop_guest");
    await before.db.updateTable("confirmation").set({ place: null }).execute();
    const place = `C0PROXMOX/${card.ts}`;
    await before.confirmations.decline(confirmation.id, alice, place);

    const { thread } = await restarted(before);

    expect(hasButtons(await thread(before.root.ts, "Declined"))).toBe(false);
  });

  it("believes nobody else's message to be a card", async () => {
    const before = await setUpCards({ idle: true });
    const { id } = await before.ask("stop_guest");
    const forged = before.fake.context.messages.post({
      channel: "C0PROXMOX",
      user: "U0BOB",
      text: "press me",
      blocks: [],
      threadTs: before.root.ts,
      metadata: { event_type: "pve_confirmation", event_payload: { id } },
    });

    const { confirmations, thread } = await restarted(before);

    await thread(before.root.ts, "Cut the power");
    await eventually(async () => (await confirmations.find(id))?.place).toBeDefined();
    expect((await confirmations.find(id))?.place).not.toBe(`C0PROXMOX/${forged.ts}`);
  });

  it("leaves it to the card to say what a click has led to that is taken up again", async () => {
    const { askAndPost, confirmations, transport, fake, acts, thread } = await setUpCards();
    const { confirmation, card } = await askAndPost("stop_guest");
    await confirmations.approve(confirmation.id, "requester", alice, `C0PROXMOX/${card.ts}`);

    await transport.app.processEvent({
      body: {
        type: "block_actions",
        team: { id: "T0FAKE" },
        user: { id: "U0ALICE" },
        container: { channel_id: "C0PROXMOX", message_ts: card.ts },
        actions: [
          { type: "button", action_id: approveAction, block_id: "b", value: confirmation.id },
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

    await thread("nothing was done");
    expect(fake.ephemerals("U0ALICE")).toEqual([]);
    expect(acts).toHaveLength(0);
  });

  it.each([
    ["was begun and whose end nobody saw", "started", "End not known"],
    ["was confirmed and not begun", undefined, "nothing was done"],
    ["had succeeded", "succeeded", "Done"],
    ["had failed", "failed", "Failed"],
  ] as const)("settles the card of what %s", async (_, step, words) => {
    const before = await setUpCards({ idle: true });
    const { confirmation, card } = await before.askAndPost("stop_guest");
    const place = `C0PROXMOX/${card.ts}`;
    await before.confirmations.approve(confirmation.id, "requester", alice, place);
    const { call, target } = confirmation;
    const entry = {
      actionId: confirmation.id,
      tool: call.tool,
      input: {},
      target,
      principal: alice,
    };
    if (step) await before.audit.append({ ...entry, step });
    await before.audit.append({ ...entry, actionId: "another", step: "unchanged" });

    const { thread } = await restarted(before);

    const settled = await thread(before.root.ts, words);
    expect(settled.ts).toBe(card.ts);
    expect(hasButtons(settled)).toBe(false);
    expect(settled.text).toContain("Approved by Alice");
  });

  it("takes the answer of a card that was posted before", async () => {
    const before = await setUpCards({ idle: true });
    const { card } = await before.askAndPost("stop_guest");

    const { aliceInSlack, acts, thread } = await restarted(before);
    aliceInSlack.clicks(card, approve);

    await thread(before.root.ts, "Done");
    expect(acts).toHaveLength(1);
  });
});
