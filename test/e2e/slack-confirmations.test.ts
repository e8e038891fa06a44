import { describe, expect, it } from "vitest";
import type { FakeSlack } from "#test/support/fake-slack/fake-slack.ts";
import type { Message } from "#test/support/fake-slack/messages.ts";
import { startInSlack } from "#test/support/program-slack.ts";

const approve = { actionId: "confirmation_approve" };
const decline = { actionId: "confirmation_decline" };

/** The card with buttons in a thread. */
const cardIn = (fake: FakeSlack, thread: string) =>
  fake.waitForMessage({ thread, matching: approve.actionId }, 10_000);

/** The same message, once it says how it ended. */
function settled(fake: FakeSlack, { channel, ts }: Message, matching: RegExp): Promise<Message> {
  const now = () => fake.messages({ channel, matching }).find((message) => message.ts === ts);
  return fake.recorder.eventually(`the card to say ${matching}`, now, 10_000);
}

const hasButtons = ({ blocks }: Message) => blocks.some(({ type }) => type === "actions");
const heard = (fake: FakeSlack, matching: string) =>
  fake.waitForMessage({ channel: "C0PROXMOX", matching }, 10_000);

describe("a confirmation in Slack", () => {
  it("is given once, by a click of the one who asked, and by nothing else", async () => {
    const slack = await startInSlack();
    const { fake } = slack;
    const alice = fake.person("U0ALICE");
    const bob = fake.person("U0BOB");

    const { ts } = alice.mentions("C0GENERAL", "force stop web-02");
    const card = await cardIn(fake, ts);
    alice.says("C0GENERAL", "yes", { thread: ts });
    const pointer = await fake.waitForMessage({ thread: ts, matching: "press the button" });
    expect(pointer.text).toContain("slack.com/archives/C0GENERAL/");
    bob.clicks(card, approve);
    const objection = await fake.waitForEphemeral("U0BOB");
    expect(objection).toMatchObject({ threadTs: ts, text: expect.stringContaining("Only Alice") });

    alice.clicks(card, approve);
    alice.clicks(card, approve);
    const outcome = await settled(fake, card, /UPID/);
    const second = await fake.waitForEphemeral("U0ALICE");

    expect(outcome.text).toMatch(/Done[\s\S]*Approved by Alice, <!date\^\d+\^[\s\S]*:vzstop:102:/);
    expect(hasButtons(outcome)).toBe(false);
    expect(second.text).toBe("This was already confirmed by Alice.");
    await heard(fake, "The power of web-02 (CT 102 on pve1) was cut by Alice");
    expect(fake.messages({ channel: "C0PROXMOX" })).toHaveLength(1);

    await slack.leave();
  });

  it("of a deletion takes the guest's name, and the channel hears of what follows", async () => {
    const slack = await startInSlack();
    const { fake } = slack;
    const alice = fake.person("U0ALICE");

    const { ts } = alice.says(alice.dm, "delete test-runner tomorrow at 18:00");
    const card = await cardIn(fake, ts);
    expect(card.text).toMatch(/32G/);
    alice.clicks(card, approve);
    const modal = await fake.waitForView("U0ALICE");
    const wrong = await alice.submits(modal, { typed_name: "Test-Runner" });
    expect(wrong.errors).toEqual({ guest_name: "Type test-runner exactly" });
    expect((await alice.submits(modal, { typed_name: "test-runner" })).errors).toEqual({});
    const outcome = await settled(fake, card, /Scheduled/);
    expect(outcome.text).toContain("Approved by Alice");
    await heard(fake, "test-runner (CT 103 on pve1) is scheduled for deletion");

    alice.runs("/pve cancel 103", "C0GENERAL");
    expect((await fake.waitForEphemeral("U0ALICE")).text).toMatch(/^Done\./);
    await heard(fake, "cancelled");

    const { ts: again } = alice.says(alice.dm, "delete test-runner now");
    const last = await cardIn(fake, again);
    alice.clicks(last, decline);
    expect((await settled(fake, last, /Declined/)).text).toContain("Nothing was done");

    await slack.leave();
  });

  it("never mixes with another one, and outlives the program", async () => {
    const slack = await startInSlack();
    const { fake } = slack;
    const alice = fake.person("U0ALICE");

    const first = await cardIn(fake, alice.says(alice.dm, "force stop web-01").ts);
    const second = await cardIn(fake, alice.says(alice.dm, "force stop monitoring").ts);
    const third = await cardIn(fake, alice.says(alice.dm, "delete dev-bob on friday").ts);
    slack.program.kill("SIGKILL");
    await slack.program.ended;
    const next = await startInSlack({ slack, folder: slack.folder });

    alice.clicks(third, approve);
    const modal = await fake.waitForView("U0ALICE");
    alice.clicks(second, approve);
    await settled(fake, second, /:vzstop:107:/);
    alice.clicks(first, decline);
    await settled(fake, first, /Declined/);
    await alice.submits(modal, { typed_name: "dev-bob" });
    await settled(fake, third, /Scheduled/);

    const { ts } = alice.says(alice.dm, "what is the status of web-01?");
    await fake.waitForMessage({ thread: ts, matching: "running" });
    await next.leave();
  });
});
