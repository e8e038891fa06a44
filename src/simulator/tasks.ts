import { type Caller, callerId } from "./acl.ts";
import { parameterError } from "./api-error.ts";
import { createTaskOrders, type TaskOrder } from "./task-orders.ts";
import type { Waits } from "./waits.ts";

/** What a task's work may do besides changing the world. */
export interface TaskContext {
  readonly pid: number;
  log(line: string): void;
  /** @throws AbortError when somebody stops the task */
  sleep(ms: number): Promise<void>;
}

/** Whoever throws ends the task with the message as its exit status. */
export type Work = (task: TaskContext) => void | Promise<void>;

interface TaskRequest {
  readonly node: string;
  readonly type: string;
  /** A VMID, or whatever else it is about; may be empty. */
  readonly id: string;
  readonly caller: Caller;
  readonly work: Work;
}

/** A Proxmox task, running until it has an exit status. */
export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly caller: Caller;
  readonly pid: number;
  readonly pstart: number;
  /** Seconds since the epoch, as the next. */
  readonly startTime: number;
  endTime?: number;
  exitStatus?: string;
  readonly log: string[];
  readonly abort: AbortController;
}

/** How the next tasks of a type end, whatever they do. */
export interface TaskEnding extends TaskOrder {
  readonly exitStatus: string;
  /** Whether the work is done all the same before the task ends so. */
  readonly acts: boolean;
}

/** How much longer than usual the next tasks of a type take. */
export interface TaskDelay extends TaskOrder {
  /** Of the simulated world's time. */
  readonly ms: number;
  /** Whether they hesitate before they act, or linger after it. */
  readonly when: "before" | "after";
}

/** The cluster's tasks, running and ended. */
export interface Tasks {
  /** Begins the work at once and returns the UPID. */
  start(request: TaskRequest): string;
  /** @throws ApiError 400 "no such task" */
  get(upid: string): Task;
  /** Newest first. */
  list(): readonly Task[];
  /** Stops a running task's work. */
  stop(upid: string): void;
  /** The node went down: what ran there ended without a word. */
  killOn(node: string): void;
  end(ending: TaskEnding): void;
  slow(delay: TaskDelay): void;
}

interface Deps {
  readonly waits: Waits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const firstPid = 392;
/** How long a task runs that ends as it was told, without acting. */
const endingMs = 300;

/** No tasks yet; each starts when it is asked for. */
export function createTasks({ waits, now }: Deps): Tasks {
  const tasks = new Map<string, Task>();
  const endings = createTaskOrders<TaskEnding>();
  const delays = createTaskOrders<TaskDelay>();
  const bootedAt = now() - 5_588_000;
  let nextPid = firstPid;

  function create({ node, type, id, caller }: TaskRequest): Task {
    const [pid, startTime] = [nextPid++, Math.floor(now() / 1000)];
    const pstart = Math.floor((now() - bootedAt) / 10);
    const place = [pid, pstart, startTime].map(hex).join(":");
    const upid = `UPID:${node}:${place}:${type}:${id}:${callerId(caller)}:`;
    const abort = new AbortController();
    return { upid, node, type, id, caller, pid, pstart, startTime, log: [], abort };
  }

  async function run(task: Task, work: Work): Promise<string> {
    const context: TaskContext = {
      pid: task.pid,
      log: (line) => void task.log.push(line),
      sleep: (ms) => waits.sleep(ms, task.abort.signal),
    };
    const [ending, delay] = [endings.take(task), delays.take(task)];
    if (delay?.when === "before") await context.sleep(delay.ms);
    await (ending && !ending.acts ? context.sleep(endingMs) : work(context));
    if (delay?.when === "after") await context.sleep(delay.ms);
    return ending?.exitStatus ?? "OK";
  }

  function finish(task: Task, exitStatus: string): void {
    if (task.exitStatus !== undefined) return;
    task.exitStatus = exitStatus;
    task.endTime = Math.floor(now() / 1000);
    task.log.push(lastLine(exitStatus));
  }

  return {
    start(request) {
      const task = create(request);
      tasks.set(task.upid, task);
      run(task, request.work).then(
        (exitStatus) => finish(task, exitStatus),
        (error: Error) => finish(task, exitStatusOf(error)),
      );
      return task.upid;
    },
    get(upid) {
      const task = tasks.get(upid);
      if (!task) throw parameterError({ upid: "no such task" });
      return task;
    },
    list: () => [...tasks.values()].reverse(),
    stop: (upid) => tasks.get(upid)?.abort.abort(),
    killOn(node) {
      const running = [...tasks.values()].filter((task) => task.node === node && !task.exitStatus);
      for (const task of running) {
        finish(task, "unexpected status");
        task.abort.abort();
      }
    },
    end: endings.add,
    slow: delays.add,
  };
}

function lastLine(exitStatus: string): string {
  if (exitStatus === "OK") return "TASK OK";
  return exitStatus.startsWith("WARNINGS") ? `TASK ${exitStatus}` : `TASK ERROR: ${exitStatus}`;
}

function exitStatusOf(error: Error): string {
  return error.name === "AbortError" ? "received interrupt" : error.message.trimEnd();
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
