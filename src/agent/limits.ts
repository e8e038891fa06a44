/** What one run may use up. Times are milliseconds. */
export interface RunLimits {
  /** Characters of one message of a person's. */
  readonly messageLength: number;
  /** Requests to the model; on the last one it has to answer. */
  readonly turns: number;
  readonly callsPerTurn: number;
  readonly calls: number;
  /** How often a read may be asked for with the same arguments. A change: once. */
  readonly sameRead: number;
  /** Turns in a row of which no call came to anything. */
  readonly failedTurns: number;
  /** Tokens sent and received, over all requests. */
  readonly tokens: number;
  /** Waiting for the model, over all requests. */
  readonly modelTime: number;
  /** Planning a call, or carrying out one that reads. */
  readonly readTime: number;
  /** Carrying out one change; longer than a reboot under HA, two tasks and two waits, is followed. */
  readonly changeTime: number;
  /** Reading the inventory that goes along; without it the run goes on. */
  readonly inventoryTime: number;
  /** How long something that was told to stop may take to say how it ended. */
  readonly graceTime: number;
  readonly parallelReads: number;
  /** Characters of one answer of the model's: its words, and its calls with their arguments. */
  readonly answerLength: number;
  /** Characters of one tool result that the model gets. */
  readonly resultLength: number;
  /** Tokens of earlier conversation that go along. */
  readonly historyTokens: number;
  /** Guests that are listed in every request; of more, only a summary goes along. */
  readonly inventoryGuests: number;
}

export const defaultLimits: RunLimits = {
  // A long list of guests with what to do with each; Slack itself allows five times as much.
  messageLength: 8_000,
  turns: 8,
  callsPerTurn: 16,
  calls: 48,
  sameRead: 2,
  failedTurns: 3,
  tokens: 250_000,
  modelTime: 120_000,
  readTime: 15_000,
  changeTime: 600_000,
  inventoryTime: 3_000,
  graceTime: 2_000,
  parallelReads: 6,
  // Four times what fits into Slack.
  answerLength: 100_000,
  resultLength: 8_000,
  historyTokens: 16_000,
  inventoryGuests: 150,
};
