import { apiPath } from "./api-path.ts";
import { errorOfTask } from "./classify-error.ts";
import type { FollowOptions } from "./guest.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { tasks as taskList, taskLog, taskStatus } from "./responses.ts";
import { parseUpid, type Upid } from "./upid.ts";
import { pause } from "./waiting.ts";

/** How often a task is looked at, and how long the search for a lost one takes; milliseconds. */
export interface TaskTiming {
  readonly firstPoll: number;
  readonly longestPoll: number;
  /** Between the looks for a task of which the start was not answered. */
  readonly searchInterval: number;
  readonly searches: number;
}

const defaultTiming: TaskTiming = {
  firstPoll: 200,
  longestPoll: 5_000,
  searchInterval: 1_000,
  searches: 5,
};

/** A call that starts a task. */
export interface TaskStart {
  readonly node: string;
  readonly vmid: number;
  /** The types that the task may have, such as `vzstart` and `hastart`. */
  readonly types: readonly string[];
  /** Sends the call, once; what it resolves to is a task only if it is a UPID. */
  send(): Promise<string>;
}

/** A task that ended well. */
export interface TaskEnd {
  readonly upid: string;
  /** Proxmox's remark on a task that succeeded with warnings. */
  readonly warnings?: string | undefined;
}

/** Starts Proxmox's tasks and follows them to their end. */
export interface Tasks {
  /**
   * The UPID of the task that the call started. Where the call's outcome is unknown, the task is
   * looked for in the node's list; the call is never sent again.
   */
  start(call: TaskStart, signal: AbortSignal): Promise<string>;
  /**
   * Waits until the task has ended well.
   *
   * @throws ProxmoxError when it fails; `still-running` with the UPID when it outlasts `deadline`
   *   milliseconds or the waiting is aborted, for the task goes on.
   */
  follow(upid: string, deadline: number, options: FollowOptions): Promise<TaskEnd>;
}

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "serverTime" | "tokenId">;
  readonly timing?: Partial<TaskTiming> | undefined;
}

/** Starts and follows tasks; polls slow down while a task lasts. */
export function createTasks({ client, timing }: Deps): Tasks {
  const { firstPoll, longestPoll, searchInterval, searches } = { ...defaultTiming, ...timing };

  return {
    async start(call, signal) {
      // A second's grace: the server's clock is known to the second.
      const since = client.serverTime() - 1;
      try {
        return requireUpid(await call.send());
      } catch (error) {
        if (!isUnknown(error)) throw error;
        const found = await search(call, since, signal);
        if (found === undefined) throw error;
        return found;
      }
    },

    async follow(upid, deadline, { signal, onProgress }) {
      const { node } = requireTask(upid);
      const giveUpAt = performance.now() + deadline;
      const log = createLogReader(node, upid, onProgress);
      for (let wait = firstPoll; ; wait = Math.min(wait * 1.5, longestPoll)) {
        const status = await readStatus(node, upid, signal);
        await log.report(signal);
        if (status?.status === "stopped") return endOf(upid, status.exitstatus);
        if (performance.now() + wait > giveUpAt) throw timedOut(upid, deadline);
        await pause(wait, signal).catch((cause) => {
          throw stillRunning(`No longer waiting; the task still runs: ${upid}`, upid, cause);
        });
      }
    },
  };

  /** Nothing where it cannot be found out: the caller's outcome stays unknown then. */
  async function search(call: TaskStart, since: number, signal: AbortSignal) {
    for (let attempt = 0; attempt < searches && !signal.aborted; attempt += 1) {
      if (attempt > 0) await pause(searchInterval, signal).catch(() => undefined);
      const found = await lookUp(call, since, signal).catch(() => undefined);
      if (found) return found;
    }
    return undefined;
  }

  /** Our own token's newest task of one of the types on the guest since then. */
  async function lookUp({ node, vmid, types }: TaskStart, since: number, signal: AbortSignal) {
    const listed = await client.get(apiPath`/nodes/${node}/tasks`, taskList, {
      parameters: { source: "all", vmid, since },
      signal,
    });
    const ours = listed.filter((task) => {
      const upid = parseUpid(task.upid);
      return upid?.auth === client.tokenId && upid.startTime >= since && types.includes(upid.type);
    });
    return ours.sort((a, b) => b.starttime - a.starttime)[0]?.upid;
  }

  /** Nothing while the node cannot be asked: the task goes on without us. */
  async function readStatus(node: string, upid: string, signal: AbortSignal) {
    try {
      return await client.get(apiPath`/nodes/${node}/tasks/${upid}/status`, taskStatus, { signal });
    } catch (error) {
      if (signal.aborted) {
        throw stillRunning(`No longer waiting; the task may still run: ${upid}`, upid, error);
      }
      if (isUnreachable(error)) return undefined;
      if (!(error instanceof ProxmoxError)) throw error;
      const message = `The outcome of ${upid} cannot be read: ${error.message}`;
      throw new ProxmoxError("outcome-unknown", message, { upid, cause: error });
    }
  }

  function createLogReader(
    node: string,
    upid: string,
    onProgress: ((message: string) => void) | undefined,
  ) {
    let seen = 0;
    return {
      /** Tells the log's last line if it is new; a log that cannot be read is no failure. */
      async report(signal: AbortSignal): Promise<void> {
        if (!onProgress) return;
        const parameters = { start: seen, limit: 500 };
        const path = apiPath`/nodes/${node}/tasks/${upid}/log`;
        const lines = await client.get(path, taskLog, { parameters, signal }).catch(() => []);
        const fresh = lines.filter(({ t }) => t.trim() !== "" && t !== "no content");
        const last = fresh.at(-1);
        if (!last) return;
        seen = last.n;
        onProgress(last.t.trim());
      },
    };
  }
}

function endOf(upid: string, exitStatus = "unexpected status"): TaskEnd {
  if (exitStatus === "OK") return { upid };
  if (/^WARNINGS: \d+$/.test(exitStatus)) return { upid, warnings: exitStatus };
  throw errorOfTask(upid, exitStatus);
}

/** Only a string that starts with `UPID:` is a task; Proxmox says "OK" where it did nothing. */
function requireUpid(result: string): string {
  if (parseUpid(result)) return result;
  const message = `Proxmox started no task; it answered "${result}".`;
  throw new ProxmoxError("task-failed", message);
}

function requireTask(upid: string): Upid {
  const parsed = parseUpid(upid);
  if (!parsed) throw new TypeError(`Not a UPID: ${upid}`);
  return parsed;
}

function timedOut(upid: string, deadline: number): ProxmoxError {
  const message = `Timed out after ${Math.round(deadline / 1000)} s, the task still runs: ${upid}`;
  return stillRunning(message, upid);
}

function stillRunning(message: string, upid: string, cause?: unknown): ProxmoxError {
  return new ProxmoxError("still-running", message, { upid, cause });
}

function isUnknown(error: unknown): boolean {
  return error instanceof ProxmoxError && error.kind === "outcome-unknown";
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof ProxmoxError &&
    (error.kind === "node-unreachable" || error.kind === "unreachable")
  );
}
