import { asksToKnow } from "./asks-to-know.ts";
import { aboutAttribute, inPlaceOfGuest } from "./attributes.ts";
import { auditQuestion } from "./audit-questions.ts";
import { isBackground, isHarmless, isSmallTalk, topicOf } from "./background.ts";
import { call, say } from "./plan.ts";
import type { Progress, Scene, Step } from "./progress.ts";
import { planRead } from "./reads.ts";
import { changedMind, type Request } from "./requests.ts";
import { findTime } from "./times.ts";
import { masked, type Word } from "./words.ts";

/** Plans a clause without a change in it: a topic, a reason, or a question to look something up for. */
export function planAside(
  words: readonly Word[],
  index: number,
  progress: Progress,
  scene: Scene,
): Step {
  const hasChange = scene.clauses.some(({ request }) => request);
  if (hasChange && !asksToKnow(words)) return besideChange(words, index, progress, scene);
  return isSmallTalk(words) ? progress : lookUp(words, progress, scene);
}

/** Words beside a change have to be understood, since they may limit it. */
function besideChange(
  words: readonly Word[],
  index: number,
  progress: Progress,
  { clauses, source, lexicon }: Scene,
): Step {
  const more = isWithoutVerb(words) ? inPlaceOfGuest(words, lexicon) : undefined;
  if (more !== undefined) return { plan: say(aboutAttribute(more) ?? notUnderstood(words)) };
  if (isOneMore(words, source)) return { plan: say(notUnderstood(words)) };
  const topic = topicOf(words, lexicon);
  const changeFollows = clauses.slice(index).some(({ request }) => request);
  if (topic && (isBackground(words) || changeFollows))
    return { ...progress, referents: { ...progress.referents, current: topic }, named: true };
  const onlyKeeps = clauses.every(({ request }) => !request || request.act === "cancel_deletion");
  if (onlyKeeps && changedMind.test(masked(words))) return progress;
  const time = clauses.some(({ request }) => lacksTime(request)) && findTime(words, source).when;
  if (time)
    return { plan: say(`Is "${time}" when it should be deleted? Please say it in one sentence.`) };
  if (isSmallTalk(words) || isBackground(words) || isHarmless(words, lexicon)) return progress;
  return { plan: say(notUnderstood(words)) };
}

function notUnderstood(words: readonly Word[]): string {
  return `I did nothing, since I do not understand "${saidIn(words)}" in it. Please say it in other words.`;
}

/** "and its replica", unlike ", its useless": said as if it were one more guest. */
function isOneMore(words: readonly Word[], source: string): boolean {
  const [first] = words;
  if (!first || !/^(?:its|their)$/.test(first.text)) return false;
  return (
    /(?:\band|\bplus|&)\s+$|\n\W*$/i.test(source.slice(0, first.start)) && isWithoutVerb(words)
  );
}

/** "and its owner": one more thing that the change is asked for, unlike "its owner is away". */
function isWithoutVerb(words: readonly Word[]): boolean {
  const verb =
    /\b(?:is|are|was|were|has|have|had|does|do|did|can|will|left|got|went|quit|\w+(?:ed|ing)|(?:seem|look|need|keep|fail|die|use|fill|grow|run|complain)s?)\b/;
  const line = masked(words);
  return /^(?:its|their|the|my|our) /.test(line) && !verb.test(line);
}

/** A deletion for which no time was said, so that one said elsewhere may be meant for it. */
function lacksTime(request: Request | undefined): boolean {
  return request !== undefined && /schedule_deletion/.test(request.act) && !request.time.when;
}

function saidIn(words: readonly Word[]): string {
  return words
    .map(({ raw }) => raw)
    .join(" ")
    .slice(0, 60);
}

/** A question, or a later answer to the one that it led to. */
function lookUp(
  words: readonly Word[],
  progress: Progress,
  { source, lexicon, moment, answer }: Scene,
): Step {
  const { referents } = progress;
  const plan =
    auditQuestion(words, { lexicon, moment, referents }) ??
    planRead(words, source, lexicon, referents);
  const calls =
    plan.kind === "calls"
      ? plan.calls
      : (answer?.references ?? []).map((guest) => call("get_guest", { guest }));
  if (calls.length === 0) return { plan };
  const looked = calls.flatMap(({ args }) => lexicon.find(args.guest ?? ""));
  const current = looked.length > 0 ? looked : progress.referents.current;
  return {
    ...progress,
    calls: [...progress.calls, ...calls],
    referents: { ...progress.referents, current },
  };
}
