/** One protection taken out of the sources; the fuzz has to notice within so many runs. */
export interface Mutant {
  /** What it does without. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Of the first run. */
  readonly seed: number;
  readonly runs: number;
}

/** Replaces a text that occurs once in a file. */
interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const answers = "src/actions/confirmation-answers.ts";
const store = "src/actions/confirmation-store.ts";
const executor = "src/actions/action-executor.ts";

/** The protections of what a person confirms, and of who may. */
export const mutants: readonly Mutant[] = [
  mutant("answers that count once", [
    edit(
      store,
      '.where("state", "=", "pending")\n        .where("expires_at", ">", now())\n        .where((where)',
      ".where((where)",
    ),
  ]),
  mutant("the fingerprint", [
    edit("src/policy/target.ts", "return { vmid, kind, fingerprint };", "return { vmid, kind };"),
  ]),
  mutant("the target in the hash", [
    edit(
      "src/actions/target-hash.ts",
      "target: targetIdentity(target)",
      "target: typeof targetIdentity(target)",
    ),
  ]),
  mutant("comparing with what was approved", [
    edit(
      executor,
      "=== approvedHash) return undefined;",
      "!== undefined) return approvedHash && undefined;",
    ),
  ]),
  mutant("the requester", [
    edit(answers, "principal.id !== confirmation.requestedBy.id", "principal.id === undefined"),
  ]),
  mutant("the policy when it is approved", [
    edit(executor, 'if (decided.kind === "deny") return decided.reason;', ""),
  ]),
  mutant("the policy when it is asked for", [
    edit(executor, 'if (decided.kind === "deny") return deny(action, decided.reason);', ""),
  ]),
  mutant("waiting for the answer", [
    edit(
      executor,
      "return askForConfirmation(action);",
      "return askForConfirmation(action).then(() => change(action));",
    ),
  ]),
  mutant("the place of a question", [
    edit(
      store,
      "shownAt === undefined || shownAt === place",
      "shownAt === undefined || place !== null",
    ),
    edit(store, 'where("place", "=", place ?? "")', 'where("place", "is not", null)'),
  ]),
  mutant("expiry", [
    edit(
      store,
      'const expired = row.state === "pending" && row.expires_at <= now;',
      "const expired = now < 0;",
    ),
    edit(
      store,
      '.where("state", "=", "pending")\n        .where("expires_at", ">", now())\n        .where((where)',
      '.where("state", "=", "pending").where((where)',
    ),
  ]),
  mutant("replacing an older question", [
    edit(store, "await supersede(transaction, request);", ""),
  ]),
  mutant("confirming whatever is destructive", [
    edit(
      "src/policy/safeguards.ts",
      'effect === "destructive" ? { kind: "confirm"',
      'effect === undefined ? { kind: "confirm"',
    ),
  ]),
  mutant("the protection of guests", [
    edit(
      "src/policy/safeguards.ts",
      'effect === "destructive" ? refuseObstacles',
      "effect === undefined ? refuseObstacles",
    ),
  ]),
  mutant("the beginning in the audit log", [
    edit(executor, 'await journal.record(action, "started");', ""),
  ]),
  mutant(
    "the chain of the audit log",
    [
      edit(
        "src/audit/audit-log.ts",
        "const previous_hash = last?.hash ?? genesis;",
        'const previous_hash = (last?.hash ?? genesis) + "0";',
      ),
    ],
    5,
  ),
  mutant("the effect of cutting power", [
    edit("tools/guests/stop-guest.ts", 'effect: "disruptive"', 'effect: "read" as never'),
  ]),
  mutant("dry runs that do nothing", [
    edit(
      executor,
      "const { summary, target, unchanged } = plan;",
      "await plan.apply(context);\n      const { summary, target, unchanged } = plan;",
    ),
  ]),
  mutant("tools of its own for carrying deletions out", [
    edit("tools/guests/stop-guest.ts", 'name: "stop_guest"', 'name: "delete_guest"'),
  ]),
  mutant("the notes of what waits", [
    edit(
      "src/agent/outcome-notes.ts",
      "if (summaries.length === 0) return",
      "if (summaries.length >= 0) return",
    ),
  ]),
];

function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

function mutant(name: string, edits: readonly Edit[], runs = 250): Mutant {
  return { name, edits, seed: 1, runs };
}
