/** What nobody can be certain of; `resolveWhen` turns its message into the question it returns. */
export class Unclear extends Error {}

/** The words in quotation marks, cut where they are too long to repeat. */
export function quote(words: string): string {
  return `"${words.trim().slice(0, 60)}"`;
}
