/** What Google answers in place of what was asked for. */
export class GoogleRefusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string = reason) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  get body() {
    const { status: code, reason, message } = this;
    return { error: { code, message, errors: [{ domain: "global", reason, message }] } };
  }
}

/** A parameter or a field that makes no sense. */
export function invalid(message: string): GoogleRefusal {
  return new GoogleRefusal(400, "invalid", message);
}

export function notFound(): GoogleRefusal {
  return new GoogleRefusal(404, "notFound", "Not Found");
}
