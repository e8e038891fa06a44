import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { nothing } from "#src/proxmox/responses.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "#test/support/simulator.ts";

const cluster = useCluster();
const guest = "/nodes/pve1/qemu/200";
const deletes = (simulator: RunningSimulator) =>
  simulator.controls.journal().filter(({ method }) => method === "DELETE");

describe("a guarded call", () => {
  it("is sent when its guard has nothing against it, which is asked once", async () => {
    let asked = 0;
    const guard = () => {
      asked += 1;
    };
    await cluster.client.delete(guest, nothing, { signal, guard });
    expect(deletes(cluster.simulator)).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it("is not sent when its guard throws, and rejects with just that", async () => {
    const reason = new Error("the lease is lost");
    const guard = () => {
      throw reason;
    };
    const call = cluster.client.delete(guest, nothing, { signal, guard });
    await expect(call).rejects.toBe(reason);
    expect(deletes(cluster.simulator)).toEqual([]);
    expect(await cluster.client.get(`${guest}/config`, nothing, { signal })).toBeDefined();
  });

  it("asks its guard after connecting, however long that took", async () => {
    await using simulator = await startSimulator(smallSeed, { tls: true });
    let isLate = false;
    await using slow = createServer((socket) => {
      setTimeout(() => {
        isLate = true;
        const server = connect(Number(new URL(simulator.url).port), "127.0.0.1");
        socket.pipe(server).pipe(socket);
        for (const end of [socket, server]) end.on("error", () => undefined);
      }, 40);
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const { port } = slow.address() as AddressInfo;
    const client = clientOf(simulator, {
      endpoints: [`https://127.0.0.1:${port}`],
      tls: { kind: "ca", pem: simulator.ca ?? "" },
    });
    const guard = () => {
      if (isLate) throw new Error("too late");
    };

    await expect(client.delete(guest, nothing, { signal, guard })).rejects.toThrow("too late");
    expect(deletes(simulator)).toEqual([]);
    await client.close();
  });
});
