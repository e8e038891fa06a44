import type { Deletion } from "#src/deletions/deletion.ts";
import { type Doomed, stillThere } from "./ledger.ts";
import type { Universe } from "./universe.ts";

/** Long after everything went wrong for the last time: each deletion has come to an end, and people know. */
export async function judgeEnd(universe: Universe): Promise<void> {
  const { db, ledger, deletions, judge } = universe;
  const ids = await db.selectFrom("deletion").select("id").execute();
  for (const { id } of ids) {
    if (!ledger.find(id)) judge.report("I6", `${id} is nobody's deletion`);
  }
  for (const doomed of ledger.doomed) {
    const deletion = await deletions.find(doomed.id);
    if (!deletion) judge.report("liveness", `${doomed.id} is lost`);
    else judgeOne(universe, doomed, deletion);
  }
  judgeCancelled(universe, await Promise.all(ledger.doomed.map(({ id }) => deletions.find(id))));
  judgeTold(universe);
}

function judgeOne(universe: Universe, doomed: Doomed, deletion: Deletion): void {
  const { judge, slack, cluster, calendar, ledger } = universe;
  const { id, state } = deletion;
  const says = (detail: string) =>
    judge.report("liveness", `${id} (VMID ${doomed.vmid}, ${state}): ${detail}`);
  const event = calendar.find(id);
  const posts = slack.posts.filter(({ key }) => key.startsWith(`${id}:`));
  const isTold = (pattern: RegExp) => posts.some(({ key }) => pattern.test(key));

  if (!["done", "cancelled", "held", "failed"].includes(state)) {
    says(`did not come to an end: ${deletion.reason}`);
  }
  if ((state === "done" || state === "cancelled") && event && !event.cancelled) {
    says("its event is still in the calendar");
  }
  if (state === "done") {
    if (!isTold(/:done:user:/)) says("whoever asked was not told");
    if (stillThere(cluster, doomed)) says("the guest is still there");
  }
  const isEnded = state === "done" || state === "failed";
  if (doomed.destroys.length > 0 && !stillThere(cluster, doomed) && !isEnded) {
    says("the guest was deleted, and nobody knows");
  }
  const due = deletion.dueAt.epochMilliseconds;
  const isSaid = doomed.words.some((word) => "dueAt" in word && word.dueAt === due);
  const isMoved = calendar.edits.some((edit) => {
    return edit.id === id && edit.after.startsAt?.epochMilliseconds === due && edit.by === "person";
  });
  if (!isSaid && !isMoved) judge.report("I6", `${id} got a time that nobody asked for`);
  if (state === "held" && !isTold(/:held:/)) says("nobody was asked");
  if (state === "failed" && !isTold(/:failed:/)) says("nobody was told");
  const guest = stillThere(cluster, doomed);
  const isStopped = guest && !guest.running && guest.stoppedBy === "us";
  const sameGuest = ledger.doomed.filter(({ uid }) => uid === doomed.uid);
  const isAsked = slack.posts.some(
    ({ key }) => key.includes(":not-started:") && sameGuest.some((one) => key.startsWith(one.id)),
  );
  const isExcused = state === "failed" || guest?.disksLost || isAsked;
  if (isStopped && !isExcused) says("a guest that we stopped does not run again");
}

/**
 * I6: nothing but a person's word, an own event, or what became of the guest cancels; a calendar
 * that has forgotten everything may cancel three, and not more.
 */
function judgeCancelled(
  { ledger, calendar, cluster, judge }: Universe,
  deletions: readonly (Deletion | undefined)[],
): void {
  const cancelled = ledger.doomed.filter(({ id, words, vmid, uid }) => {
    const isCancelled = deletions.some((one) => one?.id === id && one.state === "cancelled");
    const isSaid = words.some(({ kind }) => kind === "cancelled");
    const isRemoved = calendar.edits.some((edit) => {
      return edit.id === id && edit.by === "person" && edit.kind === "remove";
    });
    const isGone = cluster.guests.get(vmid)?.uid !== uid || ledger.unmarkedSince.has(uid);
    return isCancelled && !isSaid && !isRemoved && !isGone;
  });
  if (cancelled.length <= 3 * ledger.amnesias.length) return;
  judge.report("I6", `nobody cancelled ${cancelled.map(({ id }) => id).join(", ")}`);
}

/** I8: one notice has one key, and one key is said once, but for what a crash leaves open. */
function judgeTold({ slack, judge }: Universe): void {
  const keys = new Map<string, string>();
  for (const { key, recipient, message } of slack.posts) {
    const [id = "", revision, kind] = key.split(":");
    const title = /^In the calendar is an event .*?"(.*?)"/.exec(message)?.[1];
    const isAnswer = id.startsWith("pve") && !kind?.startsWith("too-late");
    if (!isAnswer && title === undefined) continue;
    const meaning =
      title === undefined ? `${id}:${revision}:${kind}:${recipient}` : `foreign:${title}`;
    const known = keys.get(meaning) ?? key;
    if (known !== key) judge.report("I8", `the same was said as ${known} and ${key}`);
    keys.set(meaning, key);
  }
}
