import type { RunContext } from "#src/agent/model.ts";
import { answerOf, onlyTime, sourceOf } from "./answers.ts";
import { asksToKnow } from "./asks-to-know.ts";
import type { Turn } from "./conversation.ts";
import type { Lexicon } from "./lexicon.ts";
import { isFilter } from "./mention.ts";
import { call, type Plan, say } from "./plan.ts";
import { planText } from "./plan-text.ts";
import { withoutPoliteness } from "./politeness.ts";
import { listCalls } from "./reads.ts";
import { referentsOf } from "./referents.ts";
import { readRequest } from "./requests.ts";
import { resolveMentions } from "./resolve.ts";
import { asShift } from "./shifts.ts";
import { readMentions } from "./targets.ts";
import { findTime } from "./times.ts";
import { masked, type Word } from "./words.ts";

/** What to do about a fragment that answers the last question, or says the last request again for another guest. */
export function followUp(
  words: readonly Word[],
  line: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
): Plan | undefined {
  const before = earlier.at(-1);
  if (!before) return undefined;
  if (!context.guests) return undefined;
  const moved = anotherTime(words, line, before, lexicon);
  if (moved) return moved;
  const narrower = narrowed(words, line, before, lexicon);
  if (narrower) return narrower;
  const about =
    /^(?:and |so |ok |okay )*(?:what|how) about (?!delet|stop|restart|remov|start)/.test(line);
  if (about) return undefined;
  if (isWhole(words, lexicon)) return undefined;
  const asked = before.calls.length === 0 && /\?/.test(before.reply);
  const again = repeated(words, line, before, lexicon, earlier);
  if (again) return again;
  if (!asked) return undefined;
  const answer = answerOf(words, before, lexicon);
  return answer && planText(before.text, earlier.slice(0, -1), lexicon, context, answer);
}

/** Whether the message says by itself what to do. */
function isWhole(words: readonly Word[], lexicon: Lexicon): boolean {
  const plain = withoutPoliteness(words);
  if (asksToKnow(plain.words)) return true;
  const read = readRequest(
    plain.words,
    words.map(({ raw }) => raw).join(" "),
    plain.asked,
    lexicon,
  );
  return read.kind !== "other";
}

/** "make it saturday instead", "cancel that": about the deletion that was just asked for. */
function anotherTime(
  words: readonly Word[],
  line: string,
  before: Turn,
  lexicon: Lexicon,
): Plan | undefined {
  const last = before.calls.at(-1);
  const guest = last?.args.guest;
  if (!last || typeof guest !== "string" || !/_deletion$/.test(last.tool)) return undefined;
  if (
    /^(?:and )?when (?:will|is|does) (?:that|it)(?: be| happen| going to happen| happening| due| planned)?$/.test(
      line,
    )
  ) {
    return { kind: "calls", calls: [call("list_scheduled_deletions")] };
  }
  const offer = /^(?:and |no |ok )*(?:how|what) about /.test(line);
  const proposed = offer ? words.filter(({ text }) => text !== "about") : words;
  const time = findTime(proposed, sourceOf(words));
  if (time.when && onlyTime(time.rest)) {
    const isNew = last.tool === "schedule_deletion";
    const tool = isNew ? "schedule_deletion" : "reschedule_deletion";
    const when = asShift(time.when, words);
    return { kind: "calls", calls: [call(tool, { guest, when })] };
  }
  const undone =
    /^(?:please |no |actually )*(?:undo|cancel|revoke|take back|call off|stop) (?:it|that|this)(?: again| please)?$/;
  const plain = masked(withoutPoliteness(words).words)
    .replace(/[ ,.!?]+/g, " ")
    .trim();
  if (last.tool !== "schedule_deletion" || !undone.test(plain)) return undefined;
  const isGone = lexicon.find(guest).length === 0;
  return {
    kind: "calls",
    calls: [call(isGone ? "restore_guest" : "cancel_deletion", { guest })],
  };
}

/** "only the running ones": the last list once more, with less in it. */
function narrowed(
  words: readonly Word[],
  line: string,
  before: Turn,
  lexicon: Lexicon,
): Plan | undefined {
  const [last, ...others] = before.calls;
  if (last?.tool !== "list_guests" || others.length > 0) return undefined;
  if (!/^(?:and |but |now |ok )*(?:only|just)\b/.test(line)) return undefined;
  const { included } = readMentions(words, lexicon);
  const more = included.filter(isFilter).flatMap(listCalls);
  const sides = Object.entries(last.args).flatMap(([side, value]) =>
    typeof value === "string" ? [[side, value] as const] : [],
  );
  if (more.length === 0) return undefined;
  const calls = more.map(({ args }) =>
    call("list_guests", { ...Object.fromEntries(sides), ...args }),
  );
  return { kind: "calls", calls };
}

/** "same for 104", "and web-01 too": the last request once more, for another guest. */
function repeated(
  words: readonly Word[],
  line: string,
  before: Turn,
  lexicon: Lexicon,
  earlier: readonly Turn[],
): Plan | undefined {
  const last = before.calls.at(-1);
  if (!last || /^(?:preview_action|search_audit_log)$/.test(last.tool)) return undefined;
  if (!/\b(?:same|too|as well|also|and|ditto|likewise)\b/.test(line) || last.tool === "list_guests")
    return undefined;
  const targets = readMentions(
    words.filter(({ text }) => !/^(?:do|same|ditto|likewise|for|with|thing|to)$/.test(text)),
    lexicon,
  );
  const looks = /^(?:get|list)_/.test(last.tool);
  const meant = looks ? { ...targets, other: undefined } : targets;
  const resolved = resolveMentions(meant, lexicon, referentsOf(earlier, lexicon), {
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
