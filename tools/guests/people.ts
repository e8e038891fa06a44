import { plainText } from "#src/plain-text.ts";
import { ownerNameOf, owns, type Principal } from "#src/policy/principal.ts";

const self = /^(?:me|i|my|mine|myself)$/i;
const mostNamed = 20;

/** The one person that is meant: by id, by the name on their guests' tags, or by name; "me" is who asks. */
export function personMeant(
  text: string,
  known: readonly Principal[],
  principal: Principal,
): Principal | undefined {
  const said = text.trim().replace(/^<?@|>$/g, "");
  if (self.test(said)) return principal;
  const byId = known.find(({ id }) => id.toLowerCase() === said.toLowerCase());
  if (byId) return byId;
  const named = known.filter(
    (person) => owns(person, said) || person.name.toLowerCase() === said.toLowerCase(),
  );
  return named.length === 1 ? named[0] : undefined;
}

/** Whether somebody that the policy knows has this name on the tags of their guests. */
export function isKnownOwner(owner: string, known: readonly Principal[]): boolean {
  return known.some((person) => owns(person, owner));
}

/** "alice (Alice) and bob (Bob)". */
export function namedPeople(people: readonly Principal[]): string {
  const labels = people.map((person) => {
    const [id, name] = [ownerNameOf(person), person.name].map((text) => plainText(text, 64));
    return id === name ? id : `${id} (${name})`;
  });
  if (labels.length === 0) return "nobody";
  const more = labels.length - mostNamed;
  return `${labels.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
