import type { Destroy } from "./cluster-ports.ts";
import type { CalendarEdit, FakeCalendar } from "./fake-calendar.ts";
import type { FakeCluster, FakeGuest } from "./fake-cluster.ts";
import type { FakeSlack } from "./fake-slack.ts";
import type { Doomed, Ledger, Word } from "./ledger.ts";

const minute = 60_000;
const grace = 30 * minute;
/** A check that is older than a lease and the requests around it is none. */
const freshness = 10 * minute;
/** A request that was sent in time may be on its way for so long. */
const requestTime = minute;

export interface Rules {
  readonly preparationTime: number;
  readonly backup: boolean;
  readonly mark: boolean;
}

export interface Violation {
  readonly at: number;
  readonly invariant: string;
  readonly detail: string;
}

/** What the judge counts that is no violation: what cannot be excluded, and is documented. */
export interface Residue {
  /** The VMID changed hands between the last reading and the one request after it. */
  races: number;
  /** The same, for a successor that only the task history could tell. */
  lookalikeRaces: number;
  /** A veto that came after the calendar had decided. */
  lateVetoes: number;
  destroys: number;
}

export interface Truth {
  readonly ledger: Ledger;
  readonly calendar: FakeCalendar;
  readonly cluster: FakeCluster;
  readonly slack: FakeSlack;
  readonly rules: Rules;
  now(): number;
}

/** Judges every destroy in the moment in which it happens, by what is true and not by our rows. */
export interface Judge {
  readonly violations: readonly Violation[];
  readonly residue: Residue;
  report(invariant: string, detail: string): void;
  destroyed(destroy: Destroy): void;
  /** The guest is shut down by us, or its power is cut. */
  stopped(guest: FakeGuest): void;
}

type Broken = readonly [invariant: string, detail: string];

export function createJudge(truth: Truth): Judge {
  const { ledger, now } = truth;
  const violations: Violation[] = [];
  const residue: Residue = {
    races: 0,
    lookalikeRaces: 0,
    lateVetoes: 0,
    destroys: 0,
  };
  const report = (invariant: string, detail: string) =>
    violations.push({ at: now(), invariant, detail });

  function judgeAgainst(doomed: Doomed, destroy: Destroy) {
    const race = raceOf(doomed, destroy, truth);
    const broken = [
      ...(race === "none" || race === "race" || race === "lookalike race" ? [] : [race]),
      ...brokenByTime(doomed, truth),
      ...brokenByCalendar(doomed, truth),
      ...brokenByVeto(doomed, truth),
      ...brokenByBlindness(doomed, destroy, truth),
      ...brokenByPreparation(doomed, truth),
    ];
    return { doomed, broken, race };
  }

  return {
    violations,
    residue,
    report,
    destroyed(destroy) {
      const { identity, guest } = destroy;
      residue.destroys += 1;
      const judged = ledger.doomed
        .filter(({ vmid, fingerprint }) => {
          return vmid === identity.vmid && fingerprint === identity.fingerprint;
        })
        .map((doomed) => judgeAgainst(doomed, destroy))
        .sort((a, b) => a.broken.length - b.broken.length);
      const [likeliest] = judged;
      if (!likeliest) {
        report("I6", `guest ${guest.uid} (VMID ${guest.vmid}) was never to be deleted`);
        return;
      }
      const { doomed, broken, race } = likeliest;
      for (const [invariant, detail] of broken)
        report(invariant, `${doomed.id} (VMID ${doomed.vmid}): ${detail}`);
      if (race === "race") residue.races += 1;
      if (race === "lookalike race") residue.lookalikeRaces += 1;
      if (wasVetoedLate(doomed, truth)) residue.lateVetoes += 1;
      doomed.destroys.push(now());
    },
    stopped(guest) {
      // One that came in the last moment is counted where it is destroyed.
      if (now() - guest.bornAt < freshness) return;
      const mayBeStopped = ledger.doomed.some(
        (doomed) => doomed.uid === guest.uid && isWantedGone(doomed, truth),
      );
      if (!mayBeStopped) report("veto", `guest ${guest.uid} (VMID ${guest.vmid}) was stopped`);
    },
  };
}

/** Whether it is due and confirmed, and no veto is older than what a check may be. */
function isWantedGone(doomed: Doomed, { calendar, now }: Truth): boolean {
  const word = lastWord(doomed);
  const isRecent = (at: number) => now() - at < freshness;
  if (word && word.kind !== "confirmed" && isRecent(word.at)) return true;
  if (word?.kind !== "confirmed") return false;
  const vetoed = calendar.edits.findLast(({ id }) => id === doomed.id);
  const event = calendar.find(doomed.id);
  const stands = !event?.cancelled && event?.startsAt?.epochMilliseconds === word.dueAt;
  return now() >= word.dueAt && (stands || isRecent(Math.max(vetoed?.at ?? 0, word.at)));
}

/** I1 and I5: whether it is the guest that was shown, or a successor that nobody could see. */
function raceOf(
  { uid, vmid }: Doomed,
  { guest, read }: Destroy,
  { ledger, now }: Truth,
): Broken | "none" | "race" | "lookalike race" {
  if (guest.uid === uid) return "none";
  if (guest.bornAt >= read.at) return "race";
  const history = ledger.histories.get(vmid);
  const wasRead = history?.uid === uid && now() - history.at < freshness;
  if (wasRead && guest.bornAt >= history.at) return "lookalike race";
  return ["I1", `guest ${guest.uid} was destroyed instead of ${uid}`];
}

