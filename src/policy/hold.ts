/** A guest is to stay, by a person's word, so that nobody deletes it meanwhile. */
export interface GuestHold {
  /** A name; absent where it cannot be known whether the guest is on hold. */
  readonly by?: string | undefined;
  readonly reason: string;
  /** The instant until which, ISO 8601; absent where a person has to end it. */
  readonly until?: string | undefined;
}

/** "Bob has put it on hold until 2027-01-10 17:00 UTC (vacation)". */
export function describeHold({ by, reason, until }: GuestHold): string {
  if (by === undefined) return reason;
  const time = until === undefined ? "" : ` until ${until.slice(0, 16).replace("T", " ")} UTC`;
  return `${by} has put it on hold${time} (${reason})`;
}
