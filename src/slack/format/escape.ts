/** Controls but for line breaks and tabs, direction marks, and characters without a width. */
const invisible = /[^\P{C}\n\t]|[\u034f\u115f\u1160\u3164\uffa0]/gu;
const lineSeparators = /\r\n?|[\u2028\u2029]/g;

/** A text of people, of a model or of Proxmox without what hides in it or makes it read otherwise. */
export function visibleText(text: string): string {
  return text.replace(lineSeparators, "\n").replace(invisible, "");
}

/**
 * A text that Slack shows as it is, in mrkdwn and in Markdown alike: nothing of it is a mention, a
 * link or any other markup in angle brackets.
 */
export function escapeText(text: string): string {
  return visibleText(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A name from outside as inline code, on one line. */
export function codeText(text: string): string {
  const inner = escapeText(text).replace(/\s+/g, " ").replaceAll("`", "'").trim();
  return inner && `\`${inner}\``;
}
