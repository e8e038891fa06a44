import { Temporal } from "temporal-polyfill";
import { quote, Unclear } from "./unclear.ts";

interface NamedZone {
  /** The words without the zone. */
  readonly text: string;
  readonly timeZone: string;
  /** What the name stands for, where that zone has it for a part of the year only. */
  readonly offset?: string;
}

/** A zone named in the words wins over the speaker's; one that means several places is asked about. */
export function takeZone(words: string, own: string): NamedZone {
  const central = /\bCE(S)?T\b/i.exec(words);
  if (central) {
    const offset = central[1] ? "+02:00" : "+01:00";
    return { text: words.replace(central[0], " "), timeZone: "Europe/Brussels", offset };
  }
  const abbreviation = /\b(?:[ECMP][SD]T|BST|IST|JST|EES?T|WES?T|AE[SD]T|[ECMP]T)\b/.exec(words);
  if (abbreviation) {
    throw new Unclear(
      `${abbreviation[0]} is not one zone all year. Name a city, such as Europe/Berlin, or UTC.`,
    );
  }
  const match = /\b(?:UTC|GMT|Zulu)(?![/\w])(?! ?[+-]\d)|\b[A-Za-z]+(?:\/[A-Za-z_-]+)+\b/i.exec(
    words,
  );
  if (!match) return { text: words, timeZone: own };
  const named = match[0].includes("/") ? match[0] : "UTC";
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(named);
  } catch (cause) {
    throw new Unclear(`I know no time zone ${quote(named)}. Which one is meant?`, { cause });
  }
  return { text: words.replace(match[0], " "), timeZone: named };
}
