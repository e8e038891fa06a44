const numberWords: Readonly<Record<string, number>> = Object.fromEntries(
  "zero one two three four five six seven eight nine ten eleven twelve"
    .split(" ")
    .map((word, value) => [word, value]),
);

const misspelt: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/\btom+or+ow\b|\btmrw?\b|\b2moro\b/g, "tomorrow"],
  [/\b(?:tonight|tonite) at midnight\b|\bmidnight (?:tonight|today)\b/g, "midnight"],
  [/\b(?:tonight|tonite)\b/g, "today night"],
  [/\bwedne?sday\b|\bwensday\b/g, "wednesday"],
  [/\b([a-z]{3,9}) the (?=\d{1,2}(?:st|nd|rd|th)\b)/g, "$1 "],
  [/\b(?:a )?fortnight\b/g, "2 weeks"],
  [/\ba couple(?: of)?\b|\bcouple of\b/g, "2"],
  [/\bhalf an hour\b/g, "30 minutes"],
  [/\ban hour and a half\b/g, "90 minutes"],
  [/\ban?(?= (?:minute|hour|day|week|month|year)\b)/g, "1"],
  [/\b(\d{1,2}) ?(?:o'?clock|h|uhr)\b/g, "$1:00"],
  [/\bat ([7-9]|1\d|2[0-3])\b(?!:|[/.-]| ?[ap]\.?m)/g, "$1:00"],
  [/\b(\d{1,2})(?::00)? in the morning\b/g, "$1am"],
  [/\b(\d{1,2})(?::00)? (?:in the (?:afternoon|evening)|at night)\b/g, "$1pm"],
];

/** Lower case, with numbers as digits and the usual spelling of what has several. */
export function normalise(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/[!?"]/g, "")
    .replace(/\b[a-z]+\b/g, (word) => `${numberWords[word] ?? word}`)
    .replace(/\s+/g, " ")
    .trim();
  return misspelt.reduce((known, [pattern, word]) => known.replace(pattern, word), plain);
}

/** A text from which pieces are taken as they are understood. */
export function createPhrase(initial: string) {
  let text = initial;
  return {
    text: () => text,
    take(pattern: RegExp): RegExpExecArray | undefined {
      const match = pattern.exec(text);
      if (!match) return undefined;
      text = `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
      return match;
    },
    /** What nobody understood, without the words that only connect. */
    rest: () =>
      text
        .replace(
          /\b(?:on|at|in|by|to|the|of|from|this|coming|and|please|then|after|local time|my time|sharp)\b/g,
          " ",
        )
        .replace(/[,.;\s]+/g, " ")
        .trim(),
  };
}

/** What is left of the words about a time. */
export type Phrase = ReturnType<typeof createPhrase>;
