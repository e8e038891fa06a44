import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { demoSeedFile, readSeedFile } from "#src/simulator/seed-file.ts";
import { testFolder } from "./program.ts";
import { type RunningSimulator, startSimulator } from "./simulator.ts";

/** The demo cluster, and what a program of its own needs to work on it. */
export interface DemoCluster {
  readonly simulator: RunningSimulator;
  /** The program's working directory, with its database `agent.db` and its log. */
  readonly folder: string;
  /** Settings for the real cluster that the program takes this for. */
  readonly env: Readonly<Record<string, string>>;
  /** The changes that arrived at the cluster, such as `POST /nodes/pve1/lxc/102/status/shutdown`. */
  changes(): readonly string[];
}

interface Options {
  /** The role of whoever runs the tests; without it there is no policy file. */
  readonly role?: string;
  readonly https?: boolean;
}

/** Starts the demo cluster for one test. */
export async function startDemoCluster({
  role,
  https: tls = false,
}: Options = {}): Promise<DemoCluster> {
  const simulator = await startSimulator(await readSeedFile(demoSeedFile), { tls });
  onTestFinished(() => simulator.stop());
  const folder = await testFolder();
  if (simulator.ca) await writeFile(join(folder, "ca.pem"), simulator.ca);
  // YAML takes JSON.
  const policy = { users: [{ id: userInfo().username, role, timezone: "Europe/Berlin" }] };
  await writeFile(join(folder, "policy.yaml"), JSON.stringify(policy));
  return {
    simulator,
    folder,
    env: {
      PROXMOX_URL: simulator.url,
      PROXMOX_TOKEN_ID: simulator.tokenId,
      PROXMOX_TOKEN_SECRET: simulator.tokenSecret,
      ...(simulator.ca && { PROXMOX_CA_FILE: join(folder, "ca.pem") }),
      DATABASE_PATH: join(folder, "agent.db"),
      ...(role && { POLICY_FILE: join(folder, "policy.yaml") }),
    },
    changes: () =>
      simulator.controls
        .journal()
        .filter(({ method }) => method !== "GET")
        .map(({ method, path }) => `${method} ${path}`),
  };
}
