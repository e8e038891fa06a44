import type { GuestLine } from "#src/agent/model.ts";
import { matching } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Mention } from "./mention.ts";
import { ambiguous, bullets, contradiction, question } from "./questions.ts";
import { certain, type Resolved, referenceTo } from "./resolved.ts";

/** "web-02", "web-01 and 102": the guests that are named, where nothing said beside contradicts. */
export function namedGuests(mention: Mention, lexicon: Lexicon): Resolved {
  const guests: GuestLine[] = [];
  for (const { said, guests: candidates } of apposed(mention)) {
    const fitting = fittingNamed(candidates, mention);
    const [only] = fitting;
    if (!only) return contradiction(said, candidates);
    const several = mention.named.length === 1 && mention.count === fitting.length;
    if (fitting.length > 1 && !several) return ambiguous(said, fitting);
    guests.push(...fitting);
  }
  if (
    guests.length > 1 &&
    !mention.plural &&
    guests.some(({ name, vmid }) => !/[\d-]/.test(name ?? `${vmid}`))
  ) {
    return question(
      `Do you mean all of these?\n${bullets(guests)}\nPlease separate them with a comma or "and".`,
    );
  }
  const byOwnName = mention.named.every(({ guests: candidates }) => candidates.length === 1);
  return byOwnName && mention.named.length === guests.length
    ? {
        kind: "guests",
        guests,
        references: mention.named.map(({ said, guests: [guest] }) => asSaid(said, guest, lexicon)),
      }
    : certain(guests, lexicon);
}

/** Kind, node, owner and tags have to be right; a state only helps to tell two of one name apart. */
function fittingNamed(candidates: readonly GuestLine[], mention: Mention): readonly GuestLine[] {
  const fitting = matching(candidates, { ...mention, statuses: [], names: [] });
  const narrowed = matching(fitting, { ...mention, names: [] });
  return fitting.length > 1 && narrowed.length > 0 ? narrowed : fitting;
}

/** "web-02 (102)": a name and a VMID of the same guest are one mention of it. */
function apposed({ named }: Mention): Mention["named"] {
  const [first, second] = named;
  if (named.length !== 2 || !first || !second) return named;
  const common = first.guests.filter((guest) =>
    second.guests.some(({ vmid }) => vmid === guest.vmid),
  );
  const mixed = /^\d+$/.test(first.said) !== /^\d+$/.test(second.said);
  if (!mixed) return named;
  return [
    { said: first.said, guests: common.length > 0 ? common : [...first.guests, ...second.guests] },
  ];
}

function asSaid(said: string, guest: GuestLine | undefined, lexicon: Lexicon): string {
  if (!guest) return said;
  return said === `${guest.vmid}` ? said : referenceTo(guest, lexicon);
}
