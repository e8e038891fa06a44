/** A node, and its load. */
export interface ClusterNode {
  readonly name: string;
  readonly online: boolean;
  /** Share of its CPUs, 0 to 1; absent where the token may not read it. */
  readonly cpu?: number | undefined;
  readonly memoryUsed?: number | undefined;
  readonly memoryTotal?: number | undefined;
  readonly uptime?: number | undefined;
}

/** The cluster as a whole; a standalone node is a cluster of one. */
export interface ClusterStatus {
  /** Absent on a standalone node. */
  readonly name?: string | undefined;
  /** A standalone node is always quorate. */
  readonly quorate: boolean;
  readonly version: string;
  readonly nodes: readonly ClusterNode[];
}

/** Tells how the cluster is. Reads. */
export interface Cluster {
  status(signal: AbortSignal): Promise<ClusterStatus>;
}
