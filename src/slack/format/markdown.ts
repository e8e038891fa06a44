import { escapeText } from "./escape.ts";

/**
 * A model's Markdown as Slack may get it: nobody is pinged, and no link or image hides where it
 * leads. What ends in white space stays the same however the text goes on, so that it can be
 * streamed.
 */
export function safeMarkdown(text: string): string {
  return (
    escapeText(text)
      // No links with labels, images or reference definitions: an image is fetched unasked.
      .replace(/\](?=[([:])/g, "] ")
      .replace(/@(?=(?:channel|here|everyone|group)\b)/gi, "@ ")
      // Else the Markdown block would join the lines of a paragraph.
      .replace(/(\S) ?\n/g, "$1  \n")
  );
}

/** Safe Markdown as Slack's mrkdwn, for notifications and screen readers; never longer. */
export function toMrkdwn(markdown: string): string {
  return markdown
    .replace(/ +\n/g, "\n")
    .split(/(```[\s\S]*?(?:```|$))/)
    .map((part) => (part.startsWith("```") ? part : proseToMrkdwn(part)))
    .join("");
}

function proseToMrkdwn(markdown: string): string {
  return markdown
    .replace(/^#{1,6}[ \t]+(\S.*)$/gm, "*$1*")
    .replace(/^([ \t]*)[-*+] (?=\S)/gm, "$1• ")
    .replace(/\*\*(?=\S)([^*\n]+)\*\*/g, "*$1*")
    .replace(/__(?=\S)([^_\n]+)__/g, "*$1*");
}
