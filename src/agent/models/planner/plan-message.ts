import type { GuestLine, RunContext } from "#src/agent/model.ts";
import { type ActContext, planRequest, type Request, readRequest, resolveTargets } from "./acts.ts";
import { asksToKnow, clausesOf } from "./clauses.ts";
import { guestsOf, mentioned, type Turn } from "./conversation.ts";
import { guardAnswer, impolite } from "./guards.ts";
import { createLexicon, type Lexicon } from "./lexicon.ts";
import { call, confirmationNote, helpText, type Plan, type PlannedCall, say } from "./plan.ts";
import { planRead } from "./reads.ts";
import { type Referents, resolveMentions } from "./resolve.ts";
import { readMentions } from "./targets.ts";
import { findTime } from "./times.ts";
import { approvals, greetings, help, refusals, thanks } from "./vocabulary.ts";
import { mask, masked, normalise, type Word, wordsOf } from "./words.ts";

type Answer = NonNullable<ActContext["answer"]>;

/** Decides what the last of the turns asks for: calls, or a sentence where nothing is certain. */
export function planMessage(turns: readonly Turn[], context: RunContext): Plan {
  const turn = turns.at(-1);
  const lexicon = createLexicon(context);
  if (!turn) return say(helpText);
  const earlier = turns.slice(0, -1);
  const words = lexicon.mark(wordsOf(normalise(turn.text)));
  const line = masked(words)
    .replace(/[ ,.!?:;]+/g, " ")
    .trim();
  return (
    smallTalk(line, earlier.at(-1), lexicon, context, earlier) ??
    followUp(words, line, earlier, lexicon, context) ??
    planText(turn.text, earlier, lexicon, context)
  );
}

function smallTalk(
  line: string,
  before: Turn | undefined,
  lexicon: Lexicon,
  context: RunContext,
  earlier: readonly Turn[],
): Plan | undefined {
  if (line === "") return say(helpText);
  if (greetings.test(line)) return say(`Hello! ${helpText}`);
  if (help.test(line)) return say(helpText);
  if (approvals.test(line))
    return before ? approval(before, lexicon, context, earlier) : say(confirmationNote);
  if (thanks.test(line)) return say("You are welcome.");
  if (refusals.test(line)) return say("All right, I did nothing more.");
  return undefined;
}

/** "yes" answers "Did you mean …?" for what is easily undone, and confirms nothing. */
function approval(
  before: Turn,
  lexicon: Lexicon,
  context: RunContext,
  earlier: readonly Turn[],
): Plan {
  const [only, ...others] = suggested(before, lexicon);
  if (!only || others.length > 0 || !/Did you mean/.test(before.reply))
    return say(confirmationNote);
  const plan = planText(before.text, earlier.slice(0, -1), lexicon, context, {
    references: [`${only.vmid}`],
  });
  if (plan.kind !== "calls") return plan;
  const grave = plan.calls.some(({ tool }) =>
    /^(?:schedule_deletion|reschedule_deletion|stop_guest)$/.test(tool),
  );
  return grave
    ? say(
        `Please ask for it once more with the exact name or VMID (${only.vmid}); a "yes" is not enough for that.`,
      )
    : plan;
}

/** The guests that an unanswered question offered. */
function suggested(turn: Turn, lexicon: Lexicon): readonly GuestLine[] {
  if (turn.calls.length > 0 || !/Which|Did you mean/.test(turn.reply)) return [];
  const ids = [...turn.reply.matchAll(/VMID (\d+)|Did you mean (\d+)/g)].map(
    ([, a, b]) => a ?? b ?? "",
  );
  return ids.flatMap((id) => lexicon.find(id).filter(({ vmid }) => `${vmid}` === id));
}

/** A fragment that answers the last question, or says the last request again for another guest. */
function followUp(
  words: readonly Word[],
  line: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
): Plan | undefined {
  const before = earlier.at(-1);
  if (!before) return undefined;
  if (isWhole(words, context, lexicon)) return undefined;
  const about =
    /^(?:and |so |ok |okay )*(?:what|how) about (?!delet|stop|restart|remov|start)/.test(line);
  if (about) return undefined;
  const asked = before.calls.length === 0 && /\?/.test(before.reply);
  const again = repeated(words, line, before, lexicon, earlier);
  if (again) return again;
  if (!asked) return undefined;
  const answer = answerOf(words, before, lexicon);
  return answer && planText(before.text, earlier.slice(0, -1), lexicon, context, answer);
}

