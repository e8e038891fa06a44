import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Item } from "#src/agent/model.ts";
import { deliveryContext } from "#src/slack/listener-context.ts";
import type { FakeSlack } from "#test/support/fake-slack/fake-slack.ts";
import { createScriptedModel, says } from "#test/support/scripted-model.ts";
import { setUpConversation } from "#test/support/slack-conversation.ts";
import { hearMessages, startFakeSlack, testTransport } from "#test/support/slack-transport.ts";

const eventually = { timeout: 20_000, interval: 10 };

/** A log whose messages are kept. */
function keptLog() {
  const messages: string[] = [];
  const write = (line: string) => void messages.push(JSON.parse(line).msg);
  return { log: pino({ level: "info" }, { write }), messages };
}

const leftOut = "slack entry left out: too many of this person's wait";
/** What was said to one person alone, whether the fake workspace let it or not. */
const told = ({ fake }: { fake: FakeSlack }) =>
  fake.recorder.calls.filter(({ method }) => method === "chat.postEphemeral");
const wordsOf = (items: readonly Item[]) =>
  items.findLast((item) => item.type === "user")?.text ?? "";

it("answers bob while two hundred messages of alice's wait, and loses none of them in silence", async () => {
  const gate = Promise.withResolvers<void>();
  const model = createScriptedModel(async ({ items }) => {
    if (wordsOf(items).startsWith("alice")) await gate.promise;
    return says(`You said: ${wordsOf(items)}`);
  });
  const options = { model, unknownRole: "operator" };
  const { fake, alice, answerTo, quiet, db } = await setUpConversation(options);
  const bob = fake.person("U0BOB");

  for (let index = 0; index < 200; index++) alice.says(alice.dm, `alice ${index}`);
  await answerTo(bob.says(bob.dm, "bob"), "You said: bob");

  // None of alice's has ended, and most of the slots are free.
  const asked = model.requests.map(({ items }) => wordsOf(items));
  expect(asked.filter((words) => words.startsWith("alice"))).toHaveLength(2);
  gate.resolve();
  await quiet();
  const states = await db.selectFrom("inbox").select("state").execute();
  expect(states.filter(({ state }) => state === "dead")).toHaveLength(178);
  expect(model.requests).toHaveLength(23);
  await expect
    .poll(() => told({ fake }), eventually)
    .toMatchObject([{ args: { user: "U0ALICE", text: expect.stringContaining("I leave out") } }]);
});

