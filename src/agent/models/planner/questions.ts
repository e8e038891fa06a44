import type { GuestLine } from "#src/agent/model.ts";
import { unique } from "./conversation.ts";
import type { Lexicon } from "./lexicon.ts";

/** What has to be known before anything is done. */
export interface Question {
  readonly kind: "question";
  readonly text: string;
}

/** No guest is called by these words: offers those that are called nearly so. */
export function noSuchGuest(words: readonly string[], lexicon: Lexicon): Question {
  const said = words.join(" ");
  const whole = lexicon.similar(said);
  const near =
    whole.length > 0 ? whole : unique(words.flatMap((word) => lexicon.similar(word))).slice(0, 4);
  const [only] = near;
  if (!only)
    return question(
      `There is no guest called ${quoted(said)}. Which one is meant? "list guests" shows them all.`,
    );
  if (near.length === 1)
    return question(`There is no guest called ${quoted(said)}. Did you mean ${describe(only)}?`);
  return question(
    `There is no guest called ${quoted(said)}. Which one is meant?\n${bullets(near)}`,
  );
}

/** Several guests are called so: offers them. */
export function ambiguous(said: string, candidates: readonly GuestLine[]): Question {
  return question(
    `There are ${candidates.length} guests called ${quoted(said)}. Which one do you mean?\n${bullets(candidates)}`,
  );
}

/** The guests are called so and do not fit what was said beside the name. */
export function contradiction(said: string, candidates: readonly GuestLine[]): Question {
  const [only] = candidates;
  if (candidates.length !== 1 || !only)
    return question(
      `None of these is what you describe. Which one do you mean?\n${bullets(candidates)}`,
    );
  return question(
    `${quoted(said)} is ${describe(only)}${only.owner ? `, ${only.owner}'s` : ""}, which is not what you describe. Did you mean ${only.vmid}?`,
  );
}

/** "web-02 (VMID 102, container on pve1)". */
export function describe({ vmid, kind, name, node }: GuestLine): string {
  return `${name ?? "unnamed"} (VMID ${vmid}, ${kind === "ct" ? "container" : "VM"} on ${node})`;
}

/** One line for each guest, at most ten of them. */
export function bullets(guests: readonly GuestLine[]): string {
  const shown = guests.slice(0, 10).map((guest) => `- ${describe(guest)}`);
  const more = guests.length - shown.length;
  return more > 0 ? [...shown, `- and ${more} more`].join("\n") : shown.join("\n");
}

/** A question with this text. */
export function question(text: string): Question {
  return { kind: "question", text };
}

/** The words in quotation marks, cut where they are too long to repeat. */
export function quoted(text: string): string {
  return `"${text.slice(0, 60)}"`;
}
