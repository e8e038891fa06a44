import type { RunContext } from "#src/agent/model.ts";
import { type ActContext, planRequest, resolveTargets } from "./acts.ts";
import { isBackground, isHarmless, isSmallTalk, topicOf } from "./background.ts";
import { asksForFacts, asksToKnow, clausesOf } from "./clauses.ts";
import type { Turn } from "./conversation.ts";
import { guardAnswer, impolite, quotation, quotesSomebody } from "./guards.ts";
import type { Lexicon } from "./lexicon.ts";
import { call, helpText, type Plan, type PlannedCall, say } from "./plan.ts";
import { planRead } from "./reads.ts";
import { referentsOf } from "./referents.ts";
import { changedMind, type Request, readRequest } from "./requests.ts";
import type { Referents, Resolved } from "./resolve.ts";
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
    ({ read }) => read.kind !== "request" || /cancel|reschedule/.test(read.request.act),
  );
  const asksKindly =
    (onlyKeeps && /^ *(?:can|could|may) (?:i|we)\b/.test(masked(plain.words))) ||
    /^ *(?:can|could) we .*\bplease\b/.test(masked(words)) ||
    clauses.every(asksForFacts);
  const guard = asksKindly ? undefined : guardAnswer(masked(findTime(plain.words, source).rest));
  const speaksOfChange =
    wantsChange ||
    clauses.some((words) => readRequest(words, source, true, lexicon).kind === "request");
  if (guard && speaksOfChange) return say(guard);
  if (speaksOfChange && quotesSomebody(masked(plain.words))) return say(quotation);
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

/** What the clauses so far came to. */
interface Progress {
  readonly calls: readonly PlannedCall[];
  readonly referents: Referents;
  /** A clause has named guests, so that one without any means those. */
  readonly named: boolean;
}

type Step = Progress | { readonly plan: Plan };

/** Plans the clauses one after another; any question among them leaves everything undone. */
function inOrder(
  clauses: readonly Clause[],
  source: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
  answer: Answer | undefined,
): Plan {
  if (isTimeForSeveral(clauses)) {
    return say(
      "Is that time for all of it? Only deletions can be scheduled; please ask for each thing on its own.",
    );
  }
  const moment = { now: context.now, timeZone: context.principal.timeZone };
  const scene = { clauses, source, lexicon, moment, answer };
  let progress: Progress = { calls: [], referents: referentsOf(earlier, lexicon), named: false };
  for (const [index, { words, request }] of clauses.entries()) {
    const step: Step = request
      ? change(request, index, progress, scene)
      : aside(words, index, progress, scene);
    if ("plan" in step) return step.plan;
    progress = step;
  }
  if (progress.calls.length > 0) return { kind: "calls", calls: distinct(progress.calls, lexicon) };
  return say(`I am not sure what you mean, so I did nothing. ${helpText}`);
}

interface Scene extends Pick<ActContext, "lexicon" | "moment" | "answer"> {
  readonly clauses: readonly Clause[];
  readonly source: string;
}

/** "tomorrow stop web-01 and delete dev-bob": which of them the time is for is open. */
function isTimeForSeveral(clauses: readonly Clause[]): boolean {
  const requests = clauses.flatMap(({ request }) => request ?? []);
  const time = clauses[0]?.request?.time;
  return requests.length > 1 && Boolean(time?.leading && time.when && !time.isNow);
}

/** A clause without a change in it: a topic, a reason, or a question to look something up for. */
function aside(
  words: readonly Word[],
  index: number,
  progress: Progress,
  { clauses, source, lexicon, answer }: Scene,
): Step {
  const besideChange = clauses.some(({ request }) => request) && !asksToKnow(words);
  const topic = besideChange ? topicOf(words, lexicon) : undefined;
  if (topic && (isBackground(words) || clauses.slice(index).some(({ request }) => request)))
    return { ...progress, referents: { ...progress.referents, current: topic }, named: true };
  const keeps = clauses.every(({ request }) => !request || request.act === "cancel_deletion");
  if (keeps && besideChange && changedMind.test(masked(words))) return progress;
  const isTime = clauses.some(({ request }) => lacksTime(request)) && findTime(words, source).when;
  if (isTime && besideChange)
    return stopWith(
      say(`Is "${isTime}" when it should be deleted? Please say it in one sentence.`),
    );
  if (isSmallTalk(words) || (besideChange && isBackground(words))) return progress;
  if (besideChange && isHarmless(words, lexicon)) return progress;
  if (besideChange)
    return stopWith(
      say(
        `I did nothing, since I do not understand "${saidIn(words)}" in it. Please say it in other words.`,
      ),
    );

  const plan = planRead(words, source, lexicon, progress.referents);
  const calls =
    plan.kind === "calls"
      ? plan.calls
      : (answer?.references ?? []).map((guest) => call("get_guest", { guest }));
  if (calls.length === 0) return stopWith(plan);
  const looked = calls.flatMap(({ args }) => lexicon.find(args.guest ?? ""));
  const current = looked.length > 0 ? looked : progress.referents.current;
  return {
    ...progress,
    calls: [...progress.calls, ...calls],
    referents: { ...progress.referents, current },
  };
}

/** A deletion for which no time was said, so that one said elsewhere may be meant for it. */
function lacksTime(request: Request | undefined): boolean {
  return request !== undefined && /schedule_deletion/.test(request.act) && !request.time.when;
}

function change(request: Request, index: number, progress: Progress, scene: Scene): Step {
  let step = progress;
  for (const part of byTime(request)) {
    const context = { ...scene, referents: step.referents };
    const resolved = guestsFor(part, scene.clauses[index + 1]?.request, step, context);
    const plan = planRequest(part, resolved, context);
    if (plan.kind !== "calls") return stopWith(plan);
    const current = resolved.kind === "guests" ? resolved.guests : step.referents.current;
    step = {
      calls: [...step.calls, ...plan.calls],
      referents: { ...step.referents, current },
      named: true,
    };
  }
  return step;
}

/** "shut down and delete dev-bob": a verb without a guest shares that of the clause beside it. */
function guestsFor(
  request: Request,
  next: Request | undefined,
  { named, referents }: Progress,
  context: ActContext,
): Resolved {
  const own = resolveTargets(request, context);
  if (own.kind !== "nothing") return own;
  const [only, ...others] = referents.current;
  const onlyOne = /cancel|reschedule/.test(request.act) && only && others.length === 0;
  if (!named && !onlyOne) return next ? resolveTargets(next, context) : own;
  const references = referents.current.map(({ vmid }) => nameOf(vmid, context.lexicon));
  return { kind: "guests", references, guests: referents.current };
}

function stopWith(plan: Plan): Step {
  return { plan };
}

function saidIn(words: readonly Word[]): string {
  return words
    .map(({ raw }) => raw)
    .join(" ")
    .slice(0, 60);
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

/** Each call once, whether it names its guest or gives the VMID. */
function distinct(calls: readonly PlannedCall[], lexicon: Lexicon): readonly PlannedCall[] {
  const keyOf = ({ tool, args: { guest, ...rest } }: PlannedCall) => {
    const [found] = lexicon.find(guest ?? "");
    return JSON.stringify([tool, found?.vmid ?? guest, rest]);
  };
  return [...new Map(calls.map((one) => [keyOf(one), one])).values()];
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