/** Whether the message says by itself what to do. */
function isWhole(words: readonly Word[], context: RunContext, lexicon: Lexicon): boolean {
  const plain = withoutPoliteness(words);
  if (asksToKnow(plain.words)) return true;
  const read = readRequest(
    plain.words,
    words.map(({ raw }) => raw).join(" "),
    plain.asked,
    lexicon,
  );
  return read.kind !== "other" || context.guests === undefined;
}

/** "same for 104", "and web-01 too", "make it saturday instead". */
function repeated(
  words: readonly Word[],
  line: string,
  before: Turn,
  lexicon: Lexicon,
  earlier: readonly Turn[],
): Plan | undefined {
  const last = before.calls.at(-1);
  if (!last) return undefined;
  const time = findTime(words, words.length > 0 ? sourceOf(words) : "");
  const guest = typeof last.args.guest === "string" ? last.args.guest : undefined;
  if (guest && time.when && /deletion/.test(last.tool) && onlyTime(time.rest)) {
    const waits = !/"done"/.test(last.output) && last.tool === "schedule_deletion";
    return {
      kind: "calls",
      calls: [
        call(waits ? "schedule_deletion" : "reschedule_deletion", { guest, when: time.when }),
      ],
    };
  }
  if (
    guest &&
    last.tool === "schedule_deletion" &&
    /^(?:please )?(?:undo|cancel|revoke|take back|call off) (?:it|that|this)(?: again| please)?$/.test(
      line,
    )
  ) {
    return { kind: "calls", calls: [call("cancel_deletion", { guest })] };
  }
  if (!/\b(?:same|too|as well|also|and|ditto|likewise)\b/.test(line) || last.tool === "list_guests")
    return undefined;
  const targets = readMentions(
    words.filter(({ text }) => !/^(?:do|same|ditto|likewise|for|with|thing|to)$/.test(text)),
    lexicon,
  );
  const resolved = resolveMentions(targets, lexicon, referentsOf(earlier, lexicon), {
    verb: "do that to",
    destructive: true,
  });
  if (resolved.kind === "question") return say(resolved.text);
  if (resolved.kind !== "guests") return undefined;
  const when = typeof last.args.when === "string" ? { when: last.args.when } : {};
  return {
    kind: "calls",
    calls: resolved.references.map((reference) => call(last.tool, { guest: reference, ...when })),
  };
}

function onlyTime(rest: readonly Word[]): boolean {
  return rest.every(
    ({ text, guests }) =>
      guests.length === 0 &&
      /^(?:make|it|that|instead|no|actually|rather|better|please|,|\.|!|on|at|to|change|ok|okay|sorry|i|mean|meant|do|then|the|let|us|say|of|for|how|about|what|\?)$/.test(
        text,
      ),
  );
}

function sourceOf(words: readonly Word[]): string {
  let source = "";
  for (const { raw, start } of words) source = source.padEnd(start) + raw;
  return source;
}

/** What a fragment says about the open question: a guest, a time, or nothing. */
function answerOf(words: readonly Word[], before: Turn, lexicon: Lexicon): Answer | undefined {
  const time = findTime(words, sourceOf(words));
  if (time.when && onlyTime(time.rest)) return { when: time.when };
  const offered = suggested(before, lexicon);
  const { included, excluded } = readMentions(time.rest, lexicon);
  if (included.length === 0 || excluded.length > 0) return undefined;
  const narrowed = offered.length > 0 ? createNarrowed(lexicon, offered) : lexicon;
  const referents = { current: offered, other: [] };
  const resolved = resolveMentions(
    { included: included.map(countless), excluded },
    narrowed,
    referents,
    { verb: "choose", destructive: false },
  );
  if (resolved.kind !== "guests" || resolved.guests.length === 0) return undefined;
  return { references: resolved.guests.map(({ vmid }) => `${vmid}`) };
}

