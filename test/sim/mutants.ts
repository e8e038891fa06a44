import type { Edit } from "#test/support/mutate.ts";

/** One protection taken out of the sources; the simulation has to notice within these seeds. */
export interface Mutant {
  /** What it does without. */
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly from: number;
  readonly seeds: number;
}

/** The protections of the deletions, each with seeds in which its absence has shown. */
export const mutants: readonly Mutant[] = [
  mutant("a confirmation that holds for one revision", 16, [
    edit(
      "src/deletions/calendar-sync-store.ts",
      "confirmed_by: null,\n    confirmed_by_name: null,\n    approved_by: null,\n    confirmed_at: null,",
      "",
    ),
  ]),
  mutant("a confirmation at all", 3, [
    edit("src/deletions/decide.ts", 'if (!confirmedBy) return { kind: "ask" };', ""),
    edit("src/deletions/judge.ts", "if (!deletion.confirmedBy) return", "if (!deletion) return"),
  ]),
  mutant("telling foreign events from one's own", 5, [
    edit(
      "src/deletions/calendar-sync.ts",
      "const deletion = await deletions.find(seriesOf(event));",
      `const open = await deletions.listOpen();
       const deletion = (await deletions.find(seriesOf(event))) ??
         open.find(({ guest }) => String(guest.vmid) === event.marks.vmid);`,
    ),
    edit("src/deletions/calendar-sync.ts", "event.id === deletion.id ? event", "deletion ? event"),
  ]),
  mutant("the fingerprint", 2, [
    edit(
      "src/deletions/read-world.ts",
      "guest.kind !== kind || guest.fingerprint !== fingerprint",
      "guest.kind !== kind || fingerprint === undefined",
    ),
    edit(
      "src/deletions/judge.ts",
      'case "changed": {',
      'case "changed": {\n      return undefined;',
    ),
    edit("src/deletions/delete-guest.ts", "async apply({ claim }", "async apply({ claim, target }"),
    edit(
      "src/deletions/delete-guest.ts",
      "destroyer.destroy(claim.guest, options)",
      "destroyer.destroy({ ...claim.guest, fingerprint: target.guest.fingerprint }, options)",
    ),
  ]),
  mutant("the history of tasks", 2, [
    edit(
      "src/deletions/judge.ts",
      'case "changed": {',
      'case "changed": {\n      return undefined;',
    ),
  ]),
  mutant("waiting for a history that cannot be read", 165, [
    edit(
      "src/deletions/judge.ts",
      'case "unknown": {',
      'case "unknown": {\n      return undefined;',
    ),
  ]),
  mutant("the limit of thirty minutes", 10, [
    edit("src/deletions/deletion-time.ts", "grace = { minutes: 30 }", "grace = { hours: 30 }"),
  ]),
  mutant("the condition on the event's version", 93, [
    edit(
      "src/deletions/delete-guest.ts",
      'let etag = seen?.etag ?? "";',
      'let etag = seen && ((await calendar.find(id, signal))?.etag ?? "");',
    ),
  ]),
  mutant("the change of the event, and the look at it", 9, [
    edit("src/deletions/judge.ts", "  if (objection) return objection;\n", ""),
    edit(
      "src/deletions/delete-guest.ts",
      'let etag = seen?.etag ?? "";',
      'let etag = seen && ((await calendar.find(id, signal))?.etag ?? "");',
    ),
  ]),
  mutant("the look at the clock after a suspension", 10, [
    edit("src/deletions/delete-guest.ts", "() => refuseWhenLate(claim, deps)", "() => {}"),
  ]),
  mutant("the lease under which all was looked at", 311, [
    edit(
      "src/deletions/delete-guest.ts",
      "() => refuseWhenLate(claim, deps)",
      "() => refuseWhenLate(held, deps)",
    ),
  ]),
  mutant("keys that are the same for the same notice", 2, [
    edit(
      "src/deletions/deletion-notices.ts",
      "event.id}`, recipient",
      "event.id}` + now.toString(), recipient",
    ),
  ]),
  mutant("the limit of deletions per hour", 2, [
    edit("src/deletions/deletion-claims.ts", 'eb(begun, "<", count)', 'eb(begun, "<", count + 99)'),
  ]),
  mutant("telling people before", 139, [
    edit("src/deletions/judge.ts", "if (!world.told) {", "if (world.told === undefined) {"),
  ]),
  mutant("waiting while nobody can reach us", 241, [
    edit(
      "src/deletions/read-world.ts",
      'deps.isReachable() ? undefined : "nobody could reach me to stop it"',
      "undefined",
    ),
  ]),
  mutant("waiting while the clock is in doubt", 117, [
    edit("src/deletions/read-world.ts", "deps.doubt() ??", "undefined ??"),
  ]),
  mutant("giving way to what a person said meanwhile", 101, [
    edit(
      "src/deletions/deletion-claims.ts",
      '      .where("revision", "=", revision)\n      .where("state", "=", state);',
      ";",
    ),
  ]),
  mutant("the fence of a claim", 5, [
    edit(
      "src/deletions/deletion-claims.ts",
      '      .where("fence", "=", fence)\n      .where("revision"',
      '      .where("revision"',
    ),
  ]),
  mutant("the fresh look at the event before a guest is touched", 23, [
    edit(
      "src/deletions/judge.ts",
      "const objection = objectionInEvent(deletion, world.event);",
      "const objection = world.event ? undefined : objectionInEvent(deletion, world.event);",
    ),
  ]),
  mutant("the look at what has changed in the event meanwhile", 7, [
    edit("src/deletions/delete-guest.ts", "if (!isSame || event.cancelled)", "if (!event)"),
  ]),
  mutant("starting the guest again after a veto", 5, [
    edit(
      "src/deletions/decide.ts",
      'return deletion.stoppedByUs ? { kind: "start-again" } : tidy',
      'return deletion.begunAt === null ? { kind: "start-again" } : tidy',
    ),
  ]),
  mutant("doubting a calendar from which everything vanished", 71, [
    edit(
      "src/deletions/calendar-sync.ts",
      "if (missing <= vanishedCount) return false;",
      "if (missing >= 0) return false;",
    ),
  ]),
  mutant("the limit of a preparation's time", 6, [
    edit(
      "src/deletions/decide.ts",
      "if (!isPast(now, begunAt, preparationTime)) return undefined;",
      "if (!isPast(now, begunAt, preparationTime) || begunAt) return undefined;",
    ),
  ]),
  mutant("comparing the event's start with the one that was seen", 7, [
    edit(
      "src/deletions/judge.ts",
      "return seen !== undefined && event.startsAt?.equals(seen.startsAt) === true;",
      "return seen !== undefined && event.startsAt !== undefined;",
    ),
  ]),
  mutant("asking the policy again", 2, [
    edit(
      "src/policy/deletion-rules.ts",
      "return objection === undefined ?",
      "return objection !== null ?",
    ),
    edit(
      "src/policy/deletion-rules.ts",
      "({ target }) => refuseObstacles(target, protectedGuests),",
      "",
    ),
  ]),
  mutant("the backup before", 5, [
    edit(
      "src/deletions/decide.ts",
      "const isBackedUp = deletion.withoutBackup || deletion.backup !== undefined;",
      "const isBackedUp = true;",
    ),
  ]),
  mutant("writing down that it is destroyed before it is", 3, [
    edit(
      "src/deletions/delete-guest.ts",
      "let held = await commitInStore(claim, event, deps);",
      "let held = event && claim;",
    ),
  ]),
  mutant("removing the event in a step that is taken again", 2, [
    edit("src/deletions/decide.ts", 'if (!eventGone) return { kind: "remove-event" };', ""),
  ]),
];

function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

function mutant(name: string, from: number, edits: readonly Edit[], seeds = 600): Mutant {
  return { name, from, edits, seeds };
}
