import { readShift } from "#src/when/shift.ts";
import { type BackupChoice, takeBackupChoice } from "./backup-choice.ts";
import { isNegated, isReport, spokenLine } from "./guards.ts";
import type { Lexicon } from "./lexicon.ts";
import { asRestore } from "./restores.ts";
import { asShift } from "./shifts.ts";
import { type FoundTime, findTime } from "./times.ts";
import { type FoundAct, findAct, findUnsupported } from "./verbs.ts";
import { type Act, deletionNouns } from "./vocabulary.ts";
import { goes, wantedState } from "./wanted-state.ts";
import { mask, type Word } from "./words.ts";

/** A change that one clause asks for. */
export interface Request {
  readonly act: Act;
  readonly time: FoundTime;
  readonly targets: readonly Word[];
  /** Said of a deletion only. */
  readonly backup?: BackupChoice | undefined;
}

/** What a clause says about changes. */
export type Read =
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "say"; readonly text: string }
  /** Speaks of no change at all. */
  | { readonly kind: "other" };

/** What is done by sentences with these verbs, though not by the one that was said. */
const known = /^(?:give|transfer|assign|make|set|put|change|extend|move|schedule|add)$/;
const abilities =
  "I can list guests, start, shut down, stop or restart them, schedule, move or cancel their deletion, restore them after it, put them on hold, give them to another owner, and extend their leases.";
const unable = (verb: string) =>
  known.test(verb)
    ? `I do not understand what to ${verb} there, so I did nothing. ${abilities}`
    : `I cannot ${verb} anything, so I did nothing. ${abilities}`;

/** Reads a clause as a change. `asked` says that it began as a polite request ("could you …"). */
export function readRequest(
  words: readonly Word[],
  source: string,
  asked: boolean,
  lexicon: Lexicon,
): Read {
  const { words: others, choice } = takeBackupChoice(words);
  const read = choice && readChange(others, source, asked, lexicon);
  const isDeletion = read?.kind === "request" && /schedule_deletion$/.test(read.request.act);
  return isDeletion
    ? { kind: "request", request: { ...read.request, backup: choice } }
    : readChange(words, source, asked, lexicon);
}

function readChange(
  words: readonly Word[],
  source: string,
  asked: boolean,
  lexicon: Lexicon,
): Read {
  const line = words.map(mask).join(" ");
  const time = movable(findTime(words, source), words);
  const isPlace = (word: Word | undefined) =>
    word !== undefined &&
    (lexicon.nodes.has(word.text) || /^(?:node|the|proxmox|pve\w*)$/.test(word.text));
  const restore = asRestore(words, time, lexicon);
  if (restore) {
    return isNegated(line)
      ? { kind: "say", text: "All right, I restore nothing." }
      : { kind: "request", request: restore };
  }
  const state = goes(time.rest) ?? wantedState(time.rest, asked);
  const found = state ?? findAct(time.rest, isPlace);
  if (found && leavesPlanned(line)) return { kind: "say", text: staysPlanned };
  if (found && isNegated(line)) return negated(found, line, time, isPlace);
  if (found && changedMind.test(line)) return kept(time, isPlace);
  if (found && !state && !(asked && found.form === "past") && isReport(spokenLine(words, lexicon)))
    return {
      kind: "say",
      text: "I did nothing: that sounded like something that was done or said already. Say it as a request if you want it done.",
    };
  const moved = movedInTime(time, lexicon, isPlace);
  if (moved) return { kind: "request", request: moved };
  const first = findUnsupported(time.rest);
  // "tag prod" describes guests; only with a guest is it something to do.
  const means = (first === "tag" && !line.includes("§")) || /^make sure\b/.test(line);
  const unsupported = means ? undefined : first;
  const planned =
    found?.act === "schedule_deletion" &&
    !standsBetweenGuests(time.rest, found.at) &&
    /^(?:schedule|set|plan|mark|put|arrange|queue|make|add)$/.test(unsupported ?? "");
  if (unsupported && !planned && !(found && found.at === 0) && !isNounOfAct(time.rest))
    return { kind: "say", text: unable(unsupported) };
  if (
    found?.act === "cancel_deletion" &&
    /\b(?:keep|leave) .*\b(?:running|up|on|online|alive|alone|as is|off|stopped|down)\b/.test(line)
  ) {
    return {
      kind: "say",
      text: "I did nothing: leaving a guest as it is needs no act. Please say only what I should change.",
    };
  }
  if (!found || !isCommand(found, line, asked)) return { kind: "other" };
  const targets = planned && found.rest[0]?.text === unsupported ? found.rest.slice(1) : found.rest;
  return forced({ act: found.act, time, targets }, line);
}

const staysPlanned = `I changed nothing: a deletion that is scheduled stays so. To call it off, say "cancel the deletion of" and the guest.`;

