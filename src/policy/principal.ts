/** Who asks: a person as the policy knows them, whichever front end they came through. */
export interface Principal {
  /** Stable id: a user of the policy file, later a Slack user id. Never a display name. */
  readonly id: string;
  readonly name: string;
  /** The name of a role of the policy; what the policy does not know may do nothing. */
  readonly role: string;
  /** IANA zone in which this person's words about time are read. */
  readonly timeZone: string;
}
