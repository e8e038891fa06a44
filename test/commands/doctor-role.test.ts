import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Capability, capabilitiesOf, type Setup } from "#src/commands/doctor/privileges.ts";
import { parseTokenId, setUpCommands } from "#src/commands/doctor/pveum.ts";
import { roleScript } from "#src/commands/doctor/role-script.ts";
import type { GuestIdentity } from "#src/proxmox/guest.ts";
import { createLeftoverVolumes } from "#src/proxmox/leftover-volumes.ts";
import type { Proxmox } from "#src/proxmox/proxmox.ts";
import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { tokenSecret, typeIn } from "#test/support/doctor.ts";
import { backUp, clientOf, identityOf, proxmoxOf, signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "big", content: "rootdir,images" },
    { id: "nas", content: "backup" },
  ],
  guests: [
    { vmid: 101, kind: "lxc", name: "old", node: "pve1", status: "stopped" },
    { vmid: 102, kind: "lxc", name: "web", node: "pve1", status: "stopped" },
    { vmid: 200, kind: "qemu", name: "vm", node: "pve1", status: "running" },
  ],
};
const tokenIds = { agent: "assistant@pve!main", deletion: "assistant-delete@pve!main" } as const;
type Part = keyof typeof tokenIds;

const everything = { major: 9, backupStorage: "nas", mark: true } as const;
const settings: readonly Omit<Setup, "part">[] = [everything, { ...everything, pool: "lab" }];

/** A cluster whose guests are in the pool `lab`. */
async function startCluster(): Promise<RunningSimulator> {
  const simulator = await startSimulator(seed);
  onTestFinished(() => simulator.stop());
  await simulator.callAsRoot("POST", "/pools", { poolid: "lab" });
  await simulator.callAsRoot("PUT", "/pools", { poolid: "lab", vms: "101,102,200" });
  return simulator;
}

/** What a token is tried on; `asRoot` does what the token has no part in. */
interface Scene {
  readonly simulator: RunningSimulator;
  readonly asRoot: Proxmox;
  readonly client: ProxmoxClient;
  readonly ports: Proxmox;
}

async function identify({ asRoot }: Scene, vmid: number): Promise<GuestIdentity> {
  return identityOf(await asRoot.guests.find(String(vmid), signal));
}

/** A backup of a guest that is gone since. */
async function bury(scene: Scene, vmid: number) {
  const guest = await identify(scene, vmid);
  const backup = await backUp(scene.asRoot, guest, "nas");
  await scene.asRoot.destroyer.destroy(guest, { signal });
  return backup;
}

async function restore(scene: Scene, vmid: number) {
  const backup = await bury(scene, vmid);
  const place = { node: "pve1", vmid, pool: "lab" };
  await scene.ports.backups.restore(backup, place, { signal });
}

/** Does what each capability is for, as the program does it; rejects where it cannot. */
const doings: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  guests: ({ ports }) => ports.guests.find("101", signal),
  async addresses({ ports }) {
    expect((await ports.guests.find("200", signal)).addresses).not.toEqual([]);
  },
  async cluster({ ports }) {
    await ports.cluster.status(signal);
    const verdict = await ports.history.historySince(101, Date.now(), signal);
    expect(verdict).toEqual({ kind: "unchanged" });
  },
  async pools({ ports }) {
    expect((await ports.guests.find("101", signal)).pool).toBe("lab");
  },
  async power(scene) {
    await scene.ports.power.start(await identify(scene, 101), { signal });
  },
  async transfer(scene) {
    await scene.ports.ownership.setOwner(await identify(scene, 101), "bob", signal);
  },
  async storages({ client }) {
    const vmids = { isFree: async () => true };
    const volumes = await createLeftoverVolumes({ client, vmids }).of(101, "pve1", { signal });
    expect(volumes).toHaveLength(1);
  },
  async delete(scene) {
    await scene.ports.destroyer.destroy(await identify(scene, 101), { signal });
  },
  async backup(scene) {
    await backUp(scene.ports, await identify(scene, 102), "nas");
    await scene.ports.backups.remove(await bury(scene, 101), signal);
  },
  restore: (scene) => restore(scene, 102),
  async "restore disks"(scene) {
    const { data } = await scene.simulator.callAsRoot("POST", "/nodes/pve1/lxc", {
      vmid: "103",
      pool: "lab",
      ostemplate: "nas:vztmpl/debian.tar.zst",
      rootfs: "local-lvm:8",
      mp0: "big:4,mp=/data",
    });
    await scene.simulator.taskEnd(data);
    await restore(scene, 103);
  },
  async mark(scene) {
    await scene.ports.marks.set(await identify(scene, 101), "delete-1", signal);
  },
};

