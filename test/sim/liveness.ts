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
  judgeTold(universe);
}

function judgeOne(universe: Universe, doomed: Doomed, deletion: Deletion): void {
  const { judge, slack, cluster, calendar } = universe;
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
  if (state === "held" && !isTold(/:held:/)) says("nobody was asked");
  if (state === "failed" && !isTold(/:failed:/)) says("nobody was told");
  const guest = stillThere(cluster, doomed);
  const isStopped = guest && !guest.running && guest.stoppedBy === "us";
  const isExcused = state === "failed" || guest?.disksLost || isTold(/:not-started:/);
  if (isStopped && !isExcused) says("a guest that we stopped does not run again");
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
