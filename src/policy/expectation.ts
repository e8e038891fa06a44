import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type ExpectationInput, expectationSchema } from "./expectation-schema.ts";
import { type Verdict, verdictOf } from "./file-rule.ts";
import { type Judgement, judge } from "./judge.ts";
import { mistakesError } from "./mistakes.ts";
import { type Effect, effects, type PolicyRequest } from "./policy.ts";
import type { Known, PolicyDocument } from "./policy-document.ts";
import type { Principal, Principals } from "./principal.ts";
import type { GuestTarget } from "./target.ts";

/** A line of the table, and what the policy makes of it. */
export interface Tested {
  readonly expectation: ExpectationInput;
  readonly verdict: Verdict;
  readonly judgement: Judgement;
}

interface Context {
  readonly document: PolicyDocument;
  readonly principals: Principals;
  readonly tools: Known["tools"];
  /** For lines that do not say when. */
  readonly now: Temporal.Instant;
}

/**
 * The table in a policy file, under `tests`, or in a file of its own, which may be the bare list.
 *
 * @throws PublicError that lists every mistake at once.
 */
export function parseExpectations(
  raw: unknown,
  { tools }: Pick<Known, "tools">,
): readonly ExpectationInput[] {
  const action = z.enum([...effects, ...tools.map(({ name }) => name)]);
  const table = z.object({ tests: z.array(expectationSchema(action)).default([]) });
  const parsed = table.safeParse(Array.isArray(raw) ? { tests: raw } : raw);
  if (parsed.success) return parsed.data.tests;
  throw mistakesError("The table of expectations is not valid:", parsed.error.issues);
}

/** What a policy decides about a line of the table; it is as expected, or it is not. */
export function testExpectation(expectation: ExpectationInput, context: Context): Tested {
  const judgement = judge(context.document, toRequest(expectation, context));
  return { expectation, judgement, verdict: verdictOf(judgement.decision) };
}

function toRequest(expectation: ExpectationInput, context: Context): PolicyRequest {
  const { do: tool, guest, at, facts, guests = 1 } = expectation;
  const found = context.tools.find(({ name }) => name === tool);
  return {
    tool,
    effect: found?.effect ?? toEffect(tool),
    target: guest ? { guest: toGuest(guest) } : {},
    principal: toPrincipal(expectation.who, context.principals),
    now: at === undefined ? context.now : Temporal.Instant.from(at),
    targets: guests,
    facts: facts && {
      hasBackup: facts.backup,
      busy: facts.busy,
      namedByRequester: facts.named,
    },
  };
}

function toEffect(name: string): Effect {
  return effects.find((effect) => effect === name) ?? "destructive";
}

function toPrincipal(who: ExpectationInput["who"], { find }: Principals): Principal {
  if (typeof who === "string") return find(who);
  const { id = "somebody", role, groups } = who;
  const found = find(id);
  return { ...found, ...(role !== undefined && { role }), ...(groups && { groups }) };
}

/** A guest about which nothing is known but what the line says. */
function toGuest(said: NonNullable<ExpectationInput["guest"]>): GuestTarget {
  const { vmid = 100, name = "guest", node = "", tags = [] } = said;
  const { protection = false, template = false, ha: haManaged = false, lock, owner, pool } = said;
  const identity = { vmid, kind: "ct", fingerprint: "", name, node } as const;
  const hold = said.hold ? { by: "somebody", reason: "the table says so" } : undefined;
  return { ...identity, owner, pool, tags, protection, template, lock, haManaged, hold };
}
