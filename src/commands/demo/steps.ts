import { describeRecord } from "#src/audit/describe-record.ts";
import type { Exchange } from "#src/chat/exchange.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import type { Guide } from "./guide.ts";

type Step = (guide: Guide) => Promise<void>;

/** The guest that the tour deletes. */
const doomed = { vmid: 103, name: "test-runner" };

/** The tour, in its order; each step checks the cluster and not only the words. */
export const steps: readonly Step[] = [
  list,
  status,
  shutDown,
  askWhich,
  refuseViewer,
  refuseProtected,
  schedule,
  remind,
  moveByHand,
  confirmAgain,
  carryOut,
  restore,
  verifyAudit,
];

async function list(guide: Guide): Promise<void> {
  await guide.announce(
    "Ask",
    "Proxmox runs containers (CT) and virtual machines (VM) on the nodes of a cluster. Just ask.",
  );
  const done = await guide.say("alice", "list the running containers on pve1");
  guide.expect(done.reply.includes("web-02") && !done.reply.includes("test-runner"), "a list");
}

async function status(guide: Guide): Promise<void> {
  const done = await guide.say("alice", "how is the cluster?");
  guide.expect(done.calls[0]?.outcome.kind === "done", "the cluster's status");
}

async function shutDown(guide: Guide): Promise<void> {
  await guide.announce(
    "Act",
    "What can be undone happens at once, and is followed to its end: done means done.",
  );
  const done = await guide.say("alice", "please shut down web-02");
  guide.expect(endedAs(done, "done"), "a shutdown");
  guide.expect((await readGuest(guide, "web-02")).includes('"stopped"'), "web-02 stopped");
}

async function askWhich(guide: Guide): Promise<void> {
  await guide.announce(
    "No guessing",
    "Two guests are called staging. It asks instead of picking one.",
  );
  const done = await guide.say("alice", "start staging");
  const asked = ["210", "110"].every((vmid) => done.reply.includes(vmid));
  guide.expect(asked && !endedAs(done, "done"), "a question about two guests");
}

async function refuseViewer(guide: Guide): Promise<void> {
  await guide.announce("Who may what", "carol is a viewer: she may look, and touch nothing.");
  const done = await guide.say("carol", "shut down web-01");
  guide.expect(endedAs(done, "denied"), "a refusal");
  guide.expect((await readGuest(guide, "web-01")).includes('"running"'), "web-01 running");
}

async function refuseProtected(guide: Guide): Promise<void> {
  await guide.announce(
    "Off limits",
    "pihole carries the tag protected: nobody deletes it, admin or not.",
  );
  const done = await guide.say("alice", "delete pihole");
  guide.expect(endedAs(done, "denied"), "a refusal to delete pihole");
}

async function schedule(guide: Guide): Promise<void> {
  await guide.announce(
    "Delete, with a human in between",
    "Deleting cannot be undone. A person confirms what the program found, not what a model says,\nand types the guest's name.",
  );
  const done = await guide.say("alice", `delete ${doomed.name} on friday at 18:00`);
  guide.expect(endedAs(done, "done"), "a confirmed deletion");
  const planned = await theDeletion(guide, ({ state }) => state === "planned");
  guide.expect(planned.guest.vmid === doomed.vmid, "the deletion on the schedule");
  await guide.show(`In the calendar: ${await describeCalendar(guide)}`);
  guide.expect(
    (await readGuest(guide, doomed.name)).includes(doomed.name),
    "the guest still there",
  );
  await guide.say("alice", "what is scheduled for deletion?");
}

async function remind(guide: Guide): Promise<void> {
  const { dueAt, timeZone } = await theDeletion(guide);
  const dayBefore = dueAt.toZonedDateTimeISO(timeZone).subtract({ days: 1 });
  await guide.waitUntil(dayBefore.toInstant(), "Thursday, 18:00: one day before.");
  await guide.hear("will be deleted for good");
}

