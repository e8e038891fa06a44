/** Anything that goes over the wire as a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An answer `{ ok: false, error }` of the Web API. */
export class SlackError extends Error {
  override readonly name = "SlackError";
  readonly code: string;
  /** Sent beside the code, such as `needed` and `provided` of `missing_scope`. */
  readonly details: JsonObject;

  constructor(code: string, details: JsonObject = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** An error that lists what was wrong, the way Slack lists it. */
export function invalid(code: string, messages: readonly string[]): SlackError {
  return new SlackError(code, { response_metadata: { messages } });
}
