import type { GuestLine } from "#src/agent/model.ts";
import { guestsOf, mentioned, type Turn } from "./conversation.ts";
import type { Lexicon } from "./lexicon.ts";

/** The guests that earlier words were about, for "it", "them" and "the other one". */
export interface Referents {
  readonly current: readonly GuestLine[];
  readonly other: readonly GuestLine[];
}

/** What "it", "them" and "the other one" stand for after these turns. */
export function referentsOf(earlier: readonly Turn[], lexicon: Lexicon): Referents {
  const recent = [...earlier].reverse().map((turn) => guestsOf(turn, lexicon));
  const current = recent.find((guests) => guests.length > 0) ?? [];
  const [only] = current;
  if (current.length !== 1 || !only) return { current, other: [] };
  const pair = [...earlier]
    .reverse()
    .flatMap((turn) => [mentioned(turn.reply, lexicon), mentioned(turn.text, lexicon)])
    .find((guests) => guests.length === 2 && guests.some(({ vmid }) => vmid === only.vmid));
  const namesakes = lexicon.find(only.name ?? "").filter(({ vmid }) => vmid !== only.vmid);
  const others = pair?.filter(({ vmid }) => vmid !== only.vmid) ?? namesakes;
  return { current, other: others };
}
