import { ProxmoxError, type ProxmoxErrorKind } from "./proxmox-error.ts";
import { FingerprintMismatchError } from "./tls.ts";

/** What was asked, as far as an error needs it. */
export interface CallDescription {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly node: string | undefined;
}

export interface FailedResponse {
  readonly status: number;
  /** The reason phrase, which repeats the message's first line. */
  readonly reason: string;
  readonly message?: string | undefined;
  /** What is wrong with which parameter. */
  readonly errors?: Readonly<Record<string, string>> | undefined;
}

interface TextRule {
  readonly kind: ProxmoxErrorKind;
  readonly pattern: RegExp;
  sentence(match: RegExpExecArray): string;
}

/** Proxmox answers 500 for nearly everything and tells the rest in words; the first match wins. */
const textRules: readonly TextRule[] = [
  {
    kind: "bad-parameter",
    pattern: /permission check failed \(pool '([^']+)' does not exist\)/i,
    sentence: ([, pool]) => `There is no pool ${pool}; create it in Proxmox, or do without it.`,
  },
  {
    kind: "forbidden",
    pattern: /permission check failed(?: \(([^,)]+), ?([^)]+)\))?/i,
    sentence: ([, path, privileges]) =>
      path && privileges
        ? `The API token lacks ${privileges.replaceAll("|", " or ")} on ${path}; grant it to the user and to the token.`
        : "The API token may not do this; `npm run doctor` names what it lacks.",
  },
  {
    kind: "no-such-guest",
    pattern:
      /configuration file 'nodes\/([^/]+)\/(?:lxc|qemu-server)\/(\d+)\.conf' does not exist/i,
    sentence: ([, node, vmid]) =>
      `Guest ${vmid} is not on node ${node}: it was deleted or moved; list the guests again.`,
  },
  {
    kind: "no-such-guest",
    pattern: /unable to find vm '?(\d+)'?/i,
    sentence: ([, vmid]) => `There is no guest ${vmid}; list the guests again.`,
  },
  {
    kind: "already-in-state",
    pattern: /(CT|VM) (\d+) (already running|not running)/i,
    sentence: ([, kind, vmid, state]) => `${kind} ${vmid} is ${state}, so there was nothing to do.`,
  },
  {
    kind: "locked",
    pattern: /(?:CT|VM)(?: \d+)? is locked \(([\w-]+)\)/i,
    sentence: ([, lock]) =>
      `The guest is locked (${lock}); try again when that has ended, or have an administrator unlock it.`,
  },
  {
    kind: "locked",
    pattern: /can't lock file .*got timeout/i,
    sentence: () => "Another task holds the guest; try again when that task has ended.",
  },
  {
    kind: "protected",
    pattern: /protection mode enabled/i,
    sentence: () => "The guest is protected; switch its protection off in Proxmox first.",
  },
  {
    kind: "ha-managed",
    pattern: /used in HA resources/i,
    sentence: () => "High availability manages the guest; remove it from HA in Proxmox first.",
  },
  {
    kind: "replicated",
    pattern: /there is a replication job/i,
    sentence: () => "The guest has a replication job; remove the job in Proxmox first.",
  },
  {
    kind: "template",
    pattern: /if it's a template/i,
    sentence: () => "The guest is a template and cannot run; clone it instead.",
  },
  {
    kind: "no-quorum",
    pattern: /no quorum|unable to open file '\/etc\/pve\/.*permission denied/i,
    sentence: () => "The cluster has no quorum; bring its nodes back before changing anything.",
  },
  {
    kind: "wrong-state",
    pattern: /container is running|is running - destroy failed/i,
    sentence: () => "The guest is running; shut it down first.",
  },
  {
    kind: "modified",
    pattern: /detected modified configuration/i,
    sentence: () => "Somebody else changed the guest's configuration at the same time; try again.",
  },
  {
    kind: "task-failed",
    pattern: /quit\/powerdown failed|container did not stop|lxc-stop.*failed/i,
    sentence: () =>
      "The guest did not shut down in time and still runs; try again, or stop it, which cuts its power.",
  },
  {
    kind: "node-unreachable",
    pattern: /hostname lookup '([^']+)' failed/i,
    sentence: ([, node]) => `The cluster has no node ${node}, or cannot find its address.`,
  },
];

/** What Proxmox's own words mean, if they are known. */
function classifyText(text: string): { kind: ProxmoxErrorKind; message: string } | undefined {
  for (const { kind, pattern, sentence } of textRules) {
    const match = pattern.exec(text);
    if (match) return { kind, message: sentence(match) };
  }
  return undefined;
}

/** The error that a response other than 2xx stands for. */
export function errorOfResponse(call: CallDescription, response: FailedResponse): ProxmoxError {
  const { status } = response;
  const known = errorOfStatus(call, response);
  if (known) return new ProxmoxError(known.kind, known.message, { status });

  const text = firstLine(response.message || response.reason);
  const classified = classifyText(text);
  if (classified) return new ProxmoxError(classified.kind, classified.message, { status });

  const kind = status === 403 ? "forbidden" : "unexpected";
  return new ProxmoxError(kind, `Proxmox refused: ${ended(text || `status ${status}`)}`, {
    status,
  });
}

