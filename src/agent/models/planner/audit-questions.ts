import type { Moment } from "#src/when/moment.ts";
import { readPastTime } from "#src/when/past-time.ts";
import type { Lexicon } from "./lexicon.ts";
import { call, type Plan, say } from "./plan.ts";
import type { Referents } from "./referents.ts";
import { findAct } from "./verbs.ts";
import { type Act, fillers, kindWords } from "./vocabulary.ts";
import { mask, type Word } from "./words.ts";

/** What a question about the past is read with. */
interface Known {
  readonly lexicon: Lexicon;
  readonly moment: Moment;
  readonly referents: Referents;
}

type Filter = Readonly<Record<string, string>>;

const actions: Readonly<Record<Act, string>> = {
  start_guest: "start",
  // "Who stopped it" means whichever way.
  shutdown_guest: "stop",
  stop_guest: "stop",
  reboot_guest: "restart",
  schedule_deletion: "delete",
  cancel_deletion: "cancel deletion",
  reschedule_deletion: "move deletion",
  restore_guest: "restore",
};
/** What is left of "turned off" and the like. */
const switched: Readonly<Record<string, string>> = { "powered-off": "stop", "powered-on": "start" };
const nouns: Readonly<Record<string, string>> = {
  deletion: "delete",
  removal: "delete",
  restart: "restart",
  reboot: "restart",
  shutdown: "stop",
  stop: "stop",
  start: "start",
  restore: "restore",
};

const politely = "^(?:please )?(?:(?:tell|show) (?:me|us) |do you know )?";
const whoDid = new RegExp(
  `${politely}who (?:has |had |was it (?:that|who) |is it (?:that|who) )?(?:last |just |recently |already |even )?`,
);
const whoAnswered = new RegExp(
  `${politely}who (?:has |had )?(?:approved|confirmed|declined|refused|denied|rejected) (?:the |that |this )?(?:(${Object.keys(nouns).join("|")})(?: of| for)?)?`,
);
const whatDid = new RegExp(
  `${politely}(?:what|which \\w+)(?: all| else| exactly)? (?:did|has|have|had) (?:the )?(?=\\S)`,
);
const doing = /^(?:do|done|change|changed|been doing|been up to)(?: to| with)?\b/;
const happened = new RegExp(
  `${politely}(?:what (?:has |had )?(?:just |recently )?happened|what (?:was|were|has been|got) (?:done|changed)|what (?:has )?changed)(?: to| with| on)?`,
);
const log =
  /^(?:please )?(?:(?:show|list|give|get|see|print|display|check|search|read|view)(?: me| us)? )?(?:the |me the )?(?:audit(?:[ -](?:log|trail|history|record|entries))?|(?:activity|change) (?:log|history)|history (?=of|for))(?: of| for| about| on)?/;
const anybody = /^(?:you|we|they|people|anyone|anybody|everyone|everybody|someone|somebody)$/;

/** "who stopped 103?", "what did bob do yesterday?": a search of the audit log, if it is that. */
export function auditQuestion(words: readonly Word[], known: Known): Plan | undefined {
  const plain = words.filter(({ text, quoted }) => quoted || !/^[,.!?;]$/.test(text));
  const { rest: said, times } = withoutPast(plain, known.moment);
  const filter =
    answered(said, known) ?? done(said, known) ?? deeds(said, known) ?? events(said, known);
  if (!filter || typeof filter === "string") return filter === undefined ? filter : say(filter);
  return { kind: "calls", calls: [call("search_audit_log", { ...filter, ...times })] };
}

/** A search's filter, the question to ask first, or undefined where nothing is searched. */
type Found = Filter | string | undefined;

function answered(words: readonly Word[], known: Known): Found {
  const match = matchAtStart(whoAnswered, words);
  if (!match) return undefined;
  const [, noun = ""] = match.groups;
  return about(match.after, known, nouns[noun] ? { action: nouns[noun] } : {});
}

