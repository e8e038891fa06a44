import type { z } from "zod";
import { apiPath } from "./api-path.ts";
import { errorOfTask } from "./classify-error.ts";
import type { FollowOptions, TaskState } from "./guest-changes.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind, ProxmoxError } from "./proxmox-error.ts";
import { taskLog, taskStatus } from "./responses.ts";
import { listTasks, type TaskQuery } from "./task-list.ts";
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

/** Proxmox's word for a task that ended without saying how. */
const cutOff = "unexpected status";

/** A call that starts a task, and where that would be listed. */
export interface TaskStart extends Omit<TaskQuery, "since"> {
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
   *   milliseconds or the waiting is aborted, for the task goes on. What `onTask` rejects with ends
   *   the waiting, too.
   */
  follow(upid: string, deadline: number, options: FollowOptions): Promise<TaskEnd>;
  /** How the task stands at the moment. Throws only where its node cannot be asked. */
  look(upid: string, signal: AbortSignal): Promise<TaskState>;
  /** Our own task that runs already, as a process may have left it that ended since. */
  findRunning(query: Omit<TaskQuery, "since">, signal: AbortSignal): Promise<string | undefined>;
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
        if (!isKind(error, "outcome-unknown")) throw error;
        const found = await search(call, since, signal);
        if (found === undefined) throw error;
        return found;
      }
    },

    async follow(upid, deadline, { signal, onProgress, onTask }) {
      const { node } = requireTask(upid);
      const giveUpAt = performance.now() + deadline;
      const log = createLogReader(node, upid, onProgress);
      await onTask?.(upid);
      for (let wait = firstPoll; ; wait = Math.min(wait * 1.5, longestPoll)) {
        const status = await readStatus(node, upid, signal);
        await log.report(signal);
        await onTask?.(upid);
        if (status?.status === "stopped") return endOf(upid, status.exitstatus);
        if (performance.now() + wait > giveUpAt) throw timedOut(upid, deadline);
        await pause(wait, signal).catch((cause) => {
          throw stillRunning(`No longer waiting; the task still runs: ${upid}`, upid, cause);
        });
      }
    },

    async look(upid, signal) {
      const task = parseUpid(upid);
      if (!task) return { kind: "unknown", reason: `"${upid}" is no task of Proxmox VE.` };
      const path = apiPath`/nodes/${task.node}/tasks/${upid}/status`;
      return client.get(path, taskStatus, { signal }).then(stateOf, (error: unknown) => {
        const isUnreadable = isKind(error, "bad-parameter") || isKind(error, "forbidden");
        if (isUnreadable) return { kind: "unknown", reason: error.message };
        throw error;
      });
    },

    async findRunning(query, signal) {
      const listed = await listTasks(client, query, signal);
      return listed.find(({ isOurs, isRunning }) => isOurs && isRunning)?.upid;
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
  async function lookUp(call: TaskStart, since: number, signal: AbortSignal) {
    const listed = await listTasks(client, { ...call, since }, signal);
    return listed.find(({ isOurs }) => isOurs)?.upid;
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

function endOf(upid: string, exitStatus = cutOff): TaskEnd {
  if (exitStatus === "OK") return { upid };
  if (hasWarnings(exitStatus)) return { upid, warnings: exitStatus };
  throw errorOfTask(upid, exitStatus);
}

function stateOf({ status, exitstatus = cutOff }: z.infer<typeof taskStatus>): TaskState {
  if (status !== "stopped") return { kind: "running" };
  const ok = exitstatus === "OK" || hasWarnings(exitstatus);
  return { kind: "ended", ok, exitStatus: exitstatus };
}

function hasWarnings(exitStatus: string): boolean {
  return /^WARNINGS: \d+$/.test(exitStatus);
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

function isUnreachable(error: unknown): boolean {
  return isKind(error, "node-unreachable") || isKind(error, "unreachable");
}
