import type { CalendarEditor, CalendarEntry } from "#src/calendar/local/local-calendar.ts";
import type { Clock } from "#src/clock.ts";
import type { Principal } from "#src/policy/principal.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { resolveWhen } from "#src/when/when.ts";

type Reader = Pick<Principal, "timeZone">;

/** `/calendar`: what a person does to the calendar by hand. */
export interface CalendarCommands {
  /**
   * @param line what the person said
   * @returns what to show; undefined where the line says something else
   */
  run(line: string, reader: Reader): Promise<string | undefined>;
}

interface Deps {
  readonly calendar: CalendarEditor;
  readonly clock: Clock;
}

const usage =
  "To change it: /calendar move 1 friday 18:00, /calendar remove 1, /calendar restore 1.";
const past =
  "That goes straight into the calendar and not through me, as from any calendar program; a new time has to be confirmed to me afterwards.";

/** Reads and edits the calendar; numbers are those of the list that was shown last. */
export function createCalendarCommands({ calendar, clock }: Deps): CalendarCommands {
  let shown: readonly CalendarEntry[] | undefined;

  async function list({ timeZone }: Reader): Promise<string> {
    shown = await calendar.list();
    if (shown.length === 0) return "The calendar is empty.";
    const now = clock.now();
    const lines = shown.map(({ title, startsAt }, index) => {
      return `${index + 1}. ${describeInstant(startsAt, { now, timeZone })}: ${onOneLine(title)}`;
    });
    return [...lines, usage, past].join("\n");
  }

  async function move({ id, title, startsAt }: CalendarEntry, words: string, reader: Reader) {
    const now = clock.now();
    const when = resolveWhen(words, { now, timeZone: reader.timeZone, planned: startsAt });
    if (when.kind === "question") return when.question;
    const at = when.kind === "at" ? when.at : now.toZonedDateTimeISO(reader.timeZone);
    const time = { startsAt: at.toInstant(), timeZone: at.timeZoneId };
    if (!(await calendar.move(id, time))) return `It is not there any more: ${onOneLine(title)}.`;
    const moment = { now, timeZone: reader.timeZone };
    return `Moved in the calendar to ${describeInstant(time.startsAt, moment)}: ${onOneLine(title)}`;
  }

  async function remove({ id, title }: CalendarEntry) {
    await calendar.remove(id);
    return `Removed from the calendar: ${onOneLine(title)}`;
  }

  async function restore({ id, title }: CalendarEntry) {
    const back = await calendar.restore(id);
    return `${back ? "Back in the calendar" : "It is in the calendar"}: ${onOneLine(title)}`;
  }

  return {
    async run(line, reader) {
      if (!/^\/calendar(?!\S)/.test(line)) return undefined;
      if (line === "/calendar") return list(reader);
      const [, verb, number, words] = change.exec(line) ?? [];
      if (!verb || (verb === "move") === (words === undefined)) return usage;
      shown ??= await calendar.list();
      const listed = shown[Number(number) - 1];
      if (!listed) return `There is no number ${number} in the list that /calendar shows.`;
      const entry = (await calendar.list()).find(({ id }) => id === listed.id) ?? listed;
      if (words !== undefined) return move(entry, words, reader);
      return verb === "remove" ? remove(entry) : restore(entry);
    },
  };
}

/** Only a move has words behind its number. */
const change = /^\/calendar\s+(move|remove|restore)\s+(\d+)(?:\s+(?:to\s+)?(\S.*))?$/;

/** People may have written it, and it must not look like another entry. */
function onOneLine(title: string): string {
  return title.replace(/\s+/g, " ").trim() || "(no title)";
}
