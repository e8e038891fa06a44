import { describe, expect, it } from "vitest";
import type { ToolContext } from "#src/actions/tool.ts";
import type { Decision } from "#src/policy/policy.ts";
import { approveAction, declineAction } from "#src/slack/cards/confirmation-card.ts";
import { approveAllAction, declineAllAction } from "#src/slack/cards/questions-card.ts";
import { eventually } from "#test/support/eventually.ts";
import { alice, setUpCards, standingSlack } from "#test/support/slack-confirmations.ts";

type Cards = Awaited<ReturnType<typeof setUpCards>>;

const guests = [
  { vmid: 101, name: "web-01" },
  { vmid: 102, name: "web-02" },
  { vmid: 103, name: "test-runner" },
];

/** Has Alice ask for the same with every one of the guests, and shows what that leads to. */
async function askTogether(parts: Cards, tool: "stop_guest" | "schedule_deletion" = "stop_guest") {
  const asked = [];
  for (const guest of guests) asked.push(await parts.ask(tool, guest));
  await parts.cards.post(asked);
  const [first = expect.fail(), second = expect.fail()] = asked;
  const card = await parts.cardOf(first);
  /** The message as it is now. */
  const blocksNow = async () => JSON.stringify((await parts.cardOf(first)).blocks);
  const buttonsNow = async () => buttonsIn(await parts.cardOf(first));
  return { asked, first, second, card, blocksNow, buttonsNow };
}

function buttonsIn({ blocks }: Awaited<ReturnType<Cards["cardOf"]>>): readonly string[] {
  const actions = JSON.stringify(blocks.filter(({ type }) => type === "actions"));
  return [...actions.matchAll(/"action_id":"(\w+)"/g)].map(([, id = ""]) => id);
}

