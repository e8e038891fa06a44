import type { Button, ContextBlock, MrkdwnElement, SectionBlock } from "@slack/types";
import { Temporal } from "temporal-polyfill";
import { plainText } from "#src/plain-text.ts";
import { escapeText } from "#src/slack/format/escape.ts";

/** Characters of a section's text. */
export const sectionLength = 3_000;

/**
 * A text from outside within mrkdwn: on one line, escaped, and at most `maxLength` long as Slack
 * counts it, which counts `&amp;` as five.
 */
export function plain(text: string, maxLength = 300): string {
  return fit([...plainText(text, maxLength)].map(escapeText), maxLength);
}

/** A text from outside where Slack reads no markup: on one line, at most `maxLength` long. */
export function unformatted(text: string, maxLength: number): string {
  return fit([...plainText(text, maxLength)], maxLength);
}

/** A name from outside within mrkdwn, set as code, so that nothing in it formats or links. */
export function code(text: string, maxLength = 64): string {
  const name = plain(text, maxLength).replaceAll("`", "'");
  return name ? `\`${name}\`` : "(no name)";
}

/** Cuts between characters only: half an entity would be something else. */
function fit(characters: readonly string[], maxLength: number): string {
  const whole = characters.join("");
  if (whole.length <= maxLength) return whole;
  let kept = "";
  for (const character of characters) {
    if (kept.length + character.length >= maxLength) break;
    kept += character;
  }
  return `${kept}…`;
}

/** An instant that each reader sees in their own zone; where it is not understood, in UTC. */
export function localTime(epochMilliseconds: number): string {
  const seconds = Math.floor(epochMilliseconds / 1000);
  const utc = Temporal.Instant.fromEpochMilliseconds(epochMilliseconds)
    .toZonedDateTimeISO("UTC")
    .toPlainDateTime()
    .toString({ smallestUnit: "minute" })
    .replace("T", " ");
  return `<!date^${seconds}^{date_short_pretty} {time}|${utc} UTC>`;
}

/** Lines of mrkdwn; those that a section has no room for are counted in its last line. */
export function section(lines: readonly string[]): SectionBlock {
  // Slack refuses a section that says nothing.
  return { type: "section", text: mrkdwn(joinWithin(lines, sectionLength) || "–") };
}

/** A line of mrkdwn in small print. */
export function context(text: string): ContextBlock {
  return { type: "context", elements: [mrkdwn(text)] };
}

/** @param spoken what a screen reader says: the action, and on what. */
export function button(action_id: string, value: string, label: string, spoken: string): Button {
  return {
    type: "button",
    action_id,
    value,
    text: { type: "plain_text", text: label, emoji: false },
    accessibility_label: unformatted(spoken, 75),
  };
}

/** Verbatim: Slack makes links and mentions of nothing that merely looks like one. */
function mrkdwn(text: string): MrkdwnElement {
  return { type: "mrkdwn", text, verbatim: true };
}

/** As many whole lines as fit, and how many more there are. A cut line could cut an entity in two. */
export function joinWithin(lines: readonly string[], maxLength: number): string {
  const whole = lines.join("\n");
  if (whole.length <= maxLength) return whole;
  const kept: string[] = [];
  let room = maxLength - "… and 999999 more".length;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return [...kept, `… and ${lines.length - kept.length} more`].join("\n");
}
