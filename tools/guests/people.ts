import { plainText } from "#src/plain-text.ts";
import { owns, type Principal } from "#src/policy/principal.ts";

const self = /^(?:me|i|my|mine|myself)$/i;
const mostNamed = 20;

/** Who is meant: by id, else by name, or by the NAME on their guests' tags; "me" is who asks. */
export function peopleMeant(
  text: string,
  known: readonly Principal[],
  principal: Principal,
): readonly Principal[] {
  const said = text.trim().replace(/^<?@|>$/g, "");
  if (self.test(said)) return [principal];
  const byId = known.filter(({ id }) => id.toLowerCase() === said.toLowerCase());
  if (byId.length > 0) return byId;
  return known.filter(
    (person) => owns(person, said) || person.name.toLowerCase() === said.toLowerCase(),
  );
}

/** Whether somebody that the policy knows has this name on the tags of their guests. */
export function isKnownOwner(owner: string, known: readonly Principal[]): boolean {
  return known.some((person) => owns(person, owner));
}

/** "alice (Alice), bob (Bob)". */
export function namedPeople(people: readonly Principal[]): string {
  const labels = people.map((person) => {
    const [id, name] = [person.id, person.name].map((text) => plainText(text, 64));
    return id === name ? id : `${id} (${name})`;
  });
  if (labels.length === 0) return "nobody";
  const more = labels.length - mostNamed;
  return `${labels.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