describe("several questions at once", () => {
  it("are one message, which names every guest and answers each or all", async () => {
    const parts = await setUpCards();

    const { asked, card } = await askTogether(parts);

    expect(parts.fake.calls("chat.postMessage")).toHaveLength(1);
    for (const { name } of guests) {
      expect(card.text).toContain(`Cut the power of \`${name}\``);
      expect(JSON.stringify(card.blocks)).toContain(`Cut the power of ${name} (CT`);
    }
    expect(buttonsIn(card).filter((id) => id === approveAction)).toHaveLength(asked.length);
    expect(buttonsIn(card).slice(-2)).toEqual([approveAllAction, declineAllAction]);
    const named = card.blocks.flatMap(({ block_id }) => block_id ?? []);
    expect(new Set(named).size).toBe(named.length);
    expect(parts.fake.recorder.warnings).toEqual([]);
  });

  it("are approved by one click, and show how each of them ended", async () => {
    const parts = await setUpCards();
    const { asked, card, blocksNow, buttonsNow } = await askTogether(parts);

    parts.aliceInSlack.clicks(card, { actionId: approveAllAction });

    await eventually(buttonsNow).toEqual([]);
    await eventually(async () => (await blocksNow()).match(/\*Done\.\*/g)).toHaveLength(3);
    expect(parts.acts).toHaveLength(3);
    for (const { id } of asked) {
      expect((await parts.confirmations.find(id))?.state).toBe("approved");
    }
  });

  it("count at once when all are approved, and are carried out one after another in their order", async () => {
    const gates = guests.map(() => Promise.withResolvers<void>());
    const begun: (string | undefined)[] = [];
    const act = async ({ words }: ToolContext) => gates[begun.push(words) - 1]?.promise;
    const parts = await setUpCards({ act });
    const { asked, card, blocksNow } = await askTogether(parts);
    const statesNow = () =>
      Promise.all(asked.map(async ({ id }) => (await parts.confirmations.find(id))?.state));

    parts.aliceInSlack.clicks(card, { actionId: approveAllAction });

    await eventually(statesNow).toEqual(["approved", "approved", "approved"]);
    await eventually(async () =>
      (await blocksNow()).match(/waits for those before it/g),
    ).toHaveLength(2);
    expect(begun).toHaveLength(1);
    for (const [index, gate] of gates.entries()) {
      await eventually(() => begun.length).toBe(index + 1);
      gate.resolve();
    }
    await eventually(async () => (await blocksNow()).match(/\*Done\.\*/g)).toHaveLength(3);
    expect(begun).toEqual(asked.map(({ summary }) => summary));
  });

  it("hold up no other click while one of them is carried out", async () => {
    const gate = Promise.withResolvers<void>();
    const limits = { acts: { slots: 1, slotsPerPerson: 1 } };
    const parts = await setUpCards({ act: () => gate.promise, limits });
    const { first, second, card } = await askTogether(parts);

    parts.aliceInSlack.clicks(card, { actionId: approveAction, value: first.id });
    await eventually(() => parts.acts).toHaveLength(1);
    parts.aliceInSlack.clicks(card, { actionId: approveAction, value: second.id });

    await eventually(() => parts.acts).toHaveLength(2);
    gate.resolve();
  });

  it("are declined by one click", async () => {
    const parts = await setUpCards();
    const { card, blocksNow, buttonsNow } = await askTogether(parts);

    parts.aliceInSlack.clicks(card, { actionId: declineAllAction });

    await eventually(buttonsNow).toEqual([]);
    expect((await blocksNow()).match(/Declined by Alice/g)).toHaveLength(3);
    expect(parts.acts).toHaveLength(0);
  });

  it("stay open beside one that was answered, and all means those that are left", async () => {
    const parts = await setUpCards();
    const { second, card, blocksNow, buttonsNow } = await askTogether(parts);

    parts.aliceInSlack.clicks(card, { actionId: declineAction, value: second.id });
    await eventually(blocksNow).toContain("Declined by Alice");
    expect(await buttonsNow()).toHaveLength(6);
    parts.aliceInSlack.clicks(card, { actionId: approveAllAction });

    await eventually(buttonsNow).toEqual([]);
    await eventually(async () => (await blocksNow()).match(/\*Done\.\*/g)).toHaveLength(2);
    expect(await blocksNow()).toContain("Declined by Alice");
    expect(parts.acts).toHaveLength(2);
  });

  it("are answered by nobody else, who is told so once", async () => {
    const parts = await setUpCards();
    const { card, buttonsNow } = await askTogether(parts);

    parts.bobInSlack.clicks(card, { actionId: approveAllAction });

    await eventually(() => parts.fake.ephemerals("U0BOB")).toHaveLength(1);
    expect(await buttonsNow()).toHaveLength(8);
    expect(parts.acts).toHaveLength(0);
  });

  it("of deletions take the number of the guests, typed", async () => {
    const parts = await setUpCards();
    const { card, buttonsNow } = await askTogether(parts, "schedule_deletion");

    parts.aliceInSlack.clicks(card, { actionId: approveAllAction });
    const modal = await parts.fake.waitForView("U0ALICE");
    expect(JSON.stringify(modal)).toContain("Type 3 guests to confirm");
    const wrong = await parts.aliceInSlack.submits(modal, { typed_name: "test-runner" });
    expect(wrong.errors).toEqual({ guest_name: "Type 3 guests exactly" });
    expect(parts.acts).toHaveLength(0);
    await parts.aliceInSlack.submits(modal, { typed_name: "3 guests" });

    await eventually(() => parts.acts).toHaveLength(3);
    await eventually(buttonsNow).toEqual([]);
  });

  it("of deletions are asked about by name where only some take the answer, the others with a reason", async () => {
    const decide = (): Decision => ({ kind: "confirm", by: "two-persons", reasons: [] });
    const parts = await setUpCards({ decide, approvers: new Set(["U0BOB"]) });
    const { first, second, card } = await askTogether(parts, "schedule_deletion");
    const place = (await parts.confirmations.find(first.id))?.place;
    await parts.confirmations.approve(first.id, "requester", alice, place);
    await parts.confirmations.decline(second.id, alice, place);

    parts.aliceInSlack.clicks(card, { actionId: approveAllAction });
    const modal = await parts.fake.waitForView("U0ALICE");
    expect(JSON.stringify(modal)).toContain("Type test-runner to confirm");
    expect(JSON.stringify(modal)).not.toContain("web-0");
    await eventually(() => parts.fake.ephemerals("U0ALICE")).toHaveLength(1);
    await parts.aliceInSlack.submits(modal, { typed_name: "test-runner" });

    const [, , third = expect.fail()] = guests;
    await eventually(async () => {
      const pending = await parts.confirmations.pending();
      return pending.filter(({ approvals }) => approvals.length > 0).map(({ summary }) => summary);
    }).toEqual([first.summary, expect.stringContaining(third.name)]);
    expect(parts.fake.ephemerals("U0ALICE")).toHaveLength(1);
  });

  it("of deletions open nothing for whom none of them asks", async () => {
    const parts = await setUpCards();
    const { card } = await askTogether(parts, "schedule_deletion");

    parts.bobInSlack.clicks(card, { actionId: approveAllAction });

    await eventually(() => parts.fake.ephemerals("U0BOB")).toHaveLength(1);
    expect(parts.fake.calls("views.open")).toEqual([]);
  });

  it("fill as many messages as Slack's limits ask for", async () => {
    const parts = await setUpCards();
    const asked = [];
    for (let vmid = 200; vmid < 220; vmid++) {
      asked.push(await parts.ask("stop_guest", { vmid, name: `guest-${vmid}` }));
    }

    await parts.cards.post(asked);

    const places = await Promise.all(
      asked.map(async ({ id }) => (await parts.confirmations.find(id))?.place),
    );
    expect(new Set(places).size).toBe(parts.fake.calls("chat.postMessage").length);
    expect(new Set(places).size).toBeGreaterThan(1);
    expect(places).not.toContain(undefined);
    expect(parts.fake.recorder.warnings).toEqual([]);
  });
});

describe("several questions at once, after a restart", () => {
  const restarted = ({ db, slack }: Cards) => setUpCards({ db, slack, later: 10 });

  it("are found together, and not posted twice", async () => {
    const before = await setUpCards({ idle: true, slack: await standingSlack() });
    const { asked, card } = await askTogether(before);
    await before.db.updateTable("confirmation").set({ place: null }).execute();

    const { confirmations, fake } = await restarted(before);

    for (const { id } of asked) {
      await eventually(async () => (await confirmations.find(id))?.place).toBe(
        `C0PROXMOX/${card.ts}`,
      );
    }
    expect(fake.messages({ matching: "questions" })).toHaveLength(1);
  });

  it("show what became of those that were answered before, and take answers to the others", async () => {
    const before = await setUpCards({ idle: true, slack: await standingSlack() });
    const { first, second, card, blocksNow, buttonsNow } = await askTogether(before);
    const place = `C0PROXMOX/${card.ts}`;
    await before.confirmations.decline(first.id, alice, place);

    const { aliceInSlack, acts } = await restarted(before);
    await eventually(blocksNow).toContain("*Declined.*");
    expect(await buttonsNow()).toHaveLength(6);
    aliceInSlack.clicks(card, { actionId: approveAction, value: second.id });

    await eventually(() => acts).toHaveLength(1);
    await eventually(blocksNow).toContain("*Done.*");
    expect(await blocksNow()).toContain("*Declined.*");
    expect(await buttonsNow()).toHaveLength(2);
  });
});
