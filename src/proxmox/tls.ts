import type { TLSSocket } from "node:tls";
import { buildConnector } from "undici";

/** How the server's certificate is judged. */
export type TlsTrust =
  /** By the authorities that the system trusts. */
  | { readonly kind: "system" }
  /** By the cluster's own authority, `/etc/pve/pve-root-ca.pem`; the normal case. */
  | { readonly kind: "ca"; readonly pem: string }
  /** By the SHA-256 fingerprint of one certificate; breaks when the node renews it. */
  | { readonly kind: "fingerprint"; readonly sha256: string }
  /** Not at all. */
  | { readonly kind: "insecure" };

/** The server showed another certificate than the pinned one. */
export class FingerprintMismatchError extends Error {
  override readonly name = "FingerprintMismatchError";
  readonly code = "CERT_FINGERPRINT_MISMATCH";
}

/** Connects, and hands a connection on only when its certificate is trusted. */
export function createConnector(trust: TlsTrust, timeout: number): buildConnector.connector {
  switch (trust.kind) {
    case "system":
      return buildConnector({ timeout });
    case "ca":
      return buildConnector({ timeout, ca: trust.pem });
    case "insecure":
      return buildConnector({ timeout, rejectUnauthorized: false });
    case "fingerprint":
      return createPinnedConnector(trust.sha256, timeout);
  }
}

function createPinnedConnector(sha256: string, timeout: number): buildConnector.connector {
  // No session is resumed, so that every connection shows its certificate.
  const connect = buildConnector({ timeout, rejectUnauthorized: false, maxCachedSessions: 0 });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      const shown = (socket as Partial<TLSSocket>).getPeerCertificate?.()?.fingerprint256;
      if (shown !== undefined && sameFingerprint(shown, sha256)) return callback(null, socket);
      socket.destroy();
      callback(new FingerprintMismatchError("Another certificate than the pinned one."), null);
    });
}

function sameFingerprint(a: string, b: string): boolean {
  const digits = (text: string) => text.replaceAll(/[^0-9a-f]/gi, "").toLowerCase();
  return digits(a) === digits(b);
}
