import { edit, type Mutant, mutant } from "./mutant.ts";

const store = "src/actions/confirmation-store.ts";
const executor = "src/actions/action-executor.ts";
const judge = "src/actions/judge.ts";
const ask = "src/actions/ask.ts";
const assessRisks = "src/actions/assess-risks.ts";
const braked = "src/brake/braked.ts";
const escalations = "src/policy/escalations.ts";
const safeguards = "src/policy/safeguards.ts";

/** The protections of limits, the brake, what is at risk, holds, and of what was declined. */
export const mutantsOfPolicy: readonly Mutant[] = [
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
