/** Controls, direction marks and characters without a width: what can make a text read otherwise. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]+/gu;

/**
 * A text from outside, such as a guest's name, as people and the model may see it: on one line,
 * without invisible characters, at most `maxLength` characters long.
 */
export function plainText(text: string, maxLength: number): string {
  const characters = [...text.replace(invisible, " ").replace(/\s+/g, " ").trim()];
  if (characters.length <= maxLength) return characters.join("");
  return `${characters.slice(0, maxLength - 1).join("")}…`;
}
