import type { GuestLine } from "#src/agent/model.ts";

/** A word of a message, a quoted passage, or a punctuation mark. */
export interface Word {
  /** In lower case, its spelling corrected where it was a verb. */
  readonly text: string;
  /** As it was written. */
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  /** Stands in quotation marks, so that it is a name or somebody else's words, never a command. */
  readonly quoted: boolean;
  /** The guests that this word names exactly, by VMID or by name. */
  readonly guests: readonly GuestLine[];
}

const contractions: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/\bcan'?t\b|\bcannot\b/gi, "can not"],
  [/\bwon'?t\b/gi, "will not"],
  [/\b(do|does|did|is|are|was|were|has|have|should|would|could|must)n'?t\b/gi, "$1 not"],
  [/\b(let)'s\b|\b(let)s(?= (?:re|st|sh|de|bo|ki|po|tu|get|take|bring))/gi, "let us"],
  [/\b(what|who|where|how|when|that|there|it|he|she|here)'s\b/gi, "$1 is"],
  [/\b(?:whats)\b/gi, "what is"],
  [/\b(?:hows)\b/gi, "how is"],
  [/\bwhat is up with\b/gi, "how is"],
  [/\b(i)'m\b/gi, "$1 am"],
  [/\b(you|we|they|what|which)'re\b/gi, "$1 are"],
  [/\b(i|you|we|they)'ve\b/gi, "$1 have"],
  [/\b(i|you|we|he|she|they|it)'ll\b/gi, "$1 will"],
  [/\b(i|you|we|he|she|they|it)'d\b/gi, "$1 would"],
  [
    /\b(turn|switch|shut|power)(ed|ing)? of(?= (?:the |my |ct |vm |#)?[\w-]+)(?! (?:the )?(?:power|cluster))/gi,
    "$1$2 off",
  ],
  [
    /\b(?:another|an extra|an additional|one more|a further) (?=(?:hour|day|week|month)\b)/gi,
    "by 1 ",
  ],
  [
    /\b(?:another |an extra |an additional )?(\d+|two|three|four|five|six|seven) (?:more|extra|additional) (?=(?:hour|day|week|month)s\b)/gi,
    "by $1 ",
  ],
  [/\banother (?=(?:\d+|two|three|four|five|six|seven) (?:hour|day|week|month)s\b)/gi, "by "],
  [/\b(minute|hour|day|week|month|year)(s?)'s? time\b/gi, "$1$2 time"],
  [
    /\b(vm|ct|lxc)'s(?=[ ,.!?]*$| (?:on|that|which|are|with|tagged|except|and|in|please|now)\b)/gi,
    "$1s",
  ],
  [/\bgimme\b/gi, "give me"],
  [/\blemme\b/gi, "let me"],
  [/\bsee to it (?:that )?/gi, "make sure "],
  [/\bnever ?mind (?=(?:about )?(?:the |that |its? )?(?:deletion|removal))/gi, "forget "],
  [/\b(tags?|owner|node|kind|status|name)[:=] ?(?=[\w-])/gi, "$1 "],
  [/ @ ?(?=\w)/g, " at "],
  [/\b(\d{1,2}\.\d{1,2})\.(?!\d)/g, "$1"],
  [/\bas well as\b/gi, "and"],
  [/\bvirtual machine(s?)\b/gi, "virtual-machine$1"],
  [/\b(?:not|n't) (?:running|up|online|on|started|active)\b/gi, "not-running"],
  [/\b(?:powered|switched|turned) (off|on|down)\b/gi, "powered-$1"],
  [/\bpowered-down\b/gi, "powered-off"],
];

/** The message as the planner reads it: plain quotation marks, no invisible characters, no contractions. */
export function normalise(message: string): string {
  let text = message
    .normalize("NFKC")
    .replace(/[’‘`´]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/\b(\d{3,}) ?[-–—] ?(?=\d{3,}\b(?!-))/g, "$1 through ")
    .replace(/[–—]/g, " , ")
    .replace(/[^\P{C}\n]/gu, "")
    .replace(/[ \t]+/g, " ");
  for (const [pattern, words] of contractions) text = text.replace(pattern, words);
  return text.trim();
}

const pattern =
  /"[^"]*"|(?<![\p{L}\p{N}])'[^']+'(?![\p{L}\p{N}])|#?[\p{L}\p{N}](?:[\p{L}\p{N}._/:*@'+-]*[\p{L}\p{N}*])?\*?|[,;.!?()&+:\n]/gu;

/** The words of a normalised text, not yet compared with any inventory. */
export function wordsOf(text: string): readonly Word[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [raw] = match;
    const start = match.index;
    const quoted = /^["'].*["']$/s.test(raw);
    if (quoted) return [word(raw.slice(1, -1), start, start + raw.length, true)];
    const owner = /^(.+)'s?$/.exec(raw)?.[1];
    if (!owner) return [word(raw, start, start + raw.length, false)];
    return [
      word(owner, start, start + owner.length, false),
      word("'s", start + owner.length, start + raw.length, false),
    ];
  });
}

function word(raw: string, start: number, end: number, quoted: boolean): Word {
  return { text: raw.toLowerCase(), raw, start, end, quoted, guests: [] };
}

/** The words as one line, in which guests are § and other people's words ¤, so that no name reads as a command. */
export function masked(words: readonly Word[]): string {
  return words.map(mask).join(" ");
}

export function mask({ text, quoted, guests }: Word): string {
  return guests.length > 0 ? "§" : quoted ? "¤" : text;
}

/** How many letters were inserted, left out, replaced or swapped between two words. */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const cell = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same);
      const row = rows[i];
      if (row) row[j] = swapped ? Math.min(best, cell(i - 2, j - 2) + 1) : best;
    }
  }
  return cell(a.length, b.length);
}