async function moveByHand(guide: Guide): Promise<void> {
  await guide.announce(
    "The calendar has a say",
    "Anybody may move or remove the event by hand. Removed means cancelled. Moved means: not\nconfirmed any more, so nothing is deleted until a person says that the new time is meant.",
  );
  const { id, dueAt, timeZone } = await theDeletion(guide);
  const startsAt = dueAt.add({ hours: 16 });
  await guide.app.calendar?.move(id, { startsAt, timeZone });
  await guide.waitUntil(dueAt.subtract({ hours: 20 }), "Thursday, 22:00: bob has moved the event.");
  await guide.hear("was moved in the calendar");
  const moved = await theDeletion(guide);
  guide.expect(moved.dueAt.equals(startsAt) && !moved.confirmedBy, "a deletion to be confirmed");
}

async function confirmAgain(guide: Guide): Promise<void> {
  const done = await guide.say("alice", `move the deletion of ${doomed.name} to saturday 10:00`);
  guide.expect(endedAs(done, "done"), "a confirmed move");
  const { dueAt } = await theDeletion(guide, ({ confirmedBy }) => confirmedBy !== undefined);
  await guide.waitUntil(dueAt.subtract({ hours: 24 }), "Friday, 10:00: one day before.");
  await guide.hear("will be deleted for good");
}

async function carryOut(guide: Guide): Promise<void> {
  const { id, dueAt } = await theDeletion(guide);
  await guide.waitUntil(
    dueAt,
    "Saturday, 10:00: it is due. All is checked once more; then shutdown, backup, deletion.",
  );
  await guide.hear("was deleted");
  guide.expect(!(await readGuest(guide, doomed.name)).includes('"vmid"'), "the guest gone");
  await guide.until(async () => (await guide.app.calendar?.list())?.length === 0, "no event left");
  guide.expect((await guide.app.deletions.find(id))?.state === "done", "the deletion done");
  await guide.show("The event is gone from the calendar, too.");
}

async function restore(guide: Guide): Promise<void> {
  await guide.announce("Undo", "The backup is kept for a while, and protected.");
  await guide.say("alice", "what can I still restore?");
  const done = await guide.say("alice", `restore ${doomed.name}`);
  guide.expect(endedAs(done, "done"), "a restored guest");
  guide.expect((await readGuest(guide, doomed.name)).includes('"stopped"'), "the guest back");
}

async function verifyAudit(guide: Guide): Promise<void> {
  await guide.announce(
    "Who did what",
    "Every change is in a log in which each entry seals the one before it.",
  );
  for (const record of await guide.app.audit.tail({ limit: 10, vmid: doomed.vmid })) {
    await guide.show(describeRecord(record));
  }
  const verified = await guide.app.audit.verify();
  guide.expect(verified.ok, "an intact audit log");
  await guide.show(`The audit log is intact: ${verified.entries} entries.`);
}

/** The deletion of the tour, once it is as wanted. */
async function theDeletion(
  guide: Guide,
  isWanted: (deletion: Deletion) => boolean = () => true,
): Promise<Deletion> {
  const find = async () => (await guide.app.deletions.listOpen()).find(isWanted);
  return guide.until(find, "the deletion on the schedule");
}

async function describeCalendar({ app }: Guide): Promise<string> {
  const [event] = (await app.calendar?.list()) ?? [];
  if (!event) return "nothing.";
  const { startsAt, timeZone, title } = event;
  return `${describeInstant(startsAt, { now: app.clock.now(), timeZone })}: ${title}`;
}

/** Whether the exchange's only call ended like this. */
function endedAs({ calls }: Exchange, kind: string): boolean {
  return calls.length === 1 && calls[0]?.outcome.kind === kind;
}

/** What the cluster says of a guest now, whatever was said about it. */
async function readGuest({ app }: Guide, guest: string): Promise<string> {
  const report = await app.executor.submit(
    { tool: "get_guest", input: { guest } },
    {
      principal: app.principals.find("alice"),
      askedAt: app.clock.now(),
      conversation: "demo",
      signal: new AbortController().signal,
    },
  );
  return JSON.stringify(report.outcome);
}