function errorOfStatus(
  call: CallDescription,
  { status, reason, errors = {} }: FailedResponse,
): { kind: ProxmoxErrorKind; message: string } | undefined {
  if (status === 400) return { kind: "bad-parameter", message: parameterMessage(reason, errors) };
  if (status === 401) {
    return {
      kind: "unauthorized",
      message: "Proxmox does not accept the API token; check PROXMOX_TOKEN_ID and its secret.",
    };
  }
  if (status === 501) {
    return {
      kind: "not-implemented",
      message: `This Proxmox does not know ${call.method} ${call.path}; it may be too old.`,
    };
  }
  if (status === 595) return { kind: "node-unreachable", message: unreachableNode(call, reason) };
  if (status >= 502) {
    return isWrite(call)
      ? { kind: "outcome-unknown", message: unknownOutcome(call, `status ${status}`) }
      : { kind: "node-unreachable", message: unreachableNode(call, `status ${status}`) };
  }
  return undefined;
}

function parameterMessage(reason: string, errors: Readonly<Record<string, string>>): string {
  const details = Object.entries(errors).map(([name, text]) => `${name}: ${firstLine(text)}`);
  return `Proxmox refused the request: ${ended(details.join("; ") || firstLine(reason))}`;
}

function unreachableNode({ node }: CallDescription, reason: string): string {
  const who = node === undefined ? "A node of the cluster" : `Node ${node}`;
  return `${who} does not answer (${reason}); nothing was changed there.`;
}

function unknownOutcome({ method, path }: CallDescription, reason: string): string {
  return `It is unknown whether Proxmox carried out ${method} ${path} (${reason}); it was not sent again, look at the task list.`;
}

/** The error that a task's exit text stands for. */
export function errorOfTask(upid: string, exitStatus: string): ProxmoxError {
  if (exitStatus === "unexpected status") {
    const message = `The task was cut off, so its outcome is unknown: ${upid}.`;
    return new ProxmoxError("outcome-unknown", message, { upid });
  }
  const classified = classifyText(exitStatus);
  const kind = classified?.kind ?? "task-failed";
  const message = classified?.message ?? `The Proxmox task failed: ${ended(firstLine(exitStatus))}`;
  return new ProxmoxError(kind, message, { upid });
}

/** The error that a call without a response stands for. */
export function errorOfConnection(
  call: CallDescription,
  endpoint: string,
  cause: unknown,
): ProxmoxError {
  const code = codeOf(cause);
  if (cause instanceof FingerprintMismatchError) {
    const message = `${endpoint} shows another certificate than the one in PROXMOX_TLS_FINGERPRINT; if the node has renewed it, set the new one, or PROXMOX_CA_FILE instead; if it has not, somebody is on the way.`;
    return new ProxmoxError("bad-certificate", message, { cause });
  }
  if (isCertificateCode(code)) {
    const message = `The certificate of ${endpoint} is not trusted (${code}); set PROXMOX_CA_FILE to the cluster's /etc/pve/pve-root-ca.pem, or PROXMOX_TLS_FINGERPRINT.`;
    return new ProxmoxError("bad-certificate", message, { cause });
  }
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return errorOfBody(call, endpoint, cause);
  if (isWrite(call) && !neverSent(cause)) {
    return new ProxmoxError("outcome-unknown", unknownOutcome(call, code), { cause });
  }
  if (isTimeout(code) && call.node !== undefined) {
    return new ProxmoxError("node-unreachable", unreachableNode(call, "timed out"), { cause });
  }
  const message = `No connection to Proxmox at ${endpoint} (${code}); check that it runs and that PROXMOX_URL is right.`;
  return new ProxmoxError("unreachable", message, { cause });
}

/** The error that a 2xx response with an unreadable body stands for. */
export function errorOfBody(call: CallDescription, endpoint: string, cause: unknown): ProxmoxError {
  if (isWrite(call)) {
    return new ProxmoxError("outcome-unknown", unknownOutcome(call, "unreadable answer"), {
      cause,
    });
  }
  const message = `${endpoint} gave ${call.path} an answer that Proxmox VE does not give; check PROXMOX_URL.`;
  return new ProxmoxError("unexpected", message, { cause });
}

/** Whether the same read may do better on another connection, or through another endpoint. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ProxmoxError)) return false;
  if (error.status !== undefined) return error.status >= 595 && error.status <= 599;
  return error.kind === "unreachable" && !isTimeout(codeOf(error.cause));
}

/** Reads may be repeated; everything else may not. */
function isWrite({ method }: CallDescription): boolean {
  return method !== "GET";
}

const timeoutCodes = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "CALL_DEADLINE"];

function isTimeout(code: string): boolean {
  return timeoutCodes.includes(code);
}

function isCertificateCode(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/.test(code);
}

/** Whether the connection failed before a byte of the request could be sent. */
function neverSent(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.every(neverSent);
  const { syscall } = cause as { syscall?: unknown };
  return (
    syscall === "connect" ||
    syscall === "getaddrinfo" ||
    codeOf(cause) === "UND_ERR_CONNECT_TIMEOUT"
  );
}

function codeOf(cause: unknown): string {
  const { code, name } = cause as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name);
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
