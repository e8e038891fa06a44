import { expect, it } from "vitest";
import { startSimulator } from "#test/support/simulator.ts";

const path = (kind: string, vmid: number) => `/nodes/pve1/${kind}/${vmid}/rrddata`;

it("tells what a running guest did each minute, the present one not yet", async () => {
  await using simulator = await startSimulator();

  const { data } = await simulator.call("GET", path("lxc", 101), { timeframe: "hour" });

  const history = data as readonly Record<string, number>[];
  expect(history).toHaveLength(60);
  expect(history.at(-2)).toMatchObject({ cpu: expect.any(Number), netin: expect.any(Number) });
  expect(Object.keys(history.at(-1) ?? {})).toEqual(["time"]);
  expect((history.at(-1)?.time ?? 0) - (history.at(-2)?.time ?? 0)).toBe(60);
});

it("tells nothing of one that is stopped", async () => {
  await using simulator = await startSimulator();

  const { data } = await simulator.call("GET", path("qemu", 200), { timeframe: "hour" });

  expect((data as readonly object[]).filter((point) => "cpu" in point)).toEqual([]);
});
