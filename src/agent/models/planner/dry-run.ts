import type { Lexicon } from "./lexicon.ts";
import { call, type Plan } from "./plan.ts";
import { verbForms } from "./verbs.ts";
import { normalise } from "./words.ts";

/** A request that is only to be tried. */
export interface Trial {
  /** What would be asked for; undefined where that cannot be told. */
  readonly request: string | undefined;
  /** Who would ask for it, if not whoever speaks. */
  readonly person?: string | undefined;
}

/** The answer where nobody can tell what is to be tried. */
export const howToTry =
  'I did nothing. To see what a request would do, say "dry run:" and the request, such as "dry run: restart web-02".';

const lead =
  "^(?:(?:hey|hi|hello|ok|okay|so|and|please|hmm)[ ,]+)*(?:(?:can|could|would) you (?:please )?)?(?:(?:tell|show) (?:me|us) |i (?:want|would like|need) to know )?";
const speakers = "i|we|you|one|someone|somebody|anyone|anybody|they|people";
const person = "[\\p{L}\\d._-]+";
const would = "(?:(?:would|will|were to|was to|tried to|try to|want to|wanted to|now|just|then) )*";
const question =
  "(?:what (?:would|will|could|might) happen (?:if|when|should)|what happens (?:if|when)|what if)";

/** Verbs of holds, owners and what comes back, which stand in sentences of their own. */
const otherVerbs: ReadonlyMap<string, string> = new Map(
  [
    ["give", "gave given giving"],
    ["transfer", "transferred transferring"],
    ["hand", "handed handing"],
    ["assign", "assigned assigning"],
    ["make", "made making"],
    ["release", "released releasing"],
    ["unhold", "unheld"],
    ["lift", "lifted lifting"],
    ["restore", "restored restoring"],
    ["place", "placed placing"],
    ["end", "ended ending"],
    ["cancel", "cancelled cancelling"],
  ].flatMap(([base = "", forms = ""]) => [base, ...forms.split(" ")].map((form) => [form, base])),
);

const mentioned = /\bdry[- ]?run\b|[\n.;,]\W*(?:simulate|rehearse|pretend|preview)\b/i;
const ahead = new RegExp(
  `${lead}(?:(?:do|make|run|as) )?(?:an? |the )?(?:dry[- ]?run(?: only)?|preview|simulate|rehearse|(?:just )?pretend)(?: (?:of|for|to))?[ :,]+(.+)$`,
  "isu",
);
const behind =
  /^(.+?)[ ,;(-]+(?:but )?(?:only |just )?(?:as |in |for )?(?:an? )?dry[- ]?run(?: only| mode| please)*\)?$/isu;
const passive = new RegExp(
  `${lead}${question} (?:the )?(\\S+) (?:was|were|is|are|got|gets) ([a-z]+)(.*)$`,
  "isu",
);
const active = new RegExp(
  `${lead}${question} (${speakers}|${person}) ${would}([a-z]+)(.*)$`,
  "isu",
);
const allowed = new RegExp(
  `${lead}(?:would|will|is|am|are) (${speakers}|${person}) (?:be )?(?:allowed|permitted|authori[sz]ed) to (.+)$`,
  "isu",
);
const permitted = new RegExp(
  `${lead}(?:do|does) (${speakers}|${person}) have (?:the )?(?:permissions?|rights?) to (.+)$`,
  "isu",
);
const may = new RegExp(`${lead}(?:may|can|could) (${person}) (.+)$`, "isu");

/**
 * Whether a message asks what a request would do, or whether it would be allowed. Whatever speaks of
 * a dry run is one: a trial, and never the request itself.
 */
export function readTrial(text: string, lexicon: Lexicon): Trial | undefined {
  const line = normalise(text).replace(/[ .!?]+$/, "");
  const said = ahead.exec(line)?.[1] ?? behind.exec(line)?.[1];
  if (said !== undefined) return { request: inBaseForm(said) };
  const trial = supposed(line, lexicon) ?? permission(line, lexicon);
  return trial ?? (mentioned.test(line) ? { request: undefined } : undefined);
}

/** The plan with each of its changes tried instead of made. */
export function asTrial(plan: Plan, { person: somebody }: Trial): Plan {
  if (plan.kind !== "calls") return plan;
  const calls = plan.calls.map(({ tool, args }) => {
    if (/^(?:get|list|search)_/.test(tool)) return call(tool, args);
    const input = JSON.stringify(args);
    return call("preview_action", { tool, input, ...(somebody && { person: somebody }) });
  });
  return { kind: "calls", calls };
}

/** "what would happen if I deleted web-02", "what if web-02 is stopped". */
function supposed(line: string, lexicon: Lexicon): Trial | undefined {
  const [, guest = "", done = "", after = ""] = passive.exec(line) ?? [];
  const doing = baseOf(done);
  if (doing && lexicon.find(guest).length > 0)
    return { request: allInBaseForm(`${doing} ${guest}${after}`, done) };
  const [, who = "", verb = "", rest = ""] = active.exec(line) ?? [];
  if (lexicon.find(who).length > 0) return undefined;
  const base = baseOf(verb);
  const isPerson = new RegExp(`^(?:${speakers})$`, "i").test(who);
  if (!base) return isPerson ? { request: undefined } : undefined;
  return { request: allInBaseForm(`${base}${rest}`, verb), ...asker(who) };
}

/** "would bob be allowed to stop 104", "may bob stop 104". */
function permission(line: string, lexicon: Lexicon): Trial | undefined {
  const [, who, request] = allowed.exec(line) ?? permitted.exec(line) ?? [];
  if (who && request) return { request: inBaseForm(request), ...asker(who) };
  const [, owner = "", wish = ""] = may.exec(line) ?? [];
  const isPerson = lexicon.owners.has(owner.toLowerCase()) && lexicon.find(owner).length === 0;
  return isPerson ? { request: wish, person: owner } : undefined;
}

function asker(who: string): Pick<Trial, "person"> {
  return new RegExp(`^(?:${speakers})$`, "i").test(who) ? {} : { person: who };
}

function inBaseForm(request: string): string {
  return request.trim().replace(/^\S+/, (first) => baseOf(first) ?? first);
}

/** "stop" of "stopped", "stopping" and "stops". */
function baseOf(word: string): string | undefined {
  const text = word.toLowerCase().replace(/l(l(?:ed|ing))$/, "$1");
  const forms = [text, text.replace(/s$/, ""), text.replace(/es$/, "")];
  return forms
    .map((form) => verbForms.get(form)?.base ?? otherVerbs.get(form))
    .find((base) => base !== undefined);
}

/** "shut down web-02 and deleted it": the verbs after "and" in the form of a request, too. */
function allInBaseForm(request: string, verb: string): string {
  const isPast = baseOf(verb) !== verb.toLowerCase() || /^(?:shut|put|set|cut)$/i.test(verb);
  if (!isPast) return request;
  return request.replace(
    /((?:[,;] ?)?\b(?:and|then|but)\b|[,;])((?: (?:then|also|i|we))*) ([a-z]+)(?= (?!containers?\b|vms?\b|guests?\b|machines?\b|ones?\b)|$)/gi,
    (all, joint: string, between: string, done: string) => {
      const base = baseOf(done);
      return base ? `${joint}${between.replace(/ (?:i|we)\b/gi, "")} ${base}` : all;
    },
  );
}
