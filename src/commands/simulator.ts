import { Command, InvalidArgumentError } from "commander";
import { PublicError } from "#src/errors.ts";
import { demoSeedFile, readSeedFile } from "#src/simulator/seed-file.ts";
import { createSimulator, type StartedSimulator } from "#src/simulator/simulator.ts";
import { runCommand } from "./run-command.ts";

interface Options {
  readonly port: number;
  readonly seed?: string;
  readonly tls?: boolean;
}

const command = new Command("simulator")
  .description("Runs a simulated Proxmox VE cluster until it is interrupted.")
  .option("--port <number>", "where to listen on 127.0.0.1; 0 takes a free port", toPort, 8006)
  .option("--seed <file>", "the cluster to simulate (default: data/demo/cluster.json)")
  .option("--tls", "speak HTTPS, with a certificate made for this run");

await runCommand(command, async () => {
  const { port, seed: seedFile = demoSeedFile, tls = false } = command.opts<Options>();
  const interrupted = signalled("SIGINT", "SIGTERM", "SIGHUP");
  const simulator = createSimulator({ seed: await readSeedFile(seedFile), port, tls });
  const started = await simulator.start().catch((cause: unknown) => {
    throw new PublicError(`Nothing can listen on 127.0.0.1:${port}; try another --port.`, {
      cause,
    });
  });
  process.stdout.write(describe(started));
  await interrupted;
  await simulator.stop();
  return 0;
});

/** What to put into .env to use it. */
function describe({ url, tokenId, tokenSecret, root, ca }: StartedSimulator): string {
  return [
    `A simulated Proxmox VE cluster listens on ${url}; Ctrl-C ends it.`,
    "",
    `PROXMOX_URL=${url}`,
    `PROXMOX_TOKEN_ID=${tokenId}`,
    `PROXMOX_TOKEN_SECRET=${tokenSecret}`,
    "",
    `root's token: ${root.tokenId}=${root.tokenSecret}`,
    `faults and the rest: POST ${url}/simulator/…`,
    ...(ca === undefined ? [] : ["", "Its certificate, for PROXMOX_CA_FILE:", ca.trimEnd()]),
    "",
  ].join("\n");
}

function signalled(...signals: readonly NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
}

function toPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a port between 0 and 65535.");
}
