import { guestsIn } from "#src/policy/target.ts";
import { redacted } from "#src/redaction.ts";
import type { Confirmation } from "./confirmation-store.ts";

/**
 * What a person has to type to approve: the name of the guest that would be lost, or how many there
 * are. A name that held a secret is no longer known, and would be the same as whatever secret is
 * typed: there it is the VMID. Of what people are asked to confirm, only deletions have a time of
 * their own.
 */
export function nameToType({ target }: Confirmation): string | undefined {
  if (!target.at) return undefined;
  const guests = guestsIn(target);
  const [guest] = guests;
  if (guests.length > 1) return `${guests.length} guests`;
  return guest?.name.includes(redacted) ? `VMID ${guest.vmid}` : guest?.name;
}

/** The same for several at once; undefined where none of them asks for it. */
export function nameToTypeForAll(confirmations: readonly Confirmation[]): string | undefined {
  const asking = confirmations.filter((each) => nameToType(each) !== undefined);
  const [first, ...others] = asking;
  if (!first || others.length === 0) return first && nameToType(first);
  const guests = asking.flatMap(({ target }) => guestsIn(target));
  return `${guests.length} guests`;
}
