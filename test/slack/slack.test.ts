import { expect, it, onTestFinished } from "vitest";
import { createBrake } from "#src/brake/brake.ts";
import { createBrakeLever } from "#src/brake/brake-lever.ts";
import { silentLogger as log } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import { createSlack } from "#src/slack/slack.ts";
import { setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { eventually } from "#test/support/eventually.ts";
import { guestsOf } from "#test/support/guests.ts";
import { socketSettings, startFakeSlack } from "#test/support/slack-transport.ts";

/** The whole front end in a fake workspace. */
async function setUp() {
  const { fake, connection } = await startFakeSlack();
  const db = await testDatabase();
  const { executor, confirmations, audit, clock } = setUpExecutor(db, []);
  const services = {
    agent: { run: () => Promise.reject(new Error("No run is asked for.")), note: async () => {} },
    executor,
    confirmations,
    audit,
    principals: createPrincipals([], { role: "nobody", timeZone: "UTC" }),
    policy: { document: () => simplestPolicy },
    brake: createBrakeLever({ brake: createBrake({ db, clock, log }), audit, log }),
    guests: guestsOf(),
    risks: { read: async () => ({}) },
    deletions: await anEmptySchedule(clock, db),
    clock,
    log,
    timeZone: "UTC",
  };
  const { signal } = new AbortController();
  const slack = await createSlack(socketSettings(connection), services, db, signal);
  onTestFinished(() => slack.stop());
  const tell = (key: string) =>
    createOutboxStore(db, clock).add({ key, recipient: "channel", message: key });
  return { slack, fake, tell, clock };
}

it("knows whether people reach it: while it is connected, and neither before nor after", async () => {
  const { slack, fake } = await setUp();
  expect(slack.isReachable()).toBe(false);

  await slack.start();
  expect(slack.isReachable()).toBe(true);

  await eventually(() => fake.socket.connections()).toHaveLength(2);
  fake.socket.refusing = true;
  const [one, other] = fake.socket.connections();
  fake.socket.kill(one);
  await eventually(() => fake.socket.connections()).toHaveLength(1);
  expect(slack.isReachable()).toBe(true);
  fake.socket.kill(other);
  await eventually(() => slack.isReachable()).toBe(false);

  fake.socket.refusing = false;
  await eventually(() => slack.isReachable()).toBe(true);
  await slack.stop();
  expect(slack.isReachable()).toBe(false);
});

it("knows that what it says does not reach people, until it does again", async () => {
  const { slack, fake, tell, clock } = await setUp();
  await slack.start();
  fake.faults.next("chat.postMessage", { kind: "error", error: "not_in_channel" });

  await tell("one");
  await eventually(() => slack.isReachable()).toBe(false);

  clock.advance({ minutes: 1 });
  await eventually(() => slack.isReachable()).toBe(true);
  expect(fake.messages({ channel: "C0PROXMOX" })).toHaveLength(1);
});
