import type { ClusterConfig } from "#src/config.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import type { Finding } from "./finding.ts";
import { judgePrivileges } from "./judge-privileges.ts";
import { type Permissions, readPermissions } from "./permissions.ts";
import { capabilitiesOf, type Setup } from "./privileges.ts";
import { checkEndpoint } from "./proxmox-endpoints.ts";
import { parseTokenId, pathsOf } from "./pveum.ts";

/** What the program is to do with its tokens, whatever version the cluster has. */
export type Purpose = Omit<Setup, "major" | "part">;

/** One of the program's tokens, as the cluster knows it. */
export interface TokenReport {
  /** The addresses that can be worked with, and this token. */
  readonly server: ClusterConfig;
  readonly setup: Setup;
  /** Absent where the token is not accepted, or cannot be asked about. */
  readonly permissions?: Permissions | undefined;
  readonly findings: readonly Finding[];
}

/** What came of asking the cluster about the program's tokens. */
interface TokensReport {
  /** Of the cluster's addresses, asked with the first token. */
  readonly findings: readonly Finding[];
  /** Proxmox's major version; absent where no address can be worked with. */
  readonly major?: number;
  /** What each token may do; none where no address can be worked with. */
  readonly tokens: readonly TokenReport[];
}

/** Asks each address of the cluster with the first token, and then what each token may do. */
export async function readTokens(
  server: ClusterConfig,
  purpose: Purpose,
  signal: AbortSignal,
): Promise<TokensReport> {
  const asked = server.endpoints.map(async (endpoint) => ({
    endpoint,
    ...(await checkEndpoint(server, endpoint, signal)),
  }));
  const reports = await Promise.all(asked);
  const findings = reports.flatMap((report) => report.findings);
  const working = reports.filter(({ major }) => major !== undefined);
  if (working.length === 0) return { findings, tokens: [] };

  const endpoints = working.map(({ endpoint }) => endpoint);
  // Nodes of one cluster may run different versions while they are upgraded.
  const major = Math.min(...working.map((report) => report.major ?? 0));
  const { deletionToken } = server;
  const reached = { ...server, endpoints };
  const setup = { ...purpose, major };
  if (!deletionToken) return { findings, major, tokens: [await judge(reached, setup, signal)] };
  const tokens = await Promise.all([
    judge(reached, { ...setup, part: "agent" }, signal),
    judgeSecond({ ...reached, ...deletionToken }, { ...setup, part: "deletion" }, signal),
  ]);
  return { findings, major, tokens };
}

/** The token for deletions; the addresses have been judged with the first one. */
async function judgeSecond(
  server: ClusterConfig,
  setup: Setup,
  signal: AbortSignal,
): Promise<TokenReport> {
  const { findings, major } = await checkEndpoint(server, server.endpoints[0] ?? "", signal);
  const report =
    major === undefined ? { server, setup, findings } : await judge(server, setup, signal);
  const about = "deletion token";
  return { ...report, findings: report.findings.map((finding) => ({ ...finding, about })) };
}

async function judge(
  server: ClusterConfig,
  setup: Setup,
  signal: AbortSignal,
): Promise<TokenReport> {
  const client = createProxmoxClient(server);
  try {
    const permissions = await readPermissions(client, pathsOf(capabilitiesOf(setup)), signal);
    const findings = judgePrivileges(permissions, parseTokenId(server.tokenId), setup);
    return { server, setup, permissions, findings };
  } catch (error) {
    return { server, setup, findings: failureAbout("privileges")(error) };
  } finally {
    await client.close();
  }
}

/** What the cluster says against being asked, as a finding. */
export function failureAbout(about: string) {
  return (error: unknown): readonly Finding[] => {
    if (!(error instanceof ProxmoxError)) throw error;
    return [{ about, level: "failure", message: error.message }];
  };
}