function done(words: readonly Word[], known: Known): Found {
  const match = matchAtStart(whoDid, words);
  if (!match) return undefined;
  const [first, ...after] = match.after;
  const powered = switched[first?.text ?? ""];
  if (powered) return about(after, known, { action: powered });
  const found = findAct(match.after, () => false);
  if (found?.at !== 0) return undefined;
  return about(found.rest, known, { action: actions[found.act] });
}

function deeds(words: readonly Word[], known: Known): Found {
  const match = matchAtStart(whatDid, words);
  const [who, ...after] = match?.after ?? [];
  if (!who || who.guests.length > 0) return undefined;
  const person = anybody.test(who.text) ? {} : { person: who.text === "i" ? "me" : who.raw };
  const did = matchAtStart(doing, after);
  if (did) return did.after.length > 0 ? about(did.after, known, person) : person;
  const found = findAct(after, () => false);
  return found?.at === 0 && found.rest.every(isFiller)
    ? { ...person, action: actions[found.act] }
    : undefined;
}

function events(words: readonly Word[], known: Known): Found {
  const match = matchAtStart(happened, words) ?? matchAtStart(log, words);
  if (!match) return undefined;
  const [only, ...others] = match.after.filter((word) => !isFiller(word));
  if (!only) return {};
  const isPerson = only.guests.length === 0 && known.lexicon.owners.has(only.text);
  return isPerson && others.length === 0 ? { person: only.raw } : about(match.after, known, {});
}

/** With the guest that the words name, which may be gone by now; undefined where they say more. */
function about(words: readonly Word[], { referents }: Known, filter: Filter): Found {
  const [only, ...others] = words.filter((word) => !isFiller(word));
  if (others.length > 0) return undefined;
  if (!only || /^(?:it|that|this|them)$/.test(only.text)) {
    const [current, second] = referents.current;
    return current && !second
      ? { ...filter, guest: `${current.vmid}` }
      : "Which guest do you mean?";
  }
  const [guest, namesake] = only.guests;
  const isOne = guest !== undefined && namesake === undefined;
  return { ...filter, guest: isOne ? `${guest.vmid}` : only.raw.replace(/^#/, "") };
}

function isFiller({ text, quoted, guests }: Word): boolean {
  const plain = !quoted && guests.length === 0;
  return plain && (text in kindWords || fillers.has(text)) && !/^(?:that|this|them)$/.test(text);
}

/** The words after those that the pattern matches, guests being § in it. */
function matchAtStart(pattern: RegExp, words: readonly Word[]) {
  const line = words.map(mask).join(" ");
  const match = pattern.exec(line);
  if (!match) return undefined;
  const [used] = match;
  const cut = line.slice(used.length);
  if (!/[ ]$/.test(used) && cut !== "" && !cut.startsWith(" ")) return undefined;
  const count = used.trim() === "" ? 0 : used.trim().split(" ").length;
  return { groups: match, after: words.slice(count) };
}

const opening =
  /^(?:since|from|until|till|in|during|within|over|on|the|last|past|this|yesterday|today|now|half|an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3}|\d{4}-\d\d-\d\d\S*|(?:mon|tue|wed|thu|fri|sat|sun)\w*)$/;
const longest = 6;

/** The words without the time in the past that is said with them. */
function withoutPast(words: readonly Word[], moment: Moment) {
  for (const [at, { text, guests, quoted }] of words.entries()) {
    if (quoted || guests.length > 0 || !opening.test(text)) continue;
    for (let length = Math.min(longest, words.length - at); length > 0; length -= 1) {
      const said = words.slice(at, at + length);
      const time = readPastTime(said.map(({ raw }) => raw).join(" "), moment);
      if (!time) continue;
      const isStart = /^(?:since|from)$/.test(text) || time.from.equals(time.to);
      const isEnd = /^(?:until|till)$/.test(text);
      const plain = said.filter((word) => !/^(?:since|from|until|till)$/.test(word.text));
      const when = plain.map(({ raw }) => raw).join(" ");
      return {
        rest: [...words.slice(0, at), ...words.slice(at + length)],
        times: { ...(!isEnd && { since: when }), ...(!isStart && { until: when }) },
      };
    }
  }
  return { rest: words, times: {} };
}
