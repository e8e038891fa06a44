import { edit, type Mutant, mutant } from "./mutant.ts";
import { mutantsOfPolicy } from "./mutants-of-policy.ts";

const queries = "src/actions/confirmation-queries.ts";
const store = "src/actions/confirmation-store.ts";
const whoAnswers = "src/actions/who-answers.ts";
const executor = "src/actions/action-executor.ts";
const judgedAgain = "src/actions/judged-again.ts";
const ask = "src/actions/ask.ts";
const safeguards = "src/policy/safeguards.ts";

/** The protections of what a person confirms, and of who may. */
const mutantsOfConfirmations: readonly Mutant[] = [
  mutant(
    "answers that count once",
    [
      edit(queries, 'eb("state", "=", "pending"),', ""),
      edit(store, '.where(seat === "requester" ? "requester_at" : "approver_at", "is", null)', ""),
    ],
    19,
  ),
  mutant(
    "the fingerprint",
    [edit("src/policy/target.ts", "return { vmid, kind, fingerprint };", "return { vmid, kind };")],
    145,
  ),
  mutant(
    "the target in the hash",
    [
      edit(
        "src/actions/target-hash.ts",
        "target: targetIdentity(target)",
        "target: typeof targetIdentity(target)",
      ),
    ],
    145,
  ),
  mutant(
    "comparing with what was approved",
    [edit(judgedAgain, "target) !== hash) {", "target) === undefined) {")],
    207,
  ),
  mutant(
    "the requester",
    [
      edit(
        whoAnswers,
        "{ isApprover }: Answerer,\n): string | undefined {",
        '{ isApprover }: Answerer,\n): string | undefined {\n  if (by === "requester") return undefined;',
      ),
      edit(
        whoAnswers,
        'answerer.principal.id === requestedBy.id ? "requester"',
        'by === "requester" || answerer.principal.id === requestedBy.id ? "requester"',
      ),
      edit(store, '.where("requested_by", seat === "requester" ? "=" : "!=", by.id)', ""),
    ],
    68,
  ),
  mutant(
    "whom the approvers are",
    [
      edit(
        whoAnswers,
        "if (isApprover === true) return undefined;",
        "if (isApprover !== undefined) return undefined;",
      ),
      edit(judgedAgain, "isApprover(approver) === true", "isApprover(approver) !== undefined"),
    ],
    12,
  ),
  mutant(
    "whom the approvers are by now",
    [edit(judgedAgain, "isApprover(approver) === true", "isApprover(approver) !== undefined")],
    1331,
  ),
  mutant("the second person", [
    edit(store, 'eb("needs", "!=", "two-persons"),', 'eb("needs", "!=", "nobody"),'),
  ]),
  mutant(
    "an approver who is somebody else",
    [
      edit(
        whoAnswers,
        'seat === "requester" && by === "approver"',
        'seat === "requester" && by === undefined',
      ),
      edit(store, '.where("needs", "in", [seat, "two-persons"])', ""),
    ],
    92,
  ),
  mutant("asking whom the policy wants to be asked", [
    edit(ask, "      by,\n      reasons,", '      by: by && "requester",\n      reasons,'),
    edit(
      judgedAgain,
      "if (rank(decided) <= rank(approved)) return undefined;",
      "if (rank(approved) >= 0) return undefined;",
    ),
  ]),
  mutant(
    "the policy when it is approved",
    [
      edit(
        judgedAgain,
        'if (decided.kind === "deny") return decided.reason;',
        'if (decided.kind === "deny") return undefined;',
      ),
      edit(judgedAgain, 'if (now.kind === "deny") return now.reason;', ""),
    ],
    27,
  ),
  mutant("the policy", [
    edit(
      "src/policy/judge.ts",
      "judge(document, request).decision",
      '({ kind: "allow" as const })',
    ),
  ]),
  mutant("waiting for the answer", [
    edit(
      executor,
      "return askForConfirmation(action);",
      "return askForConfirmation(action).then(() => change(action));",
    ),
  ]),
  mutant("the place of a question", [
    edit(whoAnswers, "places.length === 0 || places", "places.length >= 0 || places"),
    edit(queries, "eb.or([shownNowhere,", 'eb.or([shownNowhere, eb("state", "=", "pending"),'),
  ]),
  mutant(
    "expiry",
    [
      edit(
        "src/actions/confirmation-row.ts",
        'row.state === "pending" && row.expires_at <= now',
        "now < 0",
      ),
      edit(queries, 'eb("expires_at", ">", now),', 'eb("expires_at", ">", now - now),'),
    ],
    67,
  ),
  mutant(
    "replacing an older question",
    [edit(store, "await supersede(transaction, request);", "")],
    194,
  ),
  mutant(
    "confirming whatever is destructive",
    [edit(safeguards, 'effect === "destructive" || confirmedTools', "confirmedTools")],
    24,
  ),
  mutant(
    "confirming whatever is restored",
    [edit(safeguards, '"destructive" || confirmedTools.has(tool)', '"destructive"')],
    697,
  ),
  mutant(
    "the protection of guests",
    [
      edit(
        safeguards,
        'effect === "destructive" ? refuseObstacles',
        "effect === undefined ? refuseObstacles",
      ),
    ],
    17,
  ),
  mutant("the beginning in the audit log", [
    edit(executor, "const refusal = await begin(action);", "const refusal = undefined;"),
  ]),
  mutant(
    "the chain of the audit log",
    [
      edit(
        "src/audit/audit-log.ts",
        "return last?.hash ?? genesis;",
        'return (last?.hash ?? genesis) + "0";',
      ),
    ],
    1,
    5,
  ),
  mutant("the effect of cutting power", [
    edit("tools/guests/stop-guest.ts", 'effect: "disruptive"', 'effect: "read" as never'),
  ]),
  mutant(
    "dry runs that do nothing",
    [
      edit(
        executor,
        "const { summary, target, unchanged } = plan;",
        "await plan.apply(context as never);\n      const { summary, target, unchanged } = plan;",
      ),
    ],
    18,
  ),
  mutant("tools that are judged", [
    edit("tools/guests/stop-guest.ts", 'name: "stop_guest"', 'name: "delete_guest"'),
  ]),
  mutant("the notes of what waits", [
    edit(
      "src/agent/outcome-notes.ts",
      "if (summaries.length === 0) return",
      "if (summaries.length >= 0) return",
    ),
  ]),
  mutant("the approver who clicked, in the audit log", [
    edit(executor, "approver: approver ?? requester", "approver: approver && requester"),
  ]),
  mutant(
    "people who would have to approve it by now",
    [
      edit(judgedAgain, "if (rank(decided) <= rank(approved))", "if (rank(approved) > 0)"),
      edit(judgedAgain, "if (rank(now) <= rank(decided))", "if (rank(decided) >= 0)"),
    ],
    405,
  ),
  mutant("leaving alone what is done already", [
    edit(
      executor,
      "return unchanged === undefined ? apply(context)",
      "return apply ? apply(context)",
    ),
  ]),
];

export const mutants: readonly Mutant[] = [...mutantsOfConfirmations, ...mutantsOfPolicy];
