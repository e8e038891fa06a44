import type { RunContext } from "#src/agent/model.ts";
import { type ActContext, planRequest, type Request, readRequest, resolveTargets } from "./acts.ts";
import { isBackground, isSmallTalk, topicOf } from "./background.ts";
import { asksToKnow, clausesOf } from "./clauses.ts";
import type { Turn } from "./conversation.ts";
import { guardAnswer, impolite } from "./guards.ts";
import type { Lexicon } from "./lexicon.ts";
import { call, helpText, type Plan, type PlannedCall, say } from "./plan.ts";
import { planRead } from "./reads.ts";
import { referentsOf } from "./referents.ts";
import { findTime } from "./times.ts";
import { mask, masked, normalise, type Word, wordsOf } from "./words.ts";

/** What a later message said to the question that a request led to. */
export type Answer = NonNullable<ActContext["answer"]>;

/** Plans one message by itself; `answer` is what was said later to the question it led to. */
export function planText(
  text: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
  answer?: Answer,
): Plan {
  const source = normalise(text);
  const words = lexicon.mark(wordsOf(source));
  const plain = withoutPoliteness(words);
  const clauses = joinLeadingTimes(clausesOf(plain.words), source);
  const read = clauses.map((words) => ({
    words,
    read: readClause(words, source, plain.asked, lexicon),
  }));
  const wantsChange = read.some(({ read }) => read.kind === "request");
  const onlyKeeps = read.every(
    ({ read }) => read.kind !== "request" || read.request.act === "cancel_deletion",
  );
  const asksKindly = onlyKeeps && /^ *(?:can|could|may) (?:i|we)\b/.test(masked(plain.words));
  const guard = asksKindly ? undefined : guardAnswer(masked(findTime(plain.words, source).rest));
  const speaksOfChange =
    wantsChange ||
    clauses.some((words) => readRequest(words, source, true, lexicon).kind === "request");
  if (guard && speaksOfChange) return say(guard);
  const told = read.find(({ read }) => read.kind === "say");
  if (told?.read.kind === "say") return say(told.read.text);
  return inOrder(
    read.map(({ words, read }) => ({
      words,
      request: read.kind === "request" ? read.request : undefined,
    })),
    source,
    earlier,
    lexicon,
    context,
    answer,
  );
}

function readClause(words: readonly Word[], source: string, asked: boolean, lexicon: Lexicon) {
  return asksToKnow(words)
    ? ({ kind: "other" } as const)
    : readRequest(words, source, asked, lexicon);
}

interface Clause {
  readonly words: readonly Word[];
  readonly request: Request | undefined;
}

/** Plans the clauses one after another; any question among them leaves everything undone. */
function inOrder(
  clauses: readonly Clause[],
  source: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
  answer: Answer | undefined,
): Plan {
  const moment = { now: context.now, timeZone: context.principal.timeZone };
  let referents = referentsOf(earlier, lexicon);
  const calls: PlannedCall[] = [];
  const changes = clauses.filter(({ request }) => request).length;
  let acted = false;
  for (const [index, { words, request }] of clauses.entries()) {
    if (!request) {
      const topic = asksToKnow(words) ? undefined : topicOf(words, lexicon);
      if (topic && changes > 0) {
        referents = { ...referents, current: topic };
        acted = true;
        continue;
      }
      if (changes > 0 && !asksToKnow(words)) {
        if (isSmallTalk(words) || isBackground(words)) continue;
        return say(
          `I did nothing, since I do not understand "${words
            .map(({ raw }) => raw)
            .join(" ")
            .slice(0, 60)}" in it. Please say it in other words.`,
        );
      }
      const plan = planRead(words, source, lexicon, referents);
      if (plan.kind !== "calls") {
        if (isSmallTalk(words)) continue;
        if (!answer?.references) return plan;
        calls.push(...answer.references.map((guest) => call("get_guest", { guest })));
        continue;
      }
      calls.push(...plan.calls);
      const looked = plan.calls.flatMap(({ args }) => lexicon.find(args.guest ?? ""));
      if (looked.length > 0) referents = { ...referents, current: looked };
      continue;
    }
    if (
      request.time.leading &&
      index === 0 &&
      changes > 1 &&
      !request.time.isNow &&
      request.time.when
    ) {
      return say(
        "Is that time for all of it? Only deletions can be scheduled; please ask for each thing on its own.",
      );
    }
    for (const part of byTime(request)) {
      const actContext = { lexicon, moment, referents, answer };
      let resolved = resolveTargets(part, actContext);
      if (resolved.kind === "nothing" && acted)
        resolved = {
          kind: "guests",
          references: referents.current.map(({ vmid }) => nameOf(vmid, lexicon)),
          guests: referents.current,
        };
      const next = clauses[index + 1]?.request;
      if (resolved.kind === "nothing" && next) resolved = resolveTargets(next, actContext);
      const plan = planRequest(part, resolved, actContext);
      if (plan.kind !== "calls") return plan;
      calls.push(...plan.calls);
      if (resolved.kind === "guests") referents = { ...referents, current: resolved.guests };
      acted = true;
    }
  }
  if (calls.length === 0) return say(`I am not sure what you mean, so I did nothing. ${helpText}`);
  return { kind: "calls", calls: distinct(calls) };
}

function nameOf(vmid: number, lexicon: Lexicon): string {
  const guest = lexicon.find(`${vmid}`).find((one) => one.vmid === vmid);
  return guest?.name && lexicon.find(guest.name).length === 1 ? guest.name : `${vmid}`;
}

/** "delete A tomorrow and B on friday": each time belongs to the guests before it. */
function byTime(request: Request): readonly Request[] {
  const { time, targets, act } = request;
  if (!/deletion/.test(act) || time.parts.length < 2 || time.leading) return [request];
  const parts = time.parts.filter(({ words }) => words.some(({ guests }) => guests.length > 0));
  if (parts.length < 2) return [request];
  const own = new Set(targets);
  return parts.map(({ words, when }) => ({
    ...request,
    targets: words.filter((word) => own.has(word)),
    time: { ...time, when, parts: [] },
  }));
}

function distinct(calls: readonly PlannedCall[]): readonly PlannedCall[] {
  return [...new Map(calls.map((one) => [JSON.stringify(one), one])).values()];
}

/** A clause that is nothing but a time belongs to the next one: "tomorrow at 9, delete …". */
function joinLeadingTimes(
  clauses: readonly (readonly Word[])[],
  source: string,
): readonly (readonly Word[])[] {
  const joined: (readonly Word[])[] = [];
  let pending: readonly Word[] = [];
  for (const clause of clauses) {
    const { when, rest } = findTime(clause, source);
    if (when && rest.every(({ text }) => /^[,:.]$/.test(text)) && joined.length === 0)
      pending = [...pending, ...clause];
    else {
      joined.push([...pending, ...clause]);
      pending = [];
    }
  }
  return pending.length > 0 ? [...joined, pending] : joined;
}

/** The words without "could you please" and the like, and whether anything of it was there. */
export function withoutPoliteness(words: readonly Word[]): {
  readonly words: readonly Word[];
  readonly asked: boolean;
} {
  const line = masked(words);
  const plain = impolite(line);
  let at = 0;
  const kept = words.filter((word) => {
    const from = at;
    at += mask(word).length + 1;
    return plain.slice(from, at - 1).trim() !== "";
  });
  const asked =
    /\b(?:could|can|would|will|mind|wondering|want|need|like|possible|chance|please|let us|time to)\b/.test(
      line,
    ) && plain !== line;
  return { words: kept, asked };
}
