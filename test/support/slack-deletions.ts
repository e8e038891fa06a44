import { onTestFinished } from "vitest";
import type { Deletion } from "#src/deletions/deletion.ts";
import type { Leases } from "#src/leases/leases.ts";
import { silentLogger as log } from "#src/log.ts";
import { createOutboxSender } from "#src/outbox/outbox-sender.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import type { Confirmer } from "#src/policy/policy.ts";
import type { Roles } from "#src/policy/roles.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { registerDeletions } from "#src/slack/deletions/deletions.ts";
import { createSlackDelivery } from "#src/slack/notices/delivery.ts";
import type { Database } from "#src/storage/database.ts";
import { clockAt, type ManualClock } from "./clock.ts";
import { testDatabase } from "./database.ts";
import { aNewDeletion, anEmptySchedule } from "./deletions.ts";
import type { Message } from "./fake-slack/messages.ts";
import { aGuestDetail, guestsOf } from "./guests.ts";
import { alice, bob, setUpCards } from "./slack-confirmations.ts";
import { toolsOn } from "./slack-tools.ts";
import type { RunningFakeSlack } from "./slack-transport.ts";

interface Options {
  readonly guests?: Guests;
  /** None when omitted. */
  readonly leases?: Leases | undefined;
  readonly roles?: Roles;
  /** Who has to confirm every change, bob being the approver; as by default when omitted. */
  readonly by?: Confirmer;
  readonly db?: Database;
  readonly slack?: RunningFakeSlack;
  readonly clock?: ManualClock;
  /** Milliseconds between two looks for notices that are not true any more. */
  readonly tidyEvery?: number;
  /** Not started: nothing arrives, and no notice is looked after. */
  readonly idle?: boolean;
}

/** The guest of {@link aNewDeletion}. */
export const doomed = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });

/** Notices about deletions in a fake workspace: real transport, executor, policy, tools, stores. */
export async function setUpDeletions(options: Options = {}) {
  const { guests = guestsOf(doomed), roles, by, slack, idle = false, tidyEvery = 20 } = options;
  const db = options.db ?? (await testDatabase());
  const clock = options.clock ?? clockAt("2026-11-24T12:00:00Z");
  const deletions = await anEmptySchedule(clock, db);
  const outbox = createOutboxStore(db, clock);
  const parts = await setUpCards({
    db,
    clock,
    idle,
    tools: toolsOn({ guests, deletions, clock, leases: options.leases }),
    ...(roles && { roles }),
    ...(by && { decide: () => ({ kind: "confirm", by, reasons: [] }) as const }),
    approvers: new Set([bob.id]),
    ...(slack && { slack }),
  });
  const { fake, transport, web, identity, users, cards, executor } = parts;
  const registered = registerDeletions(transport.app, {
    // As the program hands them over, with more than what is needed.
    services: { ...parts, executor, deletions, log },
    web,
    identity,
    users,
    confirmations: cards,
    outbox,
    onChange: () => registered.refresh(),
    tidyEvery,
  });
  if (!idle) {
    registered.start();
    onTestFinished(() => registered.stop());
  }
  const delivery = createSlackDelivery({
    web: web.bulk,
    deletions,
    clock,
    identity,
    channel: "C0PROXMOX",
  });
  const sender = createOutboxSender({ outbox, delivery, clock, log });

  /** Tells the channel, or somebody else, of a deletion; returns the notice. */
  async function tell({ id, revision }: Deletion, recipient = "channel"): Promise<Message> {
    const key = `${id}:${revision}:remind:${recipient}`;
    const message = "test-runner <!channel> will be deleted.";
    await outbox.add({ key, recipient, message, about: { deletion: id, revision } });
    await sender.deliverDue(new AbortController().signal);
    const row = await db.selectFrom("outbox").selectAll().where("key", "=", key).executeTakeFirst();
    return (
      fake.messages().find(({ channel, ts }) => `${channel}/${ts}` === row?.place) ?? missing(key)
    );
  }
  /** Schedules a deletion that Alice asked for, and tells of it. */
  async function told(facts: Parameters<typeof aNewDeletion>[0] = {}, recipient?: string) {
    const requestedBy = { id: alice.id, name: alice.name };
    const scheduled = await deletions.schedule(aNewDeletion({ requestedBy, ...facts }));
    const deletion = scheduled ?? missing("deletion");
    return { deletion, notice: await tell(deletion, recipient) };
  }
  /** The notice as it is now. */
  const now = ({ channel, ts }: Message): Message =>
    fake.messages({ channel }).find((message) => message.ts === ts) ?? missing(ts);
  /** Resolves once the notice says this. */
  const says = (notice: Message, words: string | RegExp): Promise<Message> =>
    fake.recorder.eventually(`the notice to say ${words}`, () => {
      const message = now(notice);
      return message.text.search(words) >= 0 ? message : undefined;
    });

  return { ...parts, deletions, outbox, told, tell, now, says, db, clock };
}

function missing(what: string): never {
  throw new Error(`There is no ${what}.`);
}