/** "keep the deletion of web-02", "keep it scheduled": what is kept is the deletion, not the guest. */
function leavesPlanned(line: string): boolean {
  const kept =
    /\b(?:keep|leave|retain|preserve|save|spare|rescue|hold on ?to|hang on ?to|maintain)\b(?<rest>.*)/.exec(
      line,
    );
  const rest = kept?.groups?.rest?.replace(
    /\b(?:from|instead of|off|despite|out of) (?:§ 's |all |the |its |their |this |that |any |being |scheduled |planned |pending |upcoming )*(?:delet\w+|remov\w+|destruction|list|schedule|queue|calendar)\b/g,
    "",
  );
  return (
    rest !== undefined &&
    /\b(?:deletions?|removals?|destruction|decommission(?:ing)?|teardown|retirement|scheduled|planned|pending|queued|upcoming|schedule|calendar|list|queue|entry|slot|appointment|event|date)\b/.test(
      rest,
    )
  );
}

/** "set web-02 delete dev-bob": the first guest belongs to another verb. */
function standsBetweenGuests(words: readonly Word[], at: number): boolean {
  const named = ({ guests, quoted }: Word) => quoted || guests.length > 0;
  return words.slice(0, at).some(named) && words.slice(at + 1).some(named);
}

/** The same time, with what counts from the planned one said so. */
function movable(time: FoundTime, words: readonly Word[]): FoundTime {
  return time.when ? { ...time, when: asShift(time.when, words) } : time;
}

/** Takes back what was wanted before. */
export const changedMind =
  /\b(?:changed (?:my|our) minds?|second thoughts?|forget(?: about)?|never ?mind(?: about)?|no need to|not necessary to|reconsidered|decided (?:not to|against)|scratch that|thought better)\b/;

/** "give web-02 a restart", "schedule a reboot": the verb of the act is a noun here. */
function isNounOfAct(words: readonly Word[]): boolean {
  const line = words.map(mask).join(" ");
  return (
    /^(?:give|do|make|run|schedule|put|set)\b.*\b(?:restart|reboot|shutdown|bounce|kick|power cycle|start|stop|down|up|offline|online)\b/.test(
      line,
    ) && !/\b(?:backup|snapshot)\b/.test(line)
  );
}

function isCommand({ form, at }: FoundAct, line: string, asked: boolean): boolean {
  if (form === "base") return true;
  if (form === "ing")
    return asked || (at === 0 && /^\w+ing (?:§|the|all|every)/.test(line) && asked);
  return (
    /\b(?:want|wants|need|needs|like|have|get|make|ensure|should|must|has to|have to|be|gets|got to|to be|see)\b/.test(
      line,
    ) ||
    (asked && (/^that /.test(line.trim()) || !/\b(?:has|had|was|were|been|is|are)\b/.test(line)))
  );
}

function negated(
  found: FoundAct,
  line: string,
  time: FoundTime,
  isPlace: (word: Word | undefined) => boolean,
): Read {
  const afterAll = /\b(?:after all|any ?more|any longer|anymore)\b|\bno longer\b/.test(line);
  if (found.act === "schedule_deletion" && (afterAll || changedMind.test(line)))
    return kept(time, isPlace);
  return {
    kind: "say",
    text: `All right, I leave it alone: I did nothing. To call off a deletion that is scheduled, say "cancel the deletion of" and the guest.`,
  };
}

/** The deletion of these is not wanted any more. */
function kept(time: FoundTime, isPlace: (word: Word | undefined) => boolean): Read {
  const plain = time.rest.filter(
    ({ text, guests }) =>
      guests.length > 0 ||
      !/^(?:not|do|does|should|after|all|anymore|any|longer|more|never|changed|my|our|mind|minds|second|thoughts|thought|forget|mind|nevermind|no|need|necessary|decided|against|on|about|i|we|have|has|scratch|that|reconsidered|better)$/.test(
        text,
      ),
  );
  const act = findAct(plain, isPlace);
  const byNoun = !act && plain.some(({ text }) => deletionNouns.has(text));
  if (!byNoun && act?.act !== "schedule_deletion" && act?.act !== "cancel_deletion")
    return { kind: "say", text: "All right, I did nothing." };
  return {
    kind: "request",
    request: {
      act: "cancel_deletion",
      time: { ...time, when: undefined },
      targets: act?.rest ?? plain,
    },
  };
}

/** "move test-runner to friday": without a node, moving in time is what is meant. */
function movedInTime(
  time: FoundTime,
  lexicon: Lexicon,
  isPlace: (word: Word | undefined) => boolean,
): Request | undefined {
  const [first, ...targets] = time.rest;
  if (
    !time.when ||
    time.isNow ||
    !/^(?:move|push|shift|change|bring|give)$/.test(first?.text ?? "")
  )
    return undefined;
  if (first?.text === "give" && !readShift(time.when)) return undefined;
  if (
    time.rest.some((word) => lexicon.nodes.has(word.text)) ||
    !targets.some(({ guests, text }) => guests.length > 0 || text === "it")
  )
    return undefined;
  if (findAct(time.rest, isPlace)?.act === "reschedule_deletion") return undefined;
  return {
    act: "reschedule_deletion",
    time,
    targets: targets.filter(({ text }) => !/^(?:forward|back|up|out)$/.test(text)),
  };
}

const force =
  /^(?:force|forced|forcefully|forcibly|hard|brutally|-f|--force|ungracefully|abruptly|violently|uncleanly)$/;

function forced(request: Request, line: string): Read {
  const hard =
    request.targets.some(({ text, guests }) => guests.length === 0 && force.test(text)) ||
    /\bby force\b|\bthe hard way\b|\bwithout (?:waiting|a clean shutdown|shutting (?:it )?down)\b/.test(
      line,
    );
  if (!hard) return { kind: "request", request };
  if (request.act === "reboot_guest") {
    return {
      kind: "say",
      text: `A restart is always graceful here, so I did nothing. To cut the power say "force stop", then "start".`,
    };
  }
  const targets = request.targets.filter(
    ({ text, guests }) => guests.length > 0 || !(force.test(text) || /^(?:way|by)$/.test(text)),
  );
  const act = request.act === "shutdown_guest" ? "stop_guest" : request.act;
  return { kind: "request", request: { ...request, targets, act } };
}
