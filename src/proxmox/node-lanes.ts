import {
  BrokenCircuitError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
  wrap,
} from "cockatiel";
import { ProxmoxError } from "./proxmox-error.ts";

/** A node serves API calls with three workers, and a slow call occupies one. */
const callsAtOnce = 4;
/** Calls in a row that a node leaves unanswered before it is spared. */
const failuresToBreak = 5;

/** Runs the calls of one node; a call that still waits when its signal aborts is never made. */
export type Lane = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * One lane per node: four calls at once, the others wait their turn; a node that does not answer
 * is not asked again for `spareFor` milliseconds, and then by one call first.
 */
export function createNodeLanes(spareFor: number): (node: string | undefined) => Lane {
  const lanes = new Map<string, Lane>();
  return (node) => {
    const key = node ?? "";
    const lane = lanes.get(key) ?? createLane(node, spareFor);
    lanes.set(key, lane);
    return lane;
  };
}

function createLane(node: string | undefined, spareFor: number): Lane {
  const isUnanswered = (error: unknown) =>
    error instanceof ProxmoxError && error.kind === "node-unreachable";
  const policy = wrap(
    bulkhead(callsAtOnce, Number.POSITIVE_INFINITY),
    circuitBreaker(handleWhen(isUnanswered), {
      halfOpenAfter: spareFor,
      breaker: new ConsecutiveBreaker(failuresToBreak),
    }),
  );
  return (call, signal) =>
    policy.execute(call, signal).catch((error) => {
      if (error instanceof TaskCancelledError) throw signal.reason;
      if (!(error instanceof BrokenCircuitError)) throw error;
      const who = node === undefined ? "The cluster" : `Node ${node}`;
      const message = `${who} did not answer several times in a row and is left alone for a moment; nothing was sent, try again soon.`;
      throw new ProxmoxError("node-unreachable", message, { cause: error });
    });
}
