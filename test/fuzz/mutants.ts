import type { Edit } from "#test/support/mutate.ts";

/** One protection taken out of the sources; the fuzz has to notice within so many runs. */
export interface Mutant {
  /** What it does without. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Of the first run. */
  readonly seed: number;
  readonly runs: number;
}

const queries = "src/actions/confirmation-queries.ts";
const store = "src/actions/confirmation-store.ts";
const whoAnswers = "src/actions/who-answers.ts";
const executor = "src/actions/action-executor.ts";
const judge = "src/actions/judge.ts";
const judgedAgain = "src/actions/judged-again.ts";
const ask = "src/actions/ask.ts";
const assessRisks = "src/actions/assess-risks.ts";
const braked = "src/brake/braked.ts";
const escalations = "src/policy/escalations.ts";
const safeguards = "src/policy/safeguards.ts";

/** The protections of what a person confirms, and of who may. */
export const mutants: readonly Mutant[] = [
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
    edit(
      "src/actions/ask.ts",
      "      by,\n      reasons,",
      '      by: by && "requester",\n      reasons,',
    ),
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
  mutant(
    "not asking again what was declined",
    [edit(ask, "if (declined) throw", "if (declined && !declined) throw")],
    23,
  ),
  mutant(
    "not asking it in other words",
    [
      edit(
        store,
        "declined.find((one) => isSameTarget(one.target, target))",
        "declined.find((one) => JSON.stringify(one.call) === JSON.stringify(call))",
      ),
    ],
    23,
  ),
  mutant(
    "the moment of a message that waits for its turn",
    [
      edit(
        "src/agent/agent.ts",
        "{ ...request, saidAt: clock.now() }",
        "Object.defineProperty({ ...request } as SaidRequest, 'saidAt', { get: () => clock.now() })",
      ),
    ],
    1350,
  ),
  mutant(
    "the limit of destructive acts",
    [
      edit(
        safeguards,
        'effect === "destructive" && destructiveInLastHour',
        "effect === undefined && destructiveInLastHour",
      ),
    ],
    1341,
  ),
  mutant(
    "counting destructive acts that begin at once",
    [edit(executor, "return refusal === undefined;", "refusal = undefined;\n      return true;")],
    1341,
  ),
  mutant("the limit of open questions", [edit(safeguards, "if (open < most)", "if (open >= 0)")]),
  mutant(
    "counting questions that are asked at once",
    [edit(ask, "limits?.() ?? {}, open", "{}, open")],
    524,
  ),
  mutant(
    "the limit of guests",
    [edit(safeguards, "if (count > targetsPerRequest)", "if (count < 0)")],
    125,
  ),
  mutant("the brake", [
    edit(braked, "const frozen = isStopped ? await", "const frozen = !isStopped ? await"),
  ]),
  mutant(
    "cancelling while everything is frozen",
    [edit(braked, 'tool === "cancel_deletion"', 'tool === "nothing"')],
    40,
  ),
  mutant("whom the brake obeys", [
    edit("src/policy/roles.ts", "if (may(role)) return", "if (may(role) || role) return"),
  ]),
  mutant(
    "escalations",
    [edit(safeguards, "escalate(escalations, request)", "escalate({}, request)")],
    67,
  ),
  mutant(
    "what is not known of a guest",
    [edit(escalations, "if (unknown.length > 0)", "if (unknown.length < 0)")],
    1258,
  ),
  mutant("the second person for two reasons", [
    edit(escalations, "reasons.length > 1", "reasons.length > 99"),
  ]),
  mutant("looking at what is at risk", [
    edit(assessRisks, 'if (effect === "reversible")', 'if (effect !== "read")'),
  ]),
  mutant(
    "obstacles in the cluster",
    [edit(judge, 'stricter(decided, { kind: "deny", reason: obstacle })', "decided")],
    14,
  ),
  mutant(
    "the worst of several guests",
    [edit(assessRisks, "if (values.includes(bad)) return bad;", "")],
    113,
  ),
  mutant(
    "words that are a person's own",
    [edit("src/agent/turns.ts", "response.items.filter(isOwn)", "response.items.filter(Boolean)")],
    383,
  ),
  mutant(
    "whose words they are",
    [edit("src/agent/run.ts", "item.by === id", "item.by !== undefined")],
    363,
  ),
  mutant(
    "naming a guest and no amount",
    [edit("src/actions/names-guest.ts", "own, noAmount)", 'own, "")')],
    643,
  ),
  mutant(
    "holds",
    [edit("src/policy/protection.ts", "if (guest.hold) return describeHold(guest.hold);", "")],
    309,
  ),
];

function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

function mutant(name: string, edits: readonly Edit[], seed = 1, runs = 200): Mutant {
  return { name, edits, seed, runs };
}