async function doWith(part: Part, lines: readonly string[], name: string, without?: string) {
  const simulator = await startCluster();
  typeIn(simulator, lines, without);
  const root = clientOf(simulator, simulator.root);
  onTestFinished(() => root.close());
  const asRoot = proxmoxOf(simulator, root);
  const doing = doings[name];
  if (!doing) throw new Error(`Nobody has said what ${name} is for.`);
  const client = clientOf(simulator, { tokenId: tokenIds[part], tokenSecret });
  onTestFinished(() => client.close());
  return doing({ simulator, asRoot, client, ports: proxmoxOf(simulator, client) });
}

/** Each capability of each token, guests of all pools or of one. */
const cases = settings.flatMap((setup) =>
  (["agent", "deletion"] as const).flatMap((part) =>
    capabilitiesOf({ ...setup, part }).map((capability) => ({ setup, part, capability })),
  ),
);
const titled = cases.map(({ setup, part, capability }) => ({
  title: `${capability.name} by the token ${part}${setup.pool ? " in a pool" : ""}`,
  setup,
  part,
  capability,
}));

function privilegesOf({ needs }: Capability): readonly string[] {
  return [...new Set(needs.map(({ privilege }) => privilege))];
}

describe("with what the commands grant", () => {
  it.each(titled)("the program can do $title", async ({ part, setup, capability }) => {
    await doWith(part, roleScript({ setup, oneToken: false }), capability.name);
  });
});

describe("without a single one of the privileges", () => {
  const table = titled.flatMap(({ capability, ...rest }) =>
    privilegesOf(capability).map((privilege) => ({ ...rest, name: capability.name, privilege })),
  );

  it.each(table)("$privilege the program fails at $title", async (row) => {
    const { part, setup, name, privilege } = row;
    const script = roleScript({ setup, oneToken: false });

    await expect(doWith(part, script, name, privilege)).rejects.toThrow();
  });
});

describe("what the table says of one capability", () => {
  /** What everything else rests on. */
  const basis = ["guests", "cluster"];

  it.each(titled)("is enough for $title", async ({ part, setup, capability }) => {
    const { name } = capability;
    const wanted = [...basis, name, ...(name === "restore disks" ? ["restore"] : [])];
    const all = capabilitiesOf({ ...setup, part });
    const capabilities = all.filter((one) => wanted.includes(one.name));
    const token = parseTokenId(tokenIds[part]);

    await doWith(part, setUpCommands({ token, setup: { ...setup, part }, capabilities }), name);
  });
});

it("is told in SECURITY.md, capability by capability", async () => {
  const text = await readFile("SECURITY.md", "utf8");
  const setup = { major: 9, backupStorage: "NAS", mark: true };
  const names = (part: Part) => capabilitiesOf({ ...setup, part }).map(({ name }) => name);
  const [agent, deletion] = [names("agent"), names("deletion")];
  const row = ({ name, needs }: Capability) => {
    const uses = [agent, deletion].map((used) => (used.includes(name) ? "yes" : "no"));
    const privileges = needs.map(({ privilege, path }) => `${privilege} on ${path}`);
    return `| ${name} | ${uses.join(" | ")} | ${privileges.join(", ")} |`;
  };

  const told = text.split("\n").filter((line) => / \| (yes|no) \| /.test(line));

  expect(told).toEqual(capabilitiesOf(setup).map(row));
});
