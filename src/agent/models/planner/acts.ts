import type { Moment } from "#src/when/moment.ts";
import { readPastDays } from "#src/when/past-days.ts";
import { readShift } from "#src/when/shift.ts";
import { resolveWhen } from "#src/when/when.ts";
import type { Lexicon } from "./lexicon.ts";
import { call, type Plan, say } from "./plan.ts";
import { listCalls } from "./reads.ts";
import type { Referents } from "./referents.ts";
import type { Request } from "./requests.ts";
import { resolveMentions } from "./resolve.ts";
import type { Resolved } from "./resolved.ts";
import { deletedGuests } from "./restores.ts";
import { readMentions } from "./targets.ts";
import { type Act, exceptWords, kindWords, statusWords } from "./vocabulary.ts";
import type { Word } from "./words.ts";

const verbOf: Readonly<Record<Act, string>> = {
  start_guest: "start",
  shutdown_guest: "shut down",
  stop_guest: "cut the power of",
  reboot_guest: "restart",
  schedule_deletion: "delete",
  cancel_deletion: "keep",
  reschedule_deletion: "reschedule",
  restore_guest: "restore",
};

/** What a request is planned with. */
export interface ActContext {
  readonly lexicon: Lexicon;
  readonly moment: Moment;
  readonly referents: Referents;
  /** A later answer to the question that these words led to. */
  readonly answer?:
    | { readonly references?: readonly string[] | undefined; readonly when?: string | undefined }
    | undefined;
}

/** The guests that a request is for. */
export function resolveTargets({ act, targets }: Request, context: ActContext): Resolved {
  const { lexicon, referents, answer } = context;
  if (act === "restore_guest") return deletedGuests(targets);
  const destructive = act === "schedule_deletion" || act === "stop_guest";
  const mentions = readMentions(withoutReason(targets, act, lexicon), lexicon);
  const resolved = resolveMentions(mentions, lexicon, referents, {
    verb: verbOf[act],
    destructive,
  });
  const isOpen = resolved.kind === "question" || resolved.kind === "nothing";
  if (!isOpen || !answer?.references || mentions.other !== undefined) return resolved;
  const guests = answer.references.flatMap((reference) => lexicon.find(reference));
  return { kind: "guests", references: answer.references, guests };
}

/** What says which guest, without why it should happen. */
function withoutReason(targets: readonly Word[], act: Act, lexicon: Lexicon): readonly Word[] {
  const reason = targets.findIndex(
    ({ text, guests }, index) =>
      guests.length === 0 &&
      (/^(?:because|since|cause|cuz)$/.test(text) ||
        (/^(?:for|to)$/.test(text) &&
          !isBeforeVerb(targets, index) &&
          isPurpose(targets.slice(index + 1), lexicon))),
  );
  const who = reason > 0 ? targets.slice(0, reason) : targets;
  if (act !== "cancel_deletion" && act !== "reschedule_deletion") return who;
  const entry =
    /^(?:date|time|event|entry|slot|appointment|calendar|upcoming|list|queue|schedule|scheduled|planned|pending|deletion)$/;
  return who.filter(({ text, guests }) => guests.length > 0 || !entry.test(text));
}

/** "to stop using swap", of which the verb is no longer here: what follows is its object, no purpose. */
function isBeforeVerb(targets: readonly Word[], index: number): boolean {
  const [word, next] = [targets[index], targets[index + 1]];
  return word?.text === "to" && next !== undefined && next.start > word.end + 1;
}

/** "for maintenance", "to save power": says nothing about which guest is meant. */
function isPurpose(words: readonly Word[], lexicon: Lexicon): boolean {
  const saysWhich = ({ text, guests, quoted }: Word) =>
    quoted ||
    guests.length > 0 ||
    lexicon.nodes.has(text) ||
    lexicon.owners.has(text) ||
    lexicon.tag(text) !== undefined ||
    text in kindWords ||
    text in statusWords ||
    exceptWords.has(text) ||
    /[^a-z]|^(?:all|every|everyone|everything|each|any|it|them|this|that|both|but|not|and|or)$/.test(
      text,
    );
  const said = words.filter(({ text }) => !/^[,.!?]$/.test(text));
  return said.length > 0 && said.length <= 6 && !said.some(saysWhich);
}

/** The calls for a request whose guests are known. */
export function planRequest(request: Request, resolved: Resolved, context: ActContext): Plan {
  const { act, time, backup } = request;
  if (resolved.kind === "question") return say(resolved.text);
  if (resolved.kind === "nothing") return say(`Which guest should I ${verbOf[act]}?`);
  const when = context.answer?.when ?? time.when;
  if (act === "restore_guest") return planRestore(resolved, when, context);
  const schedulable = act === "schedule_deletion" || act === "reschedule_deletion";
  if (when && !schedulable && act !== "cancel_deletion" && !time.isNow) {
    return say(
      `Only deletions can be scheduled, so I did nothing. I can ${verbOf[act]} it at once if you ask without a time.`,
    );
  }
  if (act === "reschedule_deletion" && !when)
    return say("To which date and time should the deletion be moved?");
  if (schedulable && when) {
    const meant = readShift(when) ? undefined : resolveWhen(when, context.moment);
    if (meant?.kind === "question") return say(asQuestion(meant.question));
  }
  if (resolved.kind === "list")
    return { kind: "list-first", tool: act, calls: listCalls(resolved.filter) };
  const calls = resolved.references.map((guest) =>
    call(act, { guest, ...(schedulable && when && { when }), ...(backup && { backup }) }),
  );
  return { kind: "calls", calls };
}

/** What was said of a time can only be the day of the deletion: a restore is for now. */
function planRestore(resolved: Resolved, when: string | undefined, { moment }: ActContext): Plan {
  if (resolved.kind !== "guests") return say("Which deleted guest should I restore?");
  if (when !== undefined && !readPastDays(when, moment)) {
    return say(
      `A guest can be restored at once only, so "${when}" would have to be the day it was deleted. On which day was that?`,
    );
  }
  const calls = resolved.references.map((guest) =>
    call("restore_guest", { guest, ...(when && { when }) }),
  );
  return { kind: "calls", calls };
}

/** What is said has to be a question, so that the next message can be its answer. */
function asQuestion(text: string): string {
  return text.includes("?") ? text : `When exactly? ${text}`;
}
