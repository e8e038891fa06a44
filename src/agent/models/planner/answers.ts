import type { GuestLine, RunContext } from "#src/agent/model.ts";
import type { Turn } from "./conversation.ts";
import { matching } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import { isFilter, type Mention } from "./mention.ts";
import { confirmationNote, type Plan, say } from "./plan.ts";
import { planText } from "./plan-text.ts";
import type { Answer } from "./progress.ts";
import { resolveMentions } from "./resolve.ts";
import { readMentions } from "./targets.ts";
import { findTime } from "./times.ts";
import { masked, type Word } from "./words.ts";

/** "yes" answers "Did you mean …?" for what is easily undone, and confirms nothing. */
export function approval(
  before: Turn,
  lexicon: Lexicon,
  context: RunContext,
  earlier: readonly Turn[],
): Plan {
  const [only, ...others] = suggested(before, lexicon);
  if (!only || others.length > 0 || !/Did you mean/.test(before.reply))
    return say(confirmationNote);
  const plan = planText(before.text, earlier.slice(0, -1), lexicon, context, {
    references: [`${only.vmid}`],
  });
  if (plan.kind !== "calls") return plan;
  const grave = plan.calls.some(({ tool }) =>
    /^(?:schedule_deletion|reschedule_deletion|stop_guest)$/.test(tool),
  );
  return grave
    ? say(
        `Please ask for it once more with the exact name or VMID (${only.vmid}); a "yes" is not enough for that.`,
      )
    : plan;
}

/** The guests that an unanswered question offered. */
function suggested(turn: Turn, lexicon: Lexicon): readonly GuestLine[] {
  if (turn.calls.length > 0 || !/Which|Did you mean/.test(turn.reply)) return [];
  const ids = [...turn.reply.matchAll(/VMID (\d+)|Did you mean (\d+)/g)].map(
    ([, a, b]) => a ?? b ?? "",
  );
  return ids.flatMap((id) => lexicon.find(id).filter(({ vmid }) => `${vmid}` === id));
}

/** What a fragment says about the open question: a guest, a time, or nothing. */
export function answerOf(
  words: readonly Word[],
  before: Turn,
  lexicon: Lexicon,
): Answer | undefined {
  const time = findTime(words, sourceOf(words));
  if (time.when && onlyTime(time.rest)) return { when: time.when };
  const offered = suggested(before, lexicon);
  const position = positionIn(masked(words), offered);
  if (position) return { references: [`${position.vmid}`] };
  const { included, excluded } = readMentions(time.rest, lexicon);
  if (included.length === 0 || excluded.length > 0) return undefined;
  const chosen = included.map((mention) => chosenFrom(offered, mention, lexicon));
  if (chosen.some((guests) => guests.length === 0)) return undefined;
  return { references: [...new Set(chosen.flat().map(({ vmid }) => `${vmid}`))] };
}

/** "the second one" of those that were offered. */
function positionIn(line: string, offered: readonly GuestLine[]): GuestLine | undefined {
  const [, which = ""] =
    /^(?:the )?(first|former|second|latter|third|last)(?: one)?(?: please)?[ .!]*$/.exec(line) ??
    [];
  const index = { first: 0, former: 0, second: 1, latter: 1, third: 2, last: offered.length - 1 }[
    which
  ];
  return index === undefined ? undefined : offered[index];
}

/** Which of the offered guests a mention picks; where none was offered, any guest that it names. */
function chosenFrom(
  offered: readonly GuestLine[],
  mention: Mention,
  lexicon: Lexicon,
): readonly GuestLine[] {
  const all = mention.everyone || mention.pronoun === "several" || mention.count === offered.length;
  if (all && mention.named.length === 0) return offered;
  if (isFilter(mention) && offered.length > 0) {
    const fitting = matching(offered, mention);
    return fitting.length === 1 || mention.plural ? fitting : [];
  }
  const resolved = resolveMentions(
    { included: [mention], excluded: [] },
    lexicon,
    { current: offered, other: [] },
    { verb: "choose", destructive: false },
  );
  return resolved.kind === "guests" ? resolved.guests : [];
}

/** Nothing beside the time but words that say it is one. */
export function onlyTime(rest: readonly Word[]): boolean {
  return rest.every(
    ({ text, guests }) =>
      guests.length === 0 &&
      /^(?:make|it|that|instead|no|actually|rather|better|please|,|\.|!|on|at|to|change|ok|okay|sorry|i|mean|meant|do|then|the|let|us|say|of|for|how|about|what|\?)$/.test(
        text,
      ),
  );
}

/** The text that the words' positions count in, as far as the words tell it. */
export function sourceOf(words: readonly Word[]): string {
  let source = "";
  for (const { raw, start } of words) source = source.padEnd(start) + raw;
  return source;
}
