import { mask, type Word } from "./words.ts";

const n =
  "(?:\\d+(?:\\.\\d)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|half an|a couple of|a couple|couple of|a few|several|few|some)";
const unit = "(?:min(?:ute)?s?|hrs?|hours?|days?|weeks?|months?|years?|fortnights?|business days?)";
const month =
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const weekday =
  "(?:mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday|nsday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)s?";
const day = "\\d{1,2}(?:st|nd|rd|th)?";
const partOfDay = "(?:morning|afternoon|evening|night|noon|midday|midnight|lunch ?time)";

/** What a time can be made of, the longest first; only `resolveWhen` knows what it means. */
const atoms = [
  "\\d{4}-\\d\\d-\\d\\d(?:t\\d\\d:\\d\\d(?::\\d\\d)?(?:\\.\\d+)?(?:z|[+-]\\d\\d:?\\d\\d)?)?",
  "\\d{4}[/.]\\d{1,2}[/.]\\d{1,2}",
  "\\d{1,2}[./]\\d{1,2}(?:[./](?:\\d{4}|\\d\\d))?(?: ?(?:am|pm))?",
  "\\d{1,2}-\\d{1,2}-\\d{4}",
  `${month} (?:the )?${day}(?:(?: ,)? \\d{4})?`,
  `(?:the )?${day}(?: of)? ${month}(?:(?: ,)? \\d{4})?`,
  "the \\d{1,2}(?:st|nd|rd|th)(?: of (?:this|the|next) month)?",
  "\\d{1,2}(?:st|nd|rd|th)(?: of (?:this|the|next) month)?",
  `(?:a )?week ${weekday}`,
  `(?:(?:this|next|coming|following|last|every|each|the) )*${weekday}(?: week)?`,
  "(?:the )?day after tomorrow|today|tonight|tonite|tom+or+ow|tmrw?|tmr|2moro|yesterday",
  `${n} ${unit}(?:(?: and|,)? ${n} ${unit})*(?: from now| from today| hence| later| ago| time| earlier)?`,
  "\\d+(?:d|h|w|min|mins|hrs?|m)(?: from now)?",
  "(?:a )?fortnight(?: from now)?|an hour and a half",
  `(?:(?:this|next|coming|later this) )(?:week|weekend|month|year|quarter|${partOfDay})|the weekend|weekend`,
  "(?:the )?end of (?:the |this |next )*(?:business |work |working )?(?:day|week|month|year|quarter)",
  "eod|cob|close of business|end of business",
  "\\d{1,2}:\\d\\d(?: ?(?:am|pm|h))?",
  "\\d{1,2} ?(?:am|pm|a\\.m\\.?|p\\.m\\.?)",
  "\\d{1,2} o'clock|\\d{1,2}h",
  "(?:at|by) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: o'clock)?",
  "(?:at|by|to|until) \\d{1,2}(?! (?:of|containers|vms|guests|machines))",
  `(?:in the |at )?${partOfDay}`,
  "(?:right |just )?now|immediately|instantly|asap|as soon as possible|at once|straight away|right away|this instant",
  "later(?: today)?|soon|sometime|someday|eventually|some time|at some point|in a (?:bit|while|moment)|whenever",
  `every (?:day|week|month|night|hour|year|${partOfDay})|daily|weekly|monthly|nightly|hourly|yearly|weekdays`,
  "christmas(?: eve| day)?|new year's(?: eve| day)?|easter|halloween",
].join("|");
const zone =
  "(?: (?:utc|gmt|zulu|[a-z]+/[a-z_/]+|ces?t|[ecmp][sd]t|bst|ist|jst|eest|eet|my time|local time|sharp|[a-z]+ time))?";
const lead =
  "(?:(?:on|at|in|by|from|until|till|before|after|around|about|of|for|to|exactly|within|starting|due|no later than|latest|and|,|later) )*";
const phrase = new RegExp(`${lead}(?:${atoms})(?:(?: ,)? ${lead}(?:${atoms}))*${zone}(?= |$)`, "y");

const nowOnly =
  /^(?:(?:right |just )?now|immediately|instantly|asap|as soon as possible|at once|straight away|right away|this instant)$/;
const connecting = new Set(["on", "at", "to", "for", "until", "till", ",", "and", "of"]);
const compact = /^\d+(?:d|h|w|min|mins|hrs?|m)$/;
const unitWord = new RegExp(`^${unit}$`);

/** The words about a time in a clause, and the clause without them. */
export interface FoundTime {
  /** The person's own words, as they were written; undefined where there are none. */
  readonly when: string | undefined;
  /** Nothing but "now" or "immediately". */
  readonly isNow: boolean;
  /** The first of the time's words is the clause's first. */
  readonly leading: boolean;
  readonly rest: readonly Word[];
  /** Each time with the words between it and the one before. */
  readonly parts: readonly { readonly words: readonly Word[]; readonly when: string }[];
}

/** Finds the words that speak of a time; what they mean is not decided here. */
export function findTime(words: readonly Word[], source: string): FoundTime {
  const spans = timeSpans(words);
  const parts = spans.map(([from, to], index) => {
    const used = words.slice(from, to);
    const first = used.findIndex(({ text }, at) => !connecting.has(text) || isLength(used, at));
    const when = source.slice(used[Math.max(first, 0)]?.start ?? 0, used.at(-1)?.end ?? 0);
    return { when, words: words.slice(spans[index - 1]?.[1] ?? 0, from) };
  });
  const when = parts.length > 0 ? parts.map((part) => part.when).join(" ") : undefined;
  return {
    when,
    isNow: when !== undefined && nowOnly.test(when.toLowerCase()),
    leading: spans[0]?.[0] === 0,
    rest: words.filter((_, index) => !spans.some(([from, to]) => index >= from && index < to)),
    parts,
  };
}

/** "for 2 days" says how long; without its "for" it would say when. */
function isLength(words: readonly Word[], at: number): boolean {
  const [first = "", ...others] = words.slice(at + 1, at + 4).map(({ text }) => text);
  const isLong = compact.test(first) || others.some((text) => unitWord.test(text));
  const isHour =
    words[at]?.text === "at" &&
    /^(?:\d{1,2}|[a-z]+)$/.test(first) &&
    !/^(?:noon|midnight|midday|the|night|lunch|eod|cob|once)/.test(first);
  return isHour || (/^(?:for|until|till)$/.test(words[at]?.text ?? "") && isLong);
}

function timeSpans(words: readonly Word[]): readonly (readonly [number, number])[] {
  const masks = words.map(mask);
  const line = masks.join(" ");
  const starts = masks.map((_, index) => masks.slice(0, index).join(" ").length + (index && 1));
  const spans: (readonly [number, number])[] = [];
  for (let from = 0; from < words.length; from++) {
    phrase.lastIndex = starts[from] ?? 0;
    const match = phrase.exec(line);
    if (!match) continue;
    const end = (starts[from] ?? 0) + match[0].length;
    const to = starts.findIndex((start) => start >= end);
    const next = to < 0 ? words.length : to;
    const leads = masks[from] === "," || masks[from] === "and" ? 1 : 0;
    spans.push([from + leads, next]);
    from = next - 1;
  }
  return spans;
}
