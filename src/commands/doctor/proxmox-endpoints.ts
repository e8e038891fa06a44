import { systemClock } from "#src/clock.ts";
import type { ClusterConfig } from "#src/config.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { version as versionSchema } from "#src/proxmox/responses.ts";
import type { Finding } from "./finding.ts";
import { parseTokenId } from "./pveum.ts";
import { quoted } from "./shell.ts";
import { judgeSkew } from "./skew.ts";

const about = "proxmox";

/** What came of asking one endpoint. */
interface EndpointReport {
  readonly findings: readonly Finding[];
  /** Proxmox's major version; absent where the endpoint cannot be worked with. */
  readonly major?: number;
}

/** Asks one address of the cluster, once, who it is: reachable, trusted, accepted, known, on time. */
export async function checkEndpoint(
  server: ClusterConfig,
  endpoint: string,
  signal: AbortSignal,
): Promise<EndpointReport> {
  const client = createProxmoxClient({
    ...server,
    endpoints: [endpoint],
    // The doctor tells what happens; it does not try until it goes well.
    timeouts: { repeat: 0 },
  });
  try {
    const { version } = await client.get("/version", versionSchema, { signal });
    const skew = Math.round(client.serverTime() - systemClock.now().epochMilliseconds / 1000);
    const message = `${endpoint} runs Proxmox VE ${version} and accepts the token; ${trustOf(server, endpoint)}.`;
    const well: Finding = { about, level: "ok", message };
    const major = Number.parseInt(version, 10);
    const doubts = [versionDoubt(endpoint, major), trustDoubt(server, endpoint), skewDoubt(skew)];
    return { major, findings: [well, ...doubts.filter((doubt) => doubt !== undefined)] };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return { findings: [describeFailure(error, server, endpoint)] };
  } finally {
    await client.close();
  }
}

function trustOf({ tls }: ClusterConfig, endpoint: string): string {
  if (endpoint.startsWith("http:")) return "no certificate is needed on this machine";
  const words: Readonly<Record<ClusterConfig["tls"]["kind"], string>> = {
    system: "an authority that this system trusts vouches for its certificate",
    ca: "the authority in PROXMOX_CA_FILE vouches for its certificate",
    fingerprint: "its certificate is the one in PROXMOX_TLS_FINGERPRINT, until the node renews it",
    insecure: "its certificate is not checked",
  };
  return words[tls.kind];
}

function trustDoubt({ tls }: ClusterConfig, endpoint: string): Finding | undefined {
  if (tls.kind !== "insecure") return undefined;
  const message =
    "PROXMOX_TLS_INSECURE is on: whoever is on the way to the cluster can read the token and act with it.";
  return { about, level: "warning", message, fix: copyAuthority(endpoint) };
}

function versionDoubt(endpoint: string, major: number): Finding | undefined {
  if (major === 8 || major === 9) return undefined;
  const message = `${endpoint} runs version ${major}; the program is made for Proxmox VE 8 and 9.`;
  return {
    about,
    level: major > 9 ? "warning" : "failure",
    message,
    fix: ["# upgrade the nodes, or use a release of this program that knows their version"],
  };
}

function skewDoubt(seconds: number): Finding | undefined {
  const effect = "times in requests, and the look for a lost task, go wrong by that much";
  return judgeSkew({ about, whose: "The cluster's", seconds, effect });
}

function describeFailure(error: ProxmoxError, server: ClusterConfig, endpoint: string): Finding {
  const { message } = error;
  return { about, level: "failure", message, fix: fixOf(error, server, endpoint) };
}

function fixOf(
  error: ProxmoxError,
  { tls, tokenId, deletionToken }: ClusterConfig,
  endpoint: string,
): readonly string[] {
  if (error.kind === "bad-certificate") return trustFix(codeOf(error.cause), tls.kind, endpoint);
  if (error.kind === "unauthorized") {
    const isSecond = tokenId === deletionToken?.tokenId;
    return tokenFix(tokenId, isSecond ? "PROXMOX_DELETE_TOKEN" : "PROXMOX_TOKEN");
  }
  return [
    "# is the address right, and does the node let this machine in? From here:",
    `curl --insecure ${endpoint}/api2/json/version   # answers 401 where a Proxmox VE listens`,
    "# then in .env: PROXMOX_URL",
  ];
}

function trustFix(
  code: string,
  trust: ClusterConfig["tls"]["kind"],
  endpoint: string,
): readonly string[] {
  if (code === "CERT_HAS_EXPIRED") {
    return ["# as root on that node:", "pvecm updatecerts --force"];
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return [
      "# in .env: PROXMOX_URL with a name or address that stands in the certificate. As root on that node:",
      "openssl x509 -in /etc/pve/local/pve-ssl.pem -noout -ext subjectAltName",
    ];
  }
  if (trust === "fingerprint") {
    return [
      "# in .env: PROXMOX_TLS_FINGERPRINT with what this says, as root on that node:",
      "openssl x509 -in /etc/pve/local/pve-ssl.pem -noout -fingerprint -sha256",
    ];
  }
  return copyAuthority(endpoint);
}

function copyAuthority(endpoint: string): readonly string[] {
  return [
    `scp root@${new URL(endpoint).hostname}:/etc/pve/pve-root-ca.pem pve-root-ca.pem`,
    "# then in .env, and neither PROXMOX_TLS_FINGERPRINT nor PROXMOX_TLS_INSECURE:",
    "PROXMOX_CA_FILE=pve-root-ca.pem",
  ];
}

function tokenFix(tokenId: string, setting: string): readonly string[] {
  const { user, name } = parseTokenId(tokenId);
  return [
    "# as root on any node of the cluster: is the token there, and neither it nor its user expired?",
    `pveum user token list ${quoted(user)}`,
    "# if so, its secret is another one. It is shown only once; a new one comes with a new token:",
    `pveum user token add ${quoted(user)} ${quoted(`${name}-2`)} --privsep 1`,
    `# then in .env: ${setting}_ID and ${setting}_SECRET of this new token`,
  ];
}

function codeOf(cause: unknown): string {
  return String((cause as { readonly code?: unknown } | undefined)?.code);
}
