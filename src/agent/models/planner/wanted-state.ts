import type { FoundAct } from "./verbs.ts";
import { mask, type Word } from "./words.ts";

/** "test-runner can go". */
export function goes(words: readonly Word[]): FoundAct | undefined {
  const line = words.map(mask).join(" ");
  if (
    !/§ (?:can|may|should|has to|have to|must|needs to|need to) (?:\w+ )?(?:go|be gone)(?: away| now| then)* *[.!?]?$/.test(
      line,
    )
  )
    return undefined;
  const rest = words.filter(
    ({ text, guests }) => guests.length > 0 || !/^(?:go|gone|be|may|away)$/.test(text),
  );
  return { act: "schedule_deletion", form: "base", at: 0, rest };
}

/** "make sure web-02 is running", "I need web-02 up": the state that is wanted instead of a verb. */
export function wantedState(words: readonly Word[], asked: boolean): FoundAct | undefined {
  const said = words.map(mask).join(" ");
  const bare = asked && /^(?:the )?(?:\w+ )?§ (?:up|running|online|on|off)\b(?!.*\?)/.test(said);
  const line = bare ? `want ${said}` : said;
  const match =
    /\b(?:make sure|ensure|see to it|i want|we want|i need|we need|want|need|needs to be|should be|must be|has to be|have to be|get|have|i would like|leave)\b.*?\b(running|up|online|alive|on|started|booted|stopped|off|down|offline|not-running|powered-off|powered-on|halted|up and running)\b(?: (?:again|please|now|thanks))*[ ,.!?]*$/.exec(
      line,
    );
  const [, state] = match ?? [];
  if (
    !state ||
    words.some(({ text }) =>
      /^(?:stop|start|restart|reboot|delete|shut|shutdown|power|turn|switch|put|spin|boot|taken|brought|keep)$/.test(
        text,
      ),
    )
  )
    return undefined;
  const act = /^(?:running|up|online|alive|on|started|booted|powered-on|up and running)$/.test(
    state,
  )
    ? "start_guest"
    : "shutdown_guest";
  const last = words.findLastIndex(
    ({ text, guests }) => guests.length === 0 && text === state.split(" ").at(-1),
  );
  const rest = words.filter(
    ({ text, guests }, index) =>
      index !== last &&
      (guests.length > 0 || !/^(?:ensure|see|leave|bring|take|want|again)$/.test(text)),
  );
  return { act, form: "base", at: 0, rest };
}
