import type { Moment } from "#src/when/moment.ts";
import { readShift } from "#src/when/shift.ts";
import { resolveWhen } from "#src/when/when.ts";
import { asksToKnow } from "./asks-to-know.ts";
import { clausesOf } from "./clauses.ts";
import type { Turn } from "./conversation.ts";
import { isNegated } from "./guards.ts";
import type { Lexicon } from "./lexicon.ts";
import { call, type Plan, say } from "./plan.ts";
import { withoutPoliteness } from "./politeness.ts";
import { referentsOf } from "./referents.ts";
import { resolveMentions } from "./resolve.ts";
import type { Resolved } from "./resolved.ts";
import { readMentions } from "./targets.ts";
import { findTime } from "./times.ts";
import { masked, type Word } from "./words.ts";

/** What words about leases are read with. */
export interface LeaseScene {
  readonly source: string;
  readonly earlier: readonly Turn[];
  readonly lexicon: Lexicon;
  readonly moment: Moment;
}

const aboutLeases = /\bleas(?:e|es|ed)\b/;
const extending =
  /^(?:extend|prolong|lengthen|renew|stretch|continue|postpone|delay|defer|push|put off|move)\b/;
const asking = /^(?:should (?:i|we)\b|(?:all |the |current )*leases?[ ,.!?]*$)/;
const whoDid = /^who (?:has |had )?(?:last )?(?:extended|prolonged|lengthened|renewed)\b/;
/** What is said around a guest, and is none. */
const around =
  /^(?:extend|prolong|lengthen|renew|stretch|continue|postpone|delay|defer|push|put|off|move|back|out|leases?|'s|the|of|for|until|by|to|[?.!])$/;
/** So many are looked up one by one. */
const most = 8;
const unable =
  'I can list leases and extend them, so I did nothing: say "extend the lease of NAME by a week". A guest is kept or deleted by saying so.';

/** "when does test-runner's lease end?", "extend it by a week"; undefined for what is about no lease. */
export function planLease(said: readonly Word[], scene: LeaseScene): Plan | undefined {
  if (!aboutLeases.test(masked(said))) return undefined;
  const { words } = withoutPoliteness(said);
  const line = masked(words).trim();
  if (whoDid.test(line)) return deeds(words);
  if (asksToKnow(words) || asking.test(line)) return listing(words, scene);
  if (isNegated(line)) return say("All right, I did nothing about its lease.");
  if (!extending.test(line)) return say(unable);
  if (clausesOf(words).length > 1) return say("Please ask for that in a message of its own.");
  return extension(words, scene);
}

/** "who extended the lease of test-runner?" */
function deeds(words: readonly Word[]): Plan {
  const [guest] = words.filter(({ guests }) => guests.length > 0).map(({ raw }) => raw);
  const filter = { action: "extend lease", ...(guest && { guest }) };
  return { kind: "calls", calls: [call("search_audit_log", filter)] };
}

/** Of the guests that are named, or meant by "its"; else of all. */
function listing(words: readonly Word[], { earlier, lexicon }: LeaseScene): Plan {
  const named = words.filter(({ guests }) => guests.length > 0).map(({ raw }) => raw);
  const isMeant = words.some(({ text }) => /^(?:its?|their|them)$/.test(text));
  const meant = isMeant ? referentsOf(earlier, lexicon).current : [];
  const references = named.length > 0 ? named : meant.map(({ vmid }) => `${vmid}`);
  const calls = references.slice(0, most).map((guest) => call("list_leases", { guest }));
  return { kind: "calls", calls: calls.length > 0 ? calls : [call("list_leases")] };
}

function extension(words: readonly Word[], scene: LeaseScene): Plan {
  const time = findTime(words, scene.source);
  const until = time.when === undefined ? undefined : asLength(time.when);
  const meant = until && !readShift(until) ? resolveWhen(until, scene.moment) : undefined;
  if (meant?.kind === "question") return say(meant.question);
  const resolved = guestsIn(time.rest, scene);
  if (resolved.kind === "question") return say(resolved.text);
  if (resolved.kind !== "guests") return say("Which guest's lease should I extend?");
  const calls = resolved.references.map((guest) =>
    call("extend_lease", { guest, ...(until && { until }) }),
  );
  return { kind: "calls", calls };
}

/** "for two weeks" says by how long, as "two weeks" does. */
function asLength(when: string): string {
  const length = `by ${when.replace(/^(?:by|for) /i, "")}`;
  return readShift(length) ? length : when;
}

function guestsIn(words: readonly Word[], { lexicon, earlier }: LeaseScene): Resolved {
  const targets = words
    .filter(({ text, guests, quoted }) => quoted || guests.length > 0 || !around.test(text))
    .map((word) => (word.text === "its" ? { ...word, text: "it" } : word));
  const mentions = readMentions(targets, lexicon);
  const intent = { verb: "extend the lease of", destructive: false };
  return resolveMentions(mentions, lexicon, referentsOf(earlier, lexicon), intent);
}
