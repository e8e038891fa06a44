import type { Server } from "node:http";
import { type Clock, systemClock } from "#src/clock.ts";
import { createAdminListener } from "./admin-listener.ts";
import { createApi } from "./api.ts";
import { type ApiListener, createApiListener } from "./api-listener.ts";
import { type Certificate, createCertificate } from "./certificate.ts";
import { type Controls, createControls } from "./controls.ts";
import { createFaults } from "./faults.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { createJournal } from "./journal.ts";
import { assistantGrants } from "./privileges.ts";
import { type SeedInput, seedSchema } from "./seed.ts";
import { createSimulation, type Simulation } from "./simulation.ts";

/** A token to call with, as a configuration takes it. */
export interface SimulatorToken {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** Where a started simulator listens, and with which token. */
export interface StartedSimulator extends SimulatorToken {
  readonly url: string;
  /** A token of root's, which may do everything. */
  readonly root: SimulatorToken;
  /** PEM; what to trust, where it speaks HTTPS. */
  readonly ca?: string | undefined;
}

/** A Proxmox VE cluster that exists in this process only. */
export interface Simulator {
  start(): Promise<StartedSimulator>;
  /** Ends every connection, task and timer. */
  stop(): Promise<void>;
  readonly controls: Controls;
}

interface Options {
  /** @throws ZodError from {@link createSimulator} when it is no seed */
  readonly seed: SeedInput;
  readonly clock?: Clock;
  /** On the loopback interface; a free one when omitted. */
  readonly port?: number;
  /** HTTPS with a certificate made for this run. */
  readonly tls?: boolean;
  /** How long the simulated world's waits last: 1 is life-like, 0.01 a hundredth of it. */
  readonly pace?: number;
  /** How often the nodes report their guests' state to `cluster/resources`. */
  readonly collectEveryMs?: number;
  /** How long the HA manager takes to its next round, of the simulated world's time. */
  readonly haRoundMs?: number;
  /** How long a caller without a valid token waits for the refusal. */
  readonly refuseAfterMs?: number;
}

const assistant = {
  tokenId: "assistant@pve!sandbox",
  tokenSecret: "5a4db0c5-0000-4000-8000-000000000001",
};
const root = { tokenId: "root@pam!sandbox", tokenSecret: "5a4db0c5-0000-4000-8000-000000000002" };
const apiPrefix = "/api2/json";

/** Makes a simulator; it listens once it is started. */
export function createSimulator({
  seed: seedInput,
  clock = systemClock,
  port = 0,
  tls = false,
  pace = 1,
  collectEveryMs = 10_000,
  haRoundMs = 2000,
  refuseAfterMs = 3000,
}: Options): Simulator {
  const seed = seedSchema.parse(seedInput);
  let aheadMs = 0;
  const now = () => clock.now().epochMilliseconds + aheadMs;
  const [faults, journal, stopping] = [createFaults(), createJournal(), new AbortController()];
  let simulation = createWithTokens();
  let answerApi = createListener();
  let collecting: NodeJS.Timeout | undefined;
  let server: Server | undefined;

  function createWithTokens(): Simulation {
    const created = createSimulation({ seed, now, pace, haRoundMs });
    grantTokens(created);
    return created;
  }

  function createListener(): ApiListener {
    const { authenticate } = simulation.acl;
    const { signal } = stopping;
    const api = createApi(simulation);
    return createApiListener({ api, authenticate, faults, journal, refuseAfterMs, signal, now });
  }

  function reset(): void {
    simulation.waits.end();
    aheadMs = 0;
    faults.clear();
    journal.clear();
    simulation = createWithTokens();
    answerApi = createListener();
  }

  const setClock = (ahead: number) => {
    aheadMs = ahead;
  };
  const controls = createControls({
    simulation: () => simulation,
    faults,
    journal,
    reset,
    setClock,
  });
  const answerAdmin = createAdminListener(controls);

  return {
    controls,
    async start() {
      const certificate: Certificate | undefined = tls ? await createCertificate() : undefined;
      server = await createHttpServer((request, response) => {
        const [rawPath = "/", query = ""] = (request.url ?? "/").split("?");
        const answered = rawPath.startsWith(apiPrefix)
          ? answerApi(request, response, { path: rawPath.slice(apiPrefix.length) || "/", query })
          : answerAdmin(request, response, rawPath);
        answered.catch((error: Error) => {
          // A caller who hangs up is no defect of the simulator, and neither is its end.
          if (!request.socket.destroyed && !stopping.signal.aborted) process.emitWarning(error);
          request.socket.destroy();
        });
      }, certificate);
      const listening = await listen(server, port);
      collecting = setInterval(() => simulation.collector.collect(), collectEveryMs);
      const url = `${tls ? "https" : "http"}://127.0.0.1:${listening}`;
      return { url, ...assistant, root, ca: certificate?.cert };
    },
    async stop() {
      clearInterval(collecting);
      stopping.abort();
      simulation.waits.end();
      const closing = server;
      server = undefined;
      if (!closing) return;
      closing.closeAllConnections();
      await new Promise((resolve) => closing.close(resolve));
    },
  };
}

/** The sandbox's token has just what the assistant needs; root's has everything. */
function grantTokens({ acl }: Simulation): void {
  const [user = ""] = assistant.tokenId.split("!");
  acl.addToken({ id: assistant.tokenId, secret: assistant.tokenSecret, separated: true });
  acl.addToken({ id: root.tokenId, secret: root.tokenSecret, separated: false });
  for (const subject of [user, assistant.tokenId]) acl.grant(subject, assistantGrants);
}
