import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Controls } from "#src/simulator/controls.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type ApiReply, type RunningSimulator, startSimulator } from "#test/support/simulator.ts";
import recorded from "./fixtures/recorded-calls.json" with { type: "json" };
import { missingIn, shapeOf } from "./shape.ts";

/** What a real cluster answered, one call after the other, on the lab below. */
const recordedCalls = z
  .array(
    z.strictObject({
      label: z.string(),
      caller: z.enum(["bot", "root", "none", "bad"]),
      method: z.string(),
      path: z.string(),
      form: z.record(z.string(), z.string()).optional(),
      status: z.int(),
      reason: z.string(),
      /** The whole body of a refusal. */
      body: z.unknown().optional(),
      data: z.unknown().optional(),
      shape: z.record(z.string(), z.string()).optional(),
      task: z
        .strictObject({
          type: z.string(),
          endsAtOnce: z.boolean().default(false),
          exitStatus: z.string(),
          /** How it ends; a real log has more lines before these. */
          log: z.array(z.string()),
        })
        .optional(),
    }),
  )
  .parse(recorded);

type RecordedCall = (typeof recordedCalls)[number];

const lab: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local", content: "vztmpl,rootdir,snippets,images,iso,backup" }],
  guests: [
    {
      vmid: 101,
      kind: "lxc",
      name: "web1",
      node: "pve1",
      status: "running",
      tags: ["prod", "web"],
    },
    { vmid: 102, kind: "lxc", name: "db1", node: "pve1", status: "stopped" },
    { vmid: 103, kind: "lxc", name: "web2", node: "pve2", status: "running" },
    { vmid: 104, kind: "lxc", name: "web1", node: "pve2", status: "stopped" },
    { vmid: 200, kind: "qemu", name: "vm1", node: "pve1", status: "running" },
  ].map((guest) => ({ ...guest, memory: 128, disks: [1] }) as const) as SeedInput["guests"],
};

const read = ["VM.Audit", "VM.GuestAgent.Audit", "Sys.Audit", "Pool.Audit", "Datastore.Audit"];
const botGrants = [
  { path: "/", privileges: read },
  { path: "/vms", privileges: [...read, "VM.PowerMgmt", "VM.Backup", "VM.Allocate"] },
  { path: "/storage/local", privileges: [...read, "Datastore.AllocateSpace"] },
];

/** What was done to the lab by other means than the API, before the call of that name. */
const interventions: Readonly<Record<string, (controls: Controls) => void>> = {
  vzdump: (controls) => controls.guest({ vmid: 102, lock: null }),
  "node process down": (controls) => controls.node({ node: "pve2", online: false }),
  "cluster status no quorum": (controls) => controls.quorum({ quorate: false }),
};

const tokens = {
  bot: { tokenId: "robot@pve!bot", tokenSecret: "b" },
  bad: { tokenId: "robot@pve!bot", tokenSecret: "wrong" },
};

let simulator: RunningSimulator;
/** The volume id that the lab's backup got this time. */
let backup = "";

beforeAll(async () => {
  simulator = await startSimulator(lab, { pace: 0.02, haRoundMs: 200_000 });
  const { tokenId: id, tokenSecret: secret } = tokens.bot;
  simulator.controls.token({ id, secret, grants: botGrants });
  // There was no operating system on the machine's disk.
  simulator.controls.guest({ vmid: 200, unresponsive: true });
});
afterAll(() => simulator.stop());

describe("the simulator answers as a real cluster did:", () => {
  it.each(recordedCalls)("$label", async (call) => {
    interventions[call.label]?.(simulator.controls);

    const reply = await repeat(call);

    expect({ status: reply.status, reason: masked(reply.reason) }).toEqual({
      status: call.status,
      reason: call.reason,
    });
    expect(reply.headers.get("connection")).toBe(call.status < 400 ? "Keep-Alive" : "close");
    if (call.status >= 400) expect(bodyOf(reply)).toEqual(call.body);
    if ("data" in call) expect(reply.data).toEqual(call.data);
    if (call.shape) expect(missingIn(shapeOf(JSON.parse(reply.text)), call.shape)).toEqual([]);
    if (call.task) await expectTask(reply.data, call.task);
    if (call.label === "backups") backup = (reply.data as { volid: string }[])[0]?.volid ?? "";
  });
});

function repeat({ caller, method, path, form = {} }: RecordedCall): Promise<ApiReply> {
  const fill = (text: string) => text.replace("BACKUP", backup);
  const filled = Object.entries(form).map(([key, value]) => [key, fill(value)]);
  const call = {
    bot: simulator.callAs(tokens.bot),
    bad: simulator.callAs(tokens.bad),
    root: simulator.callAsRoot,
    none: simulator.callAs(undefined),
  }[caller];
  return call(method, path, Object.fromEntries(filled));
}

async function expectTask(upid: unknown, expected: NonNullable<RecordedCall["task"]>) {
  const pid = String(upid).split(":")[2];
  expect(upid).toMatch(
    new RegExp(`^UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:${expected.type}:\\d+:.+!.+:$`),
  );
  const path = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}`;
  if (expected.endsAtOnce) {
    const { data } = await simulator.callAsRoot("GET", `${path}/status`);
    expect(data).toMatchObject({ status: "stopped" });
  }
  const known = (text: string) =>
    text
      .replace("PID", String(Number.parseInt(pid ?? "", 16)))
      .replace(/local:backup\/[\w.-]+/, backup);
  expect(await simulator.taskEnd(upid)).toBe(known(expected.exitStatus));
  const log = await simulator.callAsRoot("GET", `${path}/log`);
  const lines = (log.data as { t: string }[]).map(({ t }) =>
    t.replace(/\d{4}-\d\d-\d\d [\d:]+/, ""),
  );
  const wanted = expected.log.map((t) => known(t).replace(/\d{4}-\d\d-\d\d [\d:]+/, ""));
  expect(lines).toEqual(expect.arrayContaining(wanted));
  expect(lines.at(-1)).toBe(wanted.at(-1));
}

function bodyOf({ text }: ApiReply): unknown {
  if (text === "") return "";
  return JSON.parse(masked(text));
}

function masked(text: string): string {
  return text.replace(/\.conf\.tmp\.\d+/, ".conf.tmp.PID");
}
