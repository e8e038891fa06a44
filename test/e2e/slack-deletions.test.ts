import { describe, expect, it } from "vitest";
import type { FakeSlack } from "#test/support/fake-slack/fake-slack.ts";
import type { Message } from "#test/support/fake-slack/messages.ts";
import type { Person } from "#test/support/fake-slack/people.ts";
import { startInSlack } from "#test/support/program-slack.ts";

const approve = { actionId: "confirmation_approve" };
const buttons = /deletion_keep/;

/** The latest message with buttons about a deletion, there. */
const noticeIn = (fake: FakeSlack, channel: string) =>
  fake.waitForMessage({ channel, matching: buttons }, 15_000);

/** The same message, once it says this. */
function says(fake: FakeSlack, { channel, ts }: Message, matching: RegExp): Promise<Message> {
  const now = () => fake.messages({ channel, matching }).find((message) => message.ts === ts);
  return fake.recorder.eventually(`the notice to say ${matching}`, now, 60_000);
}

/** Approves the card of a thread by the guest's name. */
async function approved(fake: FakeSlack, person: Person, thread: string): Promise<void> {
  const card = await fake.waitForMessage({ thread, matching: approve.actionId }, 10_000);
  person.clicks(card, approve);
  const modal = await fake.waitForView(person.id);
  await person.submits(modal, { typed_name: "test-runner" });
}

const hasButtons = ({ blocks }: Message) => blocks.some(({ type }) => type === "actions");

describe("a scheduled deletion in Slack", () => {
  it("is told to the channel and to whoever asked, and moved by a click", async () => {
    const slack = await startInSlack();
    const { fake } = slack;
    const alice = fake.person("U0ALICE");
    const bob = fake.person("U0BOB");
    fake.workspace.addUser({ id: "U0CAROL", realName: "Carol" });
    fake.workspace.channels.get("C0PROXMOX")?.members.add("U0CAROL");

    await approved(fake, alice, alice.says(alice.dm, "delete test-runner in 3 hours").ts);
    const toChannel = await noticeIn(fake, "C0PROXMOX");
    const toAlice = await noticeIn(fake, alice.dm);
    expect(toChannel.text).toContain("test-runner (CT 103 on pve1) will be deleted for good");

    fake.person("U0CAROL").clicks(toChannel, { text: "Keep (cancel)" });
    expect((await fake.waitForEphemeral("U0CAROL")).text).toContain("Carol has the role viewer");
    bob.clicks(toChannel, { text: "Postpone 1 day" });
    const moved = await says(fake, toChannel, /Out of date.*confirmed by Bob/);
    expect(hasButtons(moved)).toBe(false);
    await says(fake, toAlice, /Out of date/);
    alice.clicks(toAlice, { text: "Keep (cancel)" });
    expect((await fake.waitForEphemeral("U0ALICE")).text).toContain("out of date");

    alice.runs("/pve deletions");
    const listed = () =>
      fake.ephemerals("U0ALICE").find(({ text }) => text.includes("confirmed by Bob"));
    const { text } = await fake.recorder.eventually("the deletion in the list", listed);
    expect(text).toContain("test-runner (CT 103 on pve1), requested by Alice, confirmed by Bob");

    await slack.leave();
  });

  it("is carried out at once by Delete now and the guest's name", async () => {
    const slack = await startInSlack();
    const { fake } = slack;
    const alice = fake.person("U0ALICE");
    await approved(fake, alice, alice.says(alice.dm, "delete test-runner in 3 hours").ts);
    const notice = await noticeIn(fake, "C0PROXMOX");

    alice.clicks(notice, { text: "Delete now…" });
    await approved(fake, alice, notice.ts);
    await says(fake, notice, /Out of date/);

    const done = { channel: "C0PROXMOX", matching: "test-runner (CT 103 on pve1) was deleted" };
    await fake.waitForMessage(done, 60_000);
    // What was told of the new time, which had come by then, says how it ended.
    await fake.waitForMessage({ channel: "C0PROXMOX", matching: "*Deleted.*" }, 10_000);
    await fake.waitForMessage({ channel: alice.dm, matching: "*Deleted.*" }, 10_000);
    expect(fake.messages().filter(hasButtons)).toEqual([]);

    await slack.leave();
  });
});
