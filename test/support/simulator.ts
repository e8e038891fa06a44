import type { Controls } from "#src/simulator/controls.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import {
  createSimulator,
  type SimulatorToken,
  type StartedSimulator,
} from "#src/simulator/simulator.ts";

/** What came back, parsed where it was JSON. */
export interface ApiReply {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly text: string;
  /** The `data` of the body; undefined where the body was empty. */
  readonly data: unknown;
  readonly message: string | undefined;
  readonly errors: Readonly<Record<string, string>> | undefined;
  readonly total: number | undefined;
}

type Form = Readonly<Record<string, string>>;
type Call = (method: string, path: string, form?: Form) => Promise<ApiReply>;

/** A running simulator, as a test uses it; it stops when the test disposes of it. */
export interface RunningSimulator extends StartedSimulator, AsyncDisposable {
  readonly controls: Controls;
  /** Calls the API with the sandbox's token. */
  readonly call: Call;
  /** Calls it as root. */
  readonly callAsRoot: Call;
  /** Calls it with that token, or without any. */
  callAs(token: SimulatorToken | undefined): Call;
  /** The task's exit status, once it has ended. */
  taskEnd(upid: unknown): Promise<string>;
  stop(): Promise<void>;
}

type Options = Partial<Omit<Parameters<typeof createSimulator>[0], "seed">>;

/** One node, one running container, one stopped machine. */
export const smallSeed: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local", content: "rootdir,images,backup" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "web1", node: "pve1", status: "running" },
    { vmid: 200, kind: "qemu", name: "vm1", node: "pve1", status: "stopped" },
  ],
};

/** Starts a simulator whose waits take a hundredth of their time. */
export async function startSimulator(
  seed: SeedInput = smallSeed,
  options: Options = {},
): Promise<RunningSimulator> {
  const simulator = createSimulator({ seed, pace: 0.01, refuseAfterMs: 20, ...options });
  const started = await simulator.start();
  const callAs = (token: SimulatorToken | undefined) => createCall(started.url, token);
  const callAsRoot = callAs(started.root);
  return {
    ...started,
    controls: simulator.controls,
    call: callAs(started),
    callAsRoot,
    callAs,
    taskEnd: (upid) => taskEnd(callAsRoot, String(upid)),
    stop: () => simulator.stop(),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

function createCall(url: string, token: SimulatorToken | undefined): Call {
  const authorization = token && `PVEAPIToken=${token.tokenId}=${token.tokenSecret}`;
  return async (method, path, form) => {
    const parameters = form && new URLSearchParams(form);
    const inQuery = method === "GET" || method === "DELETE";
    const query = parameters && inQuery ? `?${parameters}` : "";
    const response = await fetch(`${url}/api2/json${path}${query}`, {
      method,
      headers: { ...(authorization && { authorization }) },
      ...(parameters && !inQuery && { body: parameters }),
    });
    const text = await response.text();
    const body = text.startsWith("{") ? JSON.parse(text) : {};
    const { data, message, errors, total } = body;
    const { status, statusText, headers } = response;
    return { status, reason: statusText, headers, text, data, message, errors, total };
  };
}

async function taskEnd(call: Call, upid: string): Promise<string> {
  const node = upid.split(":")[1];
  for (;;) {
    const { data } = await call("GET", `/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`);
    const { status, exitstatus } = data as { status: string; exitstatus?: string };
    if (status === "stopped") return exitstatus ?? "";
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
