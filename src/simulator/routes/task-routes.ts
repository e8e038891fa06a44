import { type Caller, callerId } from "#src/simulator/acl.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import type { Task } from "#src/simulator/tasks.ts";

const defaultLimit = 50;
const clusterLimit = 25;

/** Tasks: their lists, state and log. Without Sys.Audit a token sees its own only. */
export function taskRoutes({ tasks, acl }: Simulation): readonly Route[] {
  function isVisible(task: Task, caller: Caller): boolean {
    if (callerId(task.caller) === callerId(caller)) return true;
    return acl.allows(caller, `/nodes/${task.node}`, "Sys.Audit");
  }

  /** @throws ApiError 400 where there is no such task, 403 where it is somebody else's */
  function visibleTask(upid: string, caller: Caller): Task {
    const task = tasks.get(upid);
    if (!isVisible(task, caller)) acl.demand(caller, `/nodes/${task.node}`, "Sys.Audit");
    return task;
  }

  return [
    route({
      method: "GET",
      path: "/cluster/tasks",
      handle(_, caller) {
        const visible = tasks.list().filter((task) => isVisible(task, caller));
        return { data: visible.slice(0, clusterLimit).map(clusterTask) };
      },
    }),
    route({
      method: "GET",
      path: "/nodes/{node}/tasks",
      parameters: {
        source: "string?",
        vmid: "integer?",
        typefilter: "string?",
        userfilter: "string?",
        since: "integer?",
        until: "integer?",
        errors: "boolean?",
        statusfilter: "string?",
        start: "integer?",
        limit: "integer?",
      },
      handle(filter, caller) {
        const found = tasks
          .list()
          .filter((task) => task.node === filter.node && isVisible(task, caller))
          .filter((task) => matches(task, filter));
        const { start = 0, limit = defaultLimit } = filter;
        return { total: found.length, data: found.slice(start, start + limit).map(listedTask) };
      },
    }),
    route({
      method: "GET",
      path: "/nodes/{node}/tasks/{upid}/status",
      handle: ({ upid }, caller) => ({ data: taskStatus(visibleTask(upid, caller)) }),
    }),
    route({
      method: "GET",
      path: "/nodes/{node}/tasks/{upid}/log",
      parameters: { start: "integer?", limit: "integer?" },
      handle({ upid, start = 0, limit = defaultLimit }, caller) {
        const lines = visibleTask(upid, caller).log.map((t, index) => ({ n: index + 1, t }));
        return { total: lines.length, data: lines.slice(start, start + limit) };
      },
    }),
    route({
      method: "DELETE",
      path: "/nodes/{node}/tasks/{upid}",
      handle({ upid }, caller) {
        tasks.stop(visibleTask(upid, caller).upid);
        return { data: null };
      },
    }),
  ];
}

interface Filter {
  readonly source?: string | undefined;
  readonly vmid?: number | undefined;
  readonly typefilter?: string | undefined;
  readonly userfilter?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly errors?: boolean | undefined;
  readonly statusfilter?: string | undefined;
}

function matches(task: Task, filter: Filter): boolean {
  const { source = "archive", vmid, typefilter, userfilter, since, until } = filter;
  const ended = task.exitStatus !== undefined;
  return (
    (source === "all" || (source === "active") === !ended) &&
    (vmid === undefined || task.id === String(vmid)) &&
    (typefilter === undefined || task.type === typefilter) &&
    (userfilter === undefined || callerId(task.caller).includes(userfilter)) &&
    (since === undefined || task.startTime >= since) &&
    (until === undefined || task.startTime <= until) &&
    matchesOutcome(task, filter)
  );
}

function matchesOutcome({ exitStatus }: Task, { errors, statusfilter }: Filter): boolean {
  if (errors && exitStatus === "OK") return false;
  return statusfilter === undefined || statusfilter.split(/[\s,;]+/).includes(kindOf(exitStatus));
}

function kindOf(exitStatus: string | undefined): "ok" | "warning" | "unknown" | "error" {
  if (exitStatus === undefined || exitStatus === "unexpected status") return "unknown";
  if (exitStatus === "OK") return "ok";
  return exitStatus.startsWith("WARNINGS") ? "warning" : "error";
}

function taskStatus(task: Task) {
  const { exitStatus } = task;
  return {
    ...processOf(task),
    ...(exitStatus === undefined
      ? { status: "running" }
      : { status: "stopped", exitstatus: exitStatus }),
  };
}

/** In lists the status is how the task ended. */
function listedTask(task: Task) {
  return { ...processOf(task), ...ending(task), ...(!task.exitStatus && { status: "RUNNING" }) };
}

function clusterTask(task: Task) {
  const { pid: _pid, pstart: _pstart, ...listed } = processOf(task);
  return { ...listed, ...ending(task), ...(task.exitStatus && { saved: "1" }) };
}

function ending({ endTime, exitStatus }: Task) {
  return exitStatus === undefined ? {} : { endtime: endTime, status: exitStatus };
}

function processOf({ upid, node, type, id, caller, pid, pstart, startTime }: Task) {
  return {
    upid,
    node,
    type,
    id,
    pid,
    pstart,
    starttime: startTime,
    user: caller.user,
    ...(caller.tokenName !== undefined && { tokenid: caller.tokenName }),
  };
}
