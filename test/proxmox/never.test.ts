import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { useCluster } from "#test/support/cluster.ts";
import { backUp, clientOf, proxmoxOf, signal } from "#test/support/proxmox.ts";

/** All that can reach Proxmox: no other folder has its client. */
const files = globSync("src/proxmox/**/*.ts");

/** What gets past what protects a guest. */
const forbidden: readonly (readonly [string, RegExp])[] = [
  ["skiplock", /skip_?lock/i],
  ["force", /\bforce(?:Stop|-stop)?["']?\s*:/],
  ["a shutdown that is overruled", /overrule-shutdown/],
  ["disks that nobody refers to", /destroy-unreferenced-disks/],
  ["a guest's lock or protection", /\bparameters\b[^;]*\b(?:lock|protection)\b/],
];

describe("what no source ever sends to Proxmox", () => {
  it.each(forbidden)("is %s", (_, pattern) => {
    const code = (file: string) =>
      readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");

    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => pattern.test(code(file)))).toEqual([]);
  });
});

describe("what is sent to Proxmox", () => {
  const cluster = useCluster({
    nodes: [{ name: "pve1" }],
    storages: [{ id: "local", content: "rootdir,images,backup" }],
    guests: [
      { vmid: 101, kind: "lxc", name: "web1", node: "pve1", status: "running" },
      { vmid: 200, kind: "qemu", name: "vm1", node: "pve1", status: "running" },
    ],
  });

  it.each([101, 200])(
    "has in no change of guest %i what gets past its protection",
    async (vmid) => {
      const client = clientOf(cluster.simulator, { ...cluster.simulator.root });
      const ports = proxmoxOf(cluster.simulator, client);
      const { power, preparation, destroyer, backups, marks, vmids } = ports;
      const guest = await cluster.identify(vmid);
      const options = { signal };
      await marks.set(guest, "delete-a", signal);
      const marked = await cluster.identify(vmid);
      await power.reboot(marked, options);
      await power.stop(marked, options);
      const backup = await backUp({ preparation }, marked, "local");
      await destroyer.destroy(marked, options);
      await backups.restore(backup, { node: "pve1", vmid: await vmids.next(signal) }, options);
      await backups.remove(backup, signal);
      await client.close();

      const writes = cluster.calls("POST", "PUT", "DELETE");
      expect(writes.length).toBeGreaterThan(6);
      const sent = writes.flatMap(({ input }) => Object.keys(input ?? {}));
      expect(sent).toContain("purge");
      for (const name of [
        "skiplock",
        "force",
        "forceStop",
        "overrule-shutdown",
        "protection",
        "lock",
      ]) {
        expect(sent).not.toContain(name);
      }
    },
  );
});
