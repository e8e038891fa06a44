import type { Temporal } from "temporal-polyfill";
import { readPolicyFile, readYaml } from "#src/app/policy-file.ts";
import { PublicError } from "#src/errors.ts";
import { parseExpectations, type Tested, testExpectation } from "#src/policy/expectation.ts";
import { type Known, principalsOf } from "#src/policy/policy-document.ts";
import { describeJudgement } from "./describe-judgement.ts";

interface Files {
  readonly policy: string;
  /** Where the table is, if not in the policy itself. */
  readonly table?: string | undefined;
}

/** How a policy stands to a table of expectations. */
export interface TableResult {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

/**
 * Has a policy decide about each line of a table, and compares.
 *
 * @throws PublicError when a file cannot be used, or expects nothing.
 */
export async function testTable(
  { policy, table = policy }: Files,
  known: Known,
  now: Temporal.Instant,
): Promise<TableResult> {
  const { document } = await readPolicyFile(policy, known);
  const expectations = parseExpectations(await readYaml(table), known);
  if (expectations.length === 0) {
    throw new PublicError(`${table} expects nothing; write what you expect under tests.`);
  }
  const principals = principalsOf(document, known.timeZone);
  const context = { document, principals, tools: known.tools, now };
  const tested = expectations.map((expectation) => testExpectation(expectation, context));
  const failures = tested.flatMap((one, index) => (holds(one) ? [] : describeFailure(one, index)));
  const held = tested.filter(holds).length;
  const summary = `${held} of ${tested.length} expectations hold.`;
  return { ok: failures.length === 0, lines: [...failures, summary] };
}

function holds({ expectation, verdict }: Tested): boolean {
  return verdict === expectation.expect;
}

function describeFailure({ expectation, verdict, judgement }: Tested, index: number): string[] {
  const { who, do: act, guest, at, expect } = expectation;
  const person = typeof who === "string" ? who : JSON.stringify(who);
  const rest = [guest && JSON.stringify(guest), at].filter(Boolean);
  return [
    `tests[${index}]: ${[person, act, ...rest].join(" ")}`,
    `  - ${expect}`,
    `  + ${verdict}`,
    ...describeJudgement(judgement).map((line) => `    ${line}`.trimEnd()),
    "",
  ];
}
