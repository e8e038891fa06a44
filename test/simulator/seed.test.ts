import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demoSeedFile, readSeedFile } from "#src/simulator/seed-file.ts";
import { startSimulator } from "#test/support/simulator.ts";

async function seedFile(content: string): Promise<string> {
  const file = join(tmpdir(), `seed-${process.pid}.json`);
  await writeFile(file, content);
  return file;
}

describe("the demo", () => {
  it("is a cluster of nineteen guests on three nodes, and three people", async () => {
    const { nodes, guests, users } = await readSeedFile(demoSeedFile);

    expect(nodes.map(({ name }) => name)).toEqual(["pve1", "pve2", "pve3"]);
    expect(guests).toHaveLength(19);
    expect(users).toEqual([
      { id: "alice", name: "Alice", role: "admin", timezone: "Europe/Berlin" },
      { id: "bob", name: "Bob", role: "operator", timezone: "America/New_York" },
      { id: "carol", name: "Carol", role: "viewer", timezone: "UTC" },
    ]);
  });

  it("has the same guests at every start", async () => {
    const seed = await readSeedFile(demoSeedFile);
    const configs = async () => {
      await using simulator = await startSimulator(seed);
      const paths = seed.guests.map(({ node, kind, vmid }) => `/nodes/${node}/${kind}/${vmid}`);
      const replies = paths.map((path) => simulator.call("GET", `${path}/config`));
      return (await Promise.all(replies)).map(({ data }) => data);
    };

    const [first, second] = [await configs(), await configs()];

    expect(second).toEqual(first);
    const networks = first.map((config) => (config as { net0: string }).net0);
    expect(new Set(networks).size).toBe(19);
  });
});

describe("a guest of a seed", () => {
  it("is what its configuration says", async () => {
    await using simulator = await startSimulator({
      nodes: [{ name: "pve1" }],
      storages: [{ id: "local-lvm", content: ["images", "rootdir"] }],
      guests: [
        {
          vmid: 200,
          kind: "qemu",
          name: "db",
          node: "pve1",
          status: "stopped",
          tags: ["prod"],
          owner: "alice",
          lock: "backup",
          protection: 1,
          template: true,
          notes: "Handle with care",
          memory: 2048,
          disks: [32, 100],
        },
      ],
    });

    const { data } = await simulator.call("GET", "/nodes/pve1/qemu/200/config");

    expect(data).toMatchObject({
      name: "db",
      tags: "prod;owner-alice",
      lock: "backup",
      protection: 1,
      template: 1,
      description: "Handle with care\n",
      memory: "2048",
      scsi0: "local-lvm:base-200-disk-0,size=32G",
      scsi1: "local-lvm:base-200-disk-1,size=100G",
      meta: expect.stringMatching(/^creation-qemu=.+,ctime=\d{10}$/),
      smbios1: expect.stringMatching(/^uuid=[0-9a-f-]{36}$/),
      net0: expect.stringMatching(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0$/),
    });
  });
});

describe("a seed file", () => {
  it.each([
    ["no JSON", "{", "cannot be read as JSON"],
    ["an unknown key", '{"nodes":[{"name":"pve1","colour":"red"}]}', "colour"],
    [
      "a guest on a node that is not there",
      '{"nodes":[{"name":"pve1"}],"guests":[{"vmid":100,"kind":"lxc","name":"a","node":"pve2","status":"stopped"}]}',
      "no node is named pve2",
    ],
  ])("is refused with %s", async (_, content, problem) => {
    await expect(readSeedFile(await seedFile(content))).rejects.toThrow(problem);
  });

  it("is refused when it does not end", async () => {
    await expect(readSeedFile("/dev/zero")).rejects.toThrow("it is larger than 4096 KiB");
  });
});