const countless = <
  M extends {
    readonly noun: boolean;
    readonly count?: number | undefined;
    readonly everyone: boolean;
    readonly pronoun?: string | undefined;
  },
>(
  mention: M,
) =>
  mention.everyone || mention.count !== undefined
    ? { ...mention, pronoun: "several" as const, count: undefined }
    : mention;

function createNarrowed(lexicon: Lexicon, offered: readonly GuestLine[]): Lexicon {
  return { ...lexicon, guests: offered };
}

function referentsOf(earlier: readonly Turn[], lexicon: Lexicon): Referents {
  const recent = [...earlier].reverse().map((turn) => guestsOf(turn, lexicon));
  const current = recent.find((guests) => guests.length > 0) ?? [];
  const [only] = current;
  if (current.length !== 1 || !only) return { current, other: [] };
  const pair = [...earlier]
    .reverse()
    .flatMap((turn) => [mentioned(turn.reply, lexicon), mentioned(turn.text, lexicon)])
    .find((guests) => guests.length === 2 && guests.some(({ vmid }) => vmid === only.vmid));
  const namesakes = lexicon.find(only.name ?? "").filter(({ vmid }) => vmid !== only.vmid);
  const others = pair?.filter(({ vmid }) => vmid !== only.vmid) ?? namesakes;
  return { current, other: others };
}

function planText(
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
  const guard = guardAnswer(masked(findTime(plain.words, source).rest));
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
      const topic = isTopic(words, lexicon);
      if (topic && changes > 0) {
        referents = { ...referents, current: topic };
        acted = true;
        continue;
      }
      if (changes > 0 && !asksToKnow(words)) {
        if (isSmallTalk(words)) continue;
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
        return plan;
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

/** "web-02: restart it", "as for web-02, …": guests named ahead of what is to be done. */
function isTopic(words: readonly Word[], lexicon: Lexicon): readonly GuestLine[] | undefined {
  const complaint =
    /^(?:the |my )?(?:\w+ )?§ (?:is|are|seems?|looks?|keeps?|has|feels?|got|was|had|does|crashed|died|failed|hangs?|froze|went|will not|stopped responding)\b/.test(
      masked(words),
    );
  if (complaint) return words.find(({ guests }) => guests.length === 1)?.guests;
  const rest = words.filter(
    ({ text }) => !/^(?:as|for|regarding|about|concerning|re|the|:|on|ok|okay|so)$/.test(text),
  );
  const { included, excluded } = readMentions(rest, lexicon);
  if (
    included.length === 0 ||
    excluded.length > 0 ||
    included.some(({ named, unknown }) => named.length === 0 || unknown.length > 0)
  )
    return undefined;
  const resolved = resolveMentions(
    { included, excluded },
    lexicon,
    { current: [], other: [] },
    { verb: "take", destructive: false },
  );
  return resolved.kind === "guests" ? resolved.guests : undefined;
}

function isSmallTalk(words: readonly Word[]): boolean {
  const line = words
    .map(mask)
    .join(" ")
    .replace(/[ ,.!?:;]+/g, " ")
    .trim();
  return (
    line === "" ||
    greetings.test(line) ||
    thanks.test(line) ||
    /^(?:please|ok|okay|thanks|hey|hi|hello|it is (?:urgent|important)|asap|no rush|when you can|(?:i|we) (?:do not|no longer) (?:need|use|want) (?:it|them|that|those|this)(?: any ?more| any longer)?|it is (?:not needed|no longer needed|not used)(?: any ?more)?|that is all|that would be great|(?:it|that|this|they|§)(?: is| are)? (?:seems?|being|acting|stuck|hanging|hung|slow|broken|unresponsive|frozen|misbehaving|not responding|down|too slow|acting up|eating .*|using .*)(?: .*)?|nobody (?:uses|needs) (?:it|them)(?: .*)?|much appreciated|have a (?:nice|good|great) (?:day|evening|one|weekend)|sorry|oops|good bye|bye)$/.test(
      line,
    )
  );
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
function withoutPoliteness(words: readonly Word[]): {
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