function lastWord({ words }: Doomed): Word | undefined {
  return words.at(-1);
}

/** I2, I3, I5: an own confirmation, after its instant, not too late, once. */
function brokenByTime(doomed: Doomed, { ledger, rules, now }: Truth): Broken[] {
  const word = lastWord(doomed);
  const begun = doomed.begins.at(-1);
  if (word?.kind !== "confirmed") return [["I2", `the last word was ${word?.kind}`]];
  const broken: Broken[] = [];
  const revokedAt = ledger.revokedSince.get(word.by);
  if (revokedAt !== undefined && now() - revokedAt > freshness) {
    broken.push(["I2", `${word.by} may not delete any more`]);
  }
  const says = (invariant: string, detail: string) => broken.push([invariant, detail]);
  if (now() < word.dueAt) says("I3", "it was not due");
  if (begun === undefined || begun < word.dueAt || begun < word.at) {
    says("I3", "its preparation had not begun after it was due");
  } else {
    if (begun > word.dueAt + grace) says("I3", "its preparation began too late");
    if (now() > begun + rules.preparationTime + requestTime) says("I3", "it was prepared too long");
  }
  if (doomed.destroys.length > 0) says("I5", "it was destroyed before");
  return broken;
}

/** The change of the event by which the calendar lets it happen. */
function commitOf({ id }: Doomed, { calendar }: Truth): CalendarEdit | undefined {
  return calendar.edits.findLast((edit) => {
    return edit.id === id && edit.by === "us" && edit.kind === "change";
  });
}

/** I4: as the event stood in the moment in which we changed it. */
function brokenByCalendar(doomed: Doomed, truth: Truth): Broken[] {
  const word = lastWord(doomed);
  const commit = commitOf(doomed, truth);
  const before = commit?.before;
  if (!commit || !before) return [["I4", "its event was not changed before"]];
  const broken: Broken[] = [];
  if (truth.now() - commit.at > freshness)
    broken.push(["I4", "the calendar was asked long before"]);
  if (word && commit.at < word.at)
    broken.push(["I4", "the calendar was asked before it was confirmed"]);
  if (before.cancelled || before.recurring)
    broken.push(["I4", "its event was removed, or repeats"]);
  if (word?.kind === "confirmed" && before.startsAt?.epochMilliseconds !== word.dueAt) {
    broken.push(["I4", `its event was moved to ${before.startsAt}`]);
  }
  return broken;
}

/** I4: what a person did to the event after the last word counts, unless it is as it was again. */
function brokenByVeto(doomed: Doomed, truth: Truth): Broken[] {
  const word = lastWord(doomed);
  const commit = commitOf(doomed, truth);
  const edit = truth.calendar.edits.findLast(
    ({ id, by, kind, at }) =>
      id === doomed.id &&
      by === "person" &&
      /move|remove|restore/.test(kind) &&
      at > (word?.at ?? 0) &&
      at < (commit?.at ?? 0),
  );
  if (!edit || word?.kind !== "confirmed") return [];
  const isBack = edit.kind !== "remove" && edit.after.startsAt?.epochMilliseconds === word.dueAt;
  return isBack ? [] : [["I4", `a person did ${edit.kind} it, and nobody confirmed it after that`]];
}

function wasVetoedLate(doomed: Doomed, truth: Truth): boolean {
  const commit = commitOf(doomed, truth);
  const later = truth.calendar.edits.filter(
    ({ id, at }) => id === doomed.id && at >= (commit?.at ?? 0),
  );
  return later.some(({ by, kind }) => by === "person" && (kind === "remove" || kind === "move"));
}

/** I7, and what the policy, the mark and people's not knowing forbid. */
function brokenByBlindness(doomed: Doomed, { guest }: Destroy, truth: Truth): Broken[] {
  const { ledger, slack, rules, now } = truth;
  const isLong = (since: number | undefined) => since !== undefined && now() - since > freshness;
  const broken: Broken[] = [];
  for (const [name, { since }] of Object.entries(ledger.blindness)) {
    if (isLong(since)) broken.push(["I7", `${name} was blind`]);
  }
  if (isLong(ledger.protectedSince.get(guest.uid))) broken.push(["I7", "its tag forbids it"]);
  const isMarked = guest.tags.some((tag) => tag.startsWith("delete-"));
  if (rules.mark && !isMarked && isLong(ledger.unmarkedSince.get(guest.uid))) {
    broken.push(["I4", "its mark was taken off"]);
  }
  const word = lastWord(doomed);
  const commit = commitOf(doomed, truth);
  const told = slack.posts.some(
    ({ about, at }) =>
      word?.kind === "confirmed" &&
      about?.deletion === doomed.id &&
      about.revision === word.revision &&
      at < (commit?.at ?? 0),
  );
  if (!told) broken.push(["told", "nobody was told"]);
  return broken;
}

/** No backup, no deletion; unless a person has said so. */
function brokenByPreparation(doomed: Doomed, { cluster, rules }: Truth): Broken[] {
  const word = lastWord(doomed);
  if (!rules.backup || (word?.kind === "confirmed" && word.withoutBackup)) return [];
  const begun = doomed.begins.at(-1) ?? 0;
  const has = cluster.backups.some(
    ({ uid, createdAt }) => uid === doomed.uid && createdAt >= begun,
  );
  return has ? [] : [["backup", "there was no backup of it"]];
}
