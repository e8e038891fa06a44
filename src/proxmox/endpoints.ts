import { Pool } from "undici";
import { createConnector, type TlsTrust } from "./tls.ts";

/** How long a call may take, in milliseconds. */
export interface ClientTimeouts {
  readonly connect: number;
  /** Proxmox itself gives up on another node after thirty seconds. */
  readonly headers: number;
  readonly body: number;
  /** From asking to the last byte: who sends one now and then is not waited for. */
  readonly total: number;
  /** How long after its start a read that failed may be tried again. */
  readonly repeat: number;
}

/** One node's API address and the connections to it. */
export interface Endpoint {
  /** Such as `https://pve1:8006`. */
  readonly origin: string;
  readonly pool: Pool;
}

/** The addresses of one cluster; any of them answers for all nodes. */
export interface Endpoints {
  readonly size: number;
  /** The one to ask: the last that answered, or the next after one that did not. */
  preferred(): Endpoint;
  /** Whether the preferred one answered within the last ten seconds. */
  isKnownToLive(): boolean;
  noteAnswer(endpoint: Endpoint): void;
  noteFailure(endpoint: Endpoint): void;
  close(): Promise<void>;
}

const freshMilliseconds = 10_000;
/** Below the five seconds after which Proxmox closes an idle connection. */
const keepAliveMilliseconds = 3_000;
/** A hung node occupies four connections; the others must get theirs. */
const connectionsPerEndpoint = 16;
/** Bytes; the resources of a cluster with ten thousand guests take six million. */
const longestAnswer = 32 * 1024 * 1024;

/** @throws TypeError when one of `urls` is no URL. */
export function createEndpoints(
  urls: readonly string[],
  trust: TlsTrust,
  timeouts: ClientTimeouts,
): Endpoints {
  const endpoints = urls.map((url) => createEndpoint(url, trust, timeouts));
  let preferred = 0;
  let answeredAt = Number.NEGATIVE_INFINITY;

  const current = () => {
    const endpoint = endpoints[preferred];
    if (!endpoint) throw new TypeError("A Proxmox client needs at least one endpoint.");
    return endpoint;
  };
  return {
    size: endpoints.length,
    preferred: current,
    isKnownToLive: () => performance.now() - answeredAt < freshMilliseconds,
    noteAnswer(endpoint) {
      if (endpoint === current()) answeredAt = performance.now();
    },
    noteFailure(endpoint) {
      if (endpoint !== current()) return;
      preferred = (preferred + 1) % endpoints.length;
      answeredAt = Number.NEGATIVE_INFINITY;
    },
    async close() {
      await Promise.all(endpoints.map(({ pool }) => pool.close()));
    },
  };
}

function createEndpoint(url: string, trust: TlsTrust, timeouts: ClientTimeouts): Endpoint {
  const { origin } = new URL(url);
  const pool = new Pool(origin, {
    connect: createConnector(trust, timeouts.connect),
    connections: connectionsPerEndpoint,
    pipelining: 1,
    keepAliveTimeout: keepAliveMilliseconds,
    keepAliveMaxTimeout: keepAliveMilliseconds,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    maxResponseSize: longestAnswer,
  });
  return { origin, pool };
}
