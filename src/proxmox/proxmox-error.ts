import { PublicError } from "#src/errors.ts";

/** What went wrong, in Proxmox's terms; callers branch on it, people read the message. */
export type ProxmoxErrorKind =
  | "unauthorized"
  | "forbidden"
  | "bad-certificate"
  | "unreachable"
  | "node-unreachable"
  | "no-quorum"
  | "no-such-guest"
  | "ambiguous-guest"
  | "incomplete-inventory"
  | "changed-guest"
  | "locked"
  | "protected"
  | "template"
  | "ha-managed"
  | "replicated"
  | "already-in-state"
  | "modified"
  | "task-failed"
  | "still-running"
  | "wrong-state"
  | "destroy-failed"
  | "outcome-unknown"
  | "bad-parameter"
  | "not-implemented"
  | "unexpected";

interface Details extends ErrorOptions {
  /** HTTP status, where the server answered. */
  readonly status?: number | undefined;
  /** The Proxmox task, where one was started. */
  readonly upid?: string | undefined;
}

/** A failed call to Proxmox. The message is one sentence for a person and holds no credential. */
export class ProxmoxError extends PublicError {
  override readonly name = "ProxmoxError";
  readonly kind: ProxmoxErrorKind;
  readonly status: number | undefined;
  readonly upid: string | undefined;

  constructor(kind: ProxmoxErrorKind, message: string, details: Details = {}) {
    super(message, details);
    this.kind = kind;
    this.status = details.status;
    this.upid = details.upid;
  }
}

/** Whether this is Proxmox's failure of that kind. */
export function isKind<Kind extends ProxmoxErrorKind>(
  error: unknown,
  kind: Kind,
): error is ProxmoxError & { readonly kind: Kind } {
  return error instanceof ProxmoxError && error.kind === kind;
}
