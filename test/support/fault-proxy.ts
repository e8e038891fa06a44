import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What happens to HTTP requests on their way, or to the answers. */
export type NetworkFault = {
  /** Which: matched against the request line and what is sent with it; all of them without it. */
  readonly request?: RegExp;
  /** How many, before all is well again; until {@link FaultProxy.clear} without it. */
  readonly times?: number;
} & (
  | { readonly kind: "latency"; readonly milliseconds: number }
  /** The connection breaks before the server sees the request. */
  | { readonly kind: "lost-request" }
  /** The server does what it is asked, and the connection breaks after so many bytes of the answer. */
  | { readonly kind: "lost-answer"; readonly afterBytes?: number }
  /** The server never sees the request, and nobody ever answers. */
  | { readonly kind: "black-hole" }
);

/** A proxy in front of a server, which does to the traffic what a test says. */
export interface FaultProxy extends AsyncDisposable {
  /** To use in the place of the server's own. */
  readonly url: string;
  /** Strikes requests from now on, those on open connections as well; of several the first that fits. */
  strike(fault: NetworkFault): void;
  clear(): void;
  /** How many requests were struck so far. */
  struck(): number;
}

/** Starts a proxy on a free port of 127.0.0.1 in front of `http://HOST:PORT`. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let planned: { readonly fault: NetworkFault; left: number }[] = [];
  let struck = 0;

  function faultFor(request: string): NetworkFault | undefined {
    const found = planned.find(
      ({ fault, left }) => left > 0 && fault.request?.test(request) !== false,
    );
    if (!found) return undefined;
    found.left -= 1;
    struck += 1;
    return found.fault;
  }

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let fault: NetworkFault | undefined;
    let allowed = Number.POSITIVE_INFINITY;
    const breakOff = () => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket.on("error", breakOff).on("close", () => sockets.delete(socket));
    }
    client.on("end", () => upstream.end());
    upstream.on("end", () => client.end());

    client.on("data", (piece) => {
      const text = piece.toString("latin1");
      // What does not begin a request belongs to the one before it.
      if (/^[A-Z]+ \S+ HTTP\/1/.test(text)) {
        fault = faultFor(text);
        allowed = fault?.kind === "lost-answer" ? (fault.afterBytes ?? 0) : Infinity;
      }
      if (fault?.kind === "lost-request") breakOff();
      else if (fault?.kind === "latency")
        setTimeout(() => upstream.write(piece), fault.milliseconds);
      else if (fault?.kind !== "black-hole") upstream.write(piece);
    });
    upstream.on("data", (piece) => {
      const passed = piece.subarray(0, allowed);
      allowed -= passed.length;
      client.write(passed);
      if (passed.length < piece.length) breakOff();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strike(fault) {
      planned.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      planned = [];
    },
    struck: () => struck,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
