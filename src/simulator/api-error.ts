interface Details {
  /** What is wrong with which parameter. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Without a body, as Proxmox answers where it has nothing to say as JSON. */
  readonly empty?: boolean;
}

/** An answer other than 200. The message is the body's and, up to its first line, the reason. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly errors: Readonly<Record<string, string>> | undefined;
  readonly empty: boolean;

  constructor(status: number, message: string, { errors, empty = false }: Details = {}) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.empty = empty;
  }
}

/** Nearly everything that goes wrong in Proxmox is a 500 with a sentence. */
export function failure(message: string): ApiError {
  return new ApiError(500, `${message}\n`);
}

/** Parameters that Proxmox does not accept. */
export function parameterError(errors: Readonly<Record<string, string>>): ApiError {
  return new ApiError(400, "Parameter verification failed.\n", { errors });
}

/** A privilege that is missing; the path may belong to nothing, so it proves no existence. */
export function forbidden(path: string, privilege: string): ApiError {
  return new ApiError(403, `Permission check failed (${path}, ${privilege})\n`);
}