describe("a flood of one person's", () => {
  it("is left out with an entry in the log for each message", async () => {
    const { log, messages } = keptLog();
    const tested = await testTransport({ log, limits: { waitingPerPerson: 3 } });
    const gate = Promise.withResolvers<void>();
    const heard = hearMessages(tested, () => gate.promise);
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    for (let index = 0; index < 10; index++) alice.says(alice.dm, String(index));
    await expect
      .poll(() => messages.filter((message) => message === leftOut).length, eventually)
      .toBe(5);
    gate.resolve();

    await expect.poll(() => heard.length, eventually).toBe(5);
  });

  it("keeps nobody's talk waiting that is not for us", async () => {
    const isForUs = async ({ direct }: { direct: boolean }) => direct;
    const tested = await testTransport({ isForUs, limits: { waitingPerPerson: 1 } });
    const gate = Promise.withResolvers<void>();
    const heard = hearMessages(tested, ({ text }) =>
      text === "order" ? gate.promise : Promise.resolve(),
    );
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");
    for (let index = 1; index <= 2; index++) {
      alice.says(alice.dm, "order");
      await expect.poll(() => heard.length, eventually).toBe(index);
    }

    for (let index = 3; index <= 6; index++) {
      alice.says("C0PROXMOX", "talk");
      await expect.poll(() => heard.length, eventually).toBe(index);
    }
    gate.resolve();
  });

  it("of clicks and commands keeps nobody else's waiting", async () => {
    const slots = { slots: 4, slotsPerPerson: 2 };
    const tested = await testTransport({ limits: { acts: slots, waitingPerPerson: 5 } });
    const gate = Promise.withResolvers<void>();
    const ran: string[] = [];
    tested.transport.app.command("/pve", async ({ command, ack }) => {
      await ack();
      ran.push(command.user_id);
      if (command.user_id === "U0ALICE") await gate.promise;
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    const outcomes = Array.from({ length: 30 }, () => alice.runs("/pve status").outcome);
    await tested.fake.person("U0BOB").runs("/pve status").outcome;
    await expect.poll(() => ran, eventually).toContain("U0BOB");

    expect(ran.filter((user) => user === "U0ALICE")).toHaveLength(2);
    gate.resolve();
    expect((await Promise.all(outcomes)).every(({ kind }) => kind === "acked")).toBe(true);
    await expect.poll(() => ran.length, eventually).toBe(8);
    await expect.poll(() => told(tested), eventually).toHaveLength(1);
  });

  it("of anything else is worked off a few at a time, and what stops a run waits for no click", async () => {
    const limits = {
      acts: { slots: 1, slotsPerPerson: 1 },
      events: { slots: 2, slotsPerPerson: 2 },
      waitingPerPerson: 1,
    };
    const tested = await testTransport({ limits });
    const gate = Promise.withResolvers<void>();
    const opened: string[] = [];
    const stopped: string[] = [];
    tested.transport.app.command("/pve", () => gate.promise);
    tested.transport.app.event("agent_session_stopped", async ({ event }) => {
      stopped.push(event.type);
    });
    tested.transport.app.event("app_home_opened", async ({ event }) => {
      opened.push(event.user);
      await gate.promise;
    });
    await tested.transport.start();
    const { deliveries } = tested.fake;
    const alice = tested.fake.person("U0ALICE");
    const emit = (type: string, id: string) =>
      deliveries.send("events_api", {
        team_id: "T0FAKE",
        event_id: id,
        event: { type, user: "U0ALICE", channel: alice.dm, thread_ts: "1.1" },
      }).outcome;

    await alice.runs("/pve status").outcome;
    await emit("agent_session_stopped", "Ev-stop");
    await expect.poll(() => stopped, eventually).toHaveLength(1);
    const ids = Array.from({ length: 10 }, (_, index) => `Ev${index}`);
    await Promise.all(ids.map((id) => emit("app_home_opened", id)));
    await expect.poll(() => opened.length, eventually).toBe(2);

    gate.resolve();
    await expect.poll(() => opened.length, eventually).toBe(10);
  });
});

describe("what stops something", () => {
  it("waits for none of the clicks and commands that take long, and is never left out with them", async () => {
    const limits = { acts: { slots: 3, slotsPerPerson: 2 }, waitingPerPerson: 1 };
    const tested = await testTransport({ limits });
    const gate = Promise.withResolvers<void>();
    const ran: string[] = [];
    tested.transport.app.command("/pve", async ({ command, ack }) => {
      await ack();
      ran.push(`${command.user_id} ${command.text}`);
      if (command.text === "status") await gate.promise;
    });
    await tested.transport.start();
    const [alice, bob] = ["U0ALICE", "U0BOB"].map((id) => tested.fake.person(id));

    for (let index = 0; index < 6; index++) await alice?.runs("/pve status").outcome;
    await bob?.runs("/pve status").outcome;
    await expect.poll(() => ran.length, eventually).toBe(3);
    await expect.poll(() => told(tested), eventually).toHaveLength(1);
    await alice?.runs("/pve freeze smoke").outcome;
    await bob?.runs("/pve cancel 103").outcome;

    await expect
      .poll(() => ran.slice(3), eventually)
      .toEqual(["U0ALICE freeze smoke", "U0BOB cancel 103"]);
    gate.resolve();
    await expect.poll(() => ran.length, eventually).toBe(6);
  });

  it("is bounded too", async () => {
    const stops = { slots: 2, slotsPerPerson: 2 };
    const tested = await testTransport({ limits: { stops, stopsAndEventsWaiting: 1 } });
    const gate = Promise.withResolvers<void>();
    let ran = 0;
    tested.transport.app.command("/pve", async ({ ack }) => {
      await ack();
      ran++;
      await gate.promise;
    });
    await tested.transport.start();
    const alice = tested.fake.person("U0ALICE");

    for (let index = 0; index < 8; index++) await alice.runs("/pve freeze").outcome;
    await expect.poll(() => told(tested), eventually).toHaveLength(1);
    expect(ran).toBe(2);
    gate.resolve();

    await expect.poll(() => ran, eventually).toBe(3);
  });
});

it("gives a click's turn to the next one as soon as what it began is bounded elsewhere", async () => {
  const limits = { acts: { slots: 1, slotsPerPerson: 1 } };
  const tested = await testTransport({ limits });
  const gate = Promise.withResolvers<void>();
  const ran: string[] = [];
  tested.transport.app.command("/pve", async ({ command, ack, context }) => {
    await ack();
    ran.push(command.text);
    const { endTurn } = deliveryContext(context);
    if (command.text === "1") {
      endTurn();
      endTurn();
    }
    await gate.promise;
  });
  await tested.transport.start();
  const alice = tested.fake.person("U0ALICE");

  for (const text of ["1", "2", "3"]) await alice.runs(`/pve ${text}`).outcome;
  await expect.poll(() => ran, eventually).toEqual(["1", "2"]);
  gate.resolve();

  await expect.poll(() => ran, eventually).toEqual(["1", "2", "3"]);
});

it("leaves out what comes on top of a person's many edits, whoever else edits, and says so once", async () => {
  const events = { slots: 1, slotsPerPerson: 1 };
  const tested = await testTransport({ limits: { events, stopsAndEventsWaiting: 2 } });
  const gate = Promise.withResolvers<void>();
  const edited: string[] = [];
  tested.transport.app.event("message", async ({ event }) => {
    if (event.subtype !== "message_changed" || !("user" in event.message)) return;
    edited.push(event.message.user ?? "");
    await gate.promise;
  });
  await tested.transport.start();
  let sent = 0;
  const edits = (user: string) => {
    sent++;
    const message = { type: "message", user, ts: "1.1", text: String(sent) };
    const event = { type: "message", subtype: "message_changed", channel: "C0PROXMOX", message };
    const body = { team_id: "T0FAKE", event_id: `Ev${sent}`, event: { ...event, ts: "2.2" } };
    return tested.fake.deliveries.send("events_api", body).outcome;
  };

  for (let index = 0; index < 8; index++) await edits("U0ALICE");
  await edits("U0BOB");
  await expect.poll(() => told(tested), eventually).toHaveLength(1);
  gate.resolve();

  await expect
    .poll(() => edited.toSorted(), eventually)
    .toEqual(["U0ALICE", "U0ALICE", "U0ALICE", "U0BOB"]);
});

it("leaves a modal open that comes on top of it all, so that Slack tells to try again", async () => {
  const slack = await startFakeSlack({ ackTimeoutMs: 60 });
  const tested = await testTransport({ slack, limits: { waitingPerPerson: 0 } });
  let submitted = 0;
  tested.transport.app.view("name", async ({ ack }) => {
    submitted++;
    await ack();
  });
  await tested.transport.start();

  const { outcome } = tested.fake.deliveries.send("interactive", {
    type: "view_submission",
    team: { id: "T0FAKE" },
    user: { id: "U0ALICE", team_id: "T0FAKE" },
    trigger_id: "1",
    view: { id: "V1", type: "modal", callback_id: "name", state: { values: {} } },
  });

  expect(await outcome).toMatchObject({ kind: "failed", reason: "timeout" });
  expect(submitted).toBe(0);
});

it("leaves what waits for its turn to the next process", async () => {
  const limits = { messages: { slots: 1, slotsPerPerson: 1 }, drain: 30, afterAbort: 500 };
  const tested = await testTransport({ limits });
  const heard = hearMessages(tested, ({ signal }) => {
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason)),
    );
  });
  await tested.transport.start();
  const alice = tested.fake.person("U0ALICE");
  const said = ["one", "two", "three"].map((text) => alice.says(alice.dm, text));
  await Promise.all(said.flatMap(({ deliveries }) => deliveries.map(({ outcome }) => outcome)));
  await expect.poll(() => heard.length, eventually).toBe(1);

  await tested.transport.stop();

  expect(heard).toHaveLength(1);
  const rows = await tested.db.selectFrom("inbox").select(["state", "attempts"]).execute();
  expect(rows).toEqual([
    { state: "running", attempts: 1 },
    { state: "received", attempts: 0 },
    { state: "received", attempts: 0 },
  ]);
});
