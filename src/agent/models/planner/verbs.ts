import {
  type Act,
  actPhrases,
  deletionNouns,
  deletionVerbs,
  unsupportedVerbs,
} from "./vocabulary.ts";
import type { Word } from "./words.ts";

interface VerbForm {
  readonly base: string;
  readonly form: "base" | "ing" | "past";
}

const irregularPast: Readonly<Record<string, string>> = {
  shut: "shut",
  cut: "cut",
  put: "put",
  get: "got",
  keep: "kept",
  hold: "held",
  hang: "hung",
  bring: "brought",
  take: "took",
  throw: "threw",
  tear: "tore",
  wake: "woke",
  spin: "spun",
  wind: "wound",
  light: "lit",
  blow: "blew",
  forget: "forgot",
  set: "set",
  do: "did",
  run: "ran",
};
const irregularParticiple: Readonly<Record<string, string>> = {
  take: "taken",
  throw: "thrown",
  tear: "torn",
  get: "gotten",
  do: "done",
  wake: "woken",
};
const doubling = new Set([
  "stop",
  "shut",
  "put",
  "get",
  "cut",
  "spin",
  "bin",
  "drop",
  "axe",
  "zap",
  "scrap",
  "set",
  "plan",
]);
const participleOnly: Readonly<Record<string, string>> = { gone: "delete", rid: "" };

function formsOf(base: string): readonly (readonly [string, VerbForm])[] {
  const stem = base.replace(/e$/, "");
  const doubled = doubling.has(base) ? base + base.at(-1) : undefined;
  const past = irregularPast[base] ?? `${doubled ?? stem.replace(/([^aeiou])y$/, "$1i")}ed`;
  const forms: [string, VerbForm][] = [
    [`${doubled ?? stem}ing`, { base, form: "ing" }],
    [past, { base, form: "past" }],
    [irregularParticiple[base] ?? past, { base, form: "past" }],
    [base, { base, form: "base" }],
  ];
  return forms;
}

const firstWords = [
  ...Object.values(actPhrases).flat(),
  ...deletionVerbs.flatMap(([, verbs]) => verbs),
].map((phrase) => phrase.split(" ")[0] ?? "");

/** Each form of each verb of the vocabulary. */
export const verbForms: ReadonlyMap<string, VerbForm> = new Map([
  ...[...new Set(firstWords)].flatMap(formsOf),
  ...Object.entries(participleOnly).flatMap(([word, base]) =>
    base ? [[word, { base, form: "past" }] as const] : [],
  ),
]);

/** A verb found in a clause, and the clause without its words. */
export interface FoundAct {
  readonly act: Act;
  readonly form: VerbForm["form"];
  readonly at: number;
  readonly rest: readonly Word[];
}

interface Phrase {
  readonly act: Act;
  readonly words: readonly string[];
}

const phrases: readonly Phrase[] = Object.entries(actPhrases)
  .flatMap(([act, texts]) => texts.map((text) => ({ act: act as Act, words: text.split(" ") })))
  .sort((a, b) => b.words.length - a.words.length);

/** The first verb of the clause that stands for an act; the longest phrase that fits it. */
export function findAct(words: readonly Word[], isPlace: (word: Word | undefined) => boolean) {
  const scheduled = findDeletionAct(words);
  if (scheduled) return scheduled;
  const found: FoundAct[] = [];
  for (const [at, word] of words.entries()) {
    const plain = plainForm(word);
    if (!plain) continue;
    const form = isParticiple(plain, words[at - 1]) ? { ...plain, form: "past" as const } : plain;
    for (const phrase of phrases) {
      if (phrase.words[0] !== form.base) continue;
      const used = positions(words, at, phrase.words, isPlace);
      if (used) {
        found.push({ act: phrase.act, form: form.form, at, rest: without(words, used) });
        break;
      }
    }
  }
  return found.find(({ form }) => form === "base") ?? found[0];
}

/** "web-02 shut down": after the guest, a verb whose past looks the same says what is done to it. */
function isParticiple({ base }: VerbForm, before: Word | undefined): boolean {
  return irregularPast[base] === base && (before?.guests.length ?? 0) > 0;
}

function plainForm({ text, quoted, guests }: Word): VerbForm | undefined {
  return quoted || guests.length > 0 ? undefined : verbForms.get(text);
}

/** Where the phrase's words stand; those after the first may stand apart from it. */
function positions(
  words: readonly Word[],
  at: number,
  phrase: readonly string[],
  isPlace: (word: Word | undefined) => boolean,
): readonly number[] | undefined {
  const used = [at];
  for (const part of phrase.slice(1)) {
    const last = used.at(-1) ?? at;
    const next = words.findIndex(
      ({ text, quoted }, index) =>
        index > last &&
        !quoted &&
        text === part &&
        (part !== "on" || index === last + 1 || !isPlace(words[index + 1])),
    );
    if (next < 0 || next - last > 12) return undefined;
    used.push(next);
  }
  return used;
}

function without(words: readonly Word[], used: readonly number[]): readonly Word[] {
  return words.filter((_, index) => !used.includes(index));
}

/** "cancel the deletion of", "move the removal of … to", "schedule … for deletion". */
function findDeletionAct(words: readonly Word[]): FoundAct | undefined {
  const noun = words.findLastIndex(
    ({ text, guests, quoted }, index) =>
      !quoted && guests.length === 0 && deletionNouns.has(text) && (text !== "delete" || index > 1),
  );
  if (noun < 0) return undefined;
  const request = words[noun + 1]?.text === "request" ? [noun + 1] : [];
  for (const [at, word] of words.entries()) {
    const form = at === noun ? undefined : plainForm(word);
    if (!form || (form.form !== "base" && !isWanted(words, at))) continue;
    for (const [act, verbs] of deletionVerbs) {
      const fits = verbs
        .map((verb) => verb.split(" "))
        .sort((a, b) => b.length - a.length)
        .find((verb) => verb[0] === form.base && positions(words, at, verb, () => false));
      if (!fits) continue;
      if (isOtherDeed(words, at, noun)) return undefined;
      const used = positions(words, at, fits, () => false) ?? [at];
      return { act, form: "base", at, rest: without(words, [...used, noun, ...request]) };
    }
  }
  return undefined;
}

/** "stop web-02 delete dev-bob": the verb has the guest for its object, and the noun is a deed of its own. */
function isOtherDeed(words: readonly Word[], at: number, noun: number): boolean {
  const isGuest = ({ guests, quoted }: Word) => quoted || guests.length > 0;
  const isBare = words
    .slice(at + 1, Math.max(at, noun))
    .some((word, index) => isGuest(word) && words[at + index + 2]?.text !== "'s");
  const isVerb = words[noun]?.text === "delete" && words[at]?.text !== "cancel";
  return isBare && (isVerb || words.slice(noun + 1).some(isGuest));
}

/** "the deletion should be cancelled": a participle that asks for it. */
function isWanted(words: readonly Word[], at: number): boolean {
  const before = words
    .slice(0, at)
    .map(({ text }) => text)
    .join(" ");
  return /\b(?:should|must|can|needs? to|has to|have to|to) be$/.test(before);
}

/** A verb for what no tool does, where the clause begins with it. */
export function findUnsupported(words: readonly Word[]): string | undefined {
  const [first] = words;
  if (!first || first.quoted || first.guests.length > 0) return undefined;
  return unsupportedVerbs.includes(first.text) ? first.text : undefined;
}
