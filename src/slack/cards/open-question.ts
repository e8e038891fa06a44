import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { localTime, plain } from "./card.ts";

/** An open question, and where its card is. */
export interface OpenQuestion {
  readonly confirmation: Confirmation;
  readonly link?: string | undefined;
}

/** A line of mrkdwn that says what is asked, until when, and where to answer. */
export function questionLine({ confirmation, link }: OpenQuestion): string {
  const { summary, expiresAt } = confirmation;
  const where = link ? `<${link}|answer it there>` : "answer it in its conversation";
  return `${plain(summary, 200)} Open until ${localTime(expiresAt)}: ${where}`;
}
