/**
 * Characters of one message's text, and of its Markdown. Slack refuses an edit to more than 4,000;
 * the Markdown blocks of a message may hold 12,000, and all of its blocks about 13,200.
 */
export const messageLength = 3_900;

/** Rows of a Slack table, the one with the titles included. */
export const tableRows = 100;

/** Messages that one answer may fill; what is longer is cut, and says so. */
export const answerMessages = 6;
