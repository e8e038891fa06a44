import { describe, expect, it } from "vitest";
import { RefusedError } from "#src/actions/tool.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import type { ChangeOutcome, FollowOptions, GuestPower } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { aContext } from "#test/support/tool-context.ts";
import { rebootGuest } from "#tools/guests/reboot-guest.ts";
import { shutdownGuest } from "#tools/guests/shutdown-guest.ts";
import { startGuest } from "#tools/guests/start-guest.ts";
import { stopGuest } from "#tools/guests/stop-guest.ts";

const factories = {
  start: startGuest,
  shutdown: shutdownGuest,
  stop: stopGuest,
  reboot: rebootGuest,
};
type Act = keyof GuestPower;

function setup(act: Act, guest: GuestDetail, ending: ChangeOutcome | Error = done) {
  const acts: unknown[] = [];
  const record = (name: Act) => async (identity: unknown, options: FollowOptions) => {
    acts.push([name, identity]);
    options.onProgress?.("half way");
    if (ending instanceof Error) throw ending;
    return ending;
  };
  const power: GuestPower = {
    start: record("start"),
    shutdown: record("shutdown"),
    stop: record("stop"),
    reboot: record("reboot"),
  };
  return { acts, tool: factories[act]({ guests: guestsOf(guest), power }) };
}

const done: ChangeOutcome = { kind: "done", upid: "UPID:pve1:1" };
const running = aGuestDetail();
const stopped = aGuestDetail({ status: "stopped" });

describe.each([
  ["start", stopped, "start_guest", "reversible", "Start web-02 (CT 102 on pve1).", "running"],
  [
    "shutdown",
    running,
    "shutdown_guest",
    "disruptive",
    "Shut down web-02 (CT 102 on pve1).",
    "stopped",
  ],
  [
    "stop",
    running,
    "stop_guest",
    "disruptive",
    "Cut the power of web-02 (CT 102 on pve1): unsaved data is lost.",
    "stopped",
  ],
  [
    "reboot",
    running,
    "reboot_guest",
    "disruptive",
    "Restart web-02 (CT 102 on pve1): shut it down, then start it again.",
    "running",
  ],
] as const)("%s", (act, guest, name, effect, summary, status) => {
  it("says what would happen, to which guest, and does nothing yet", async () => {
    const { tool, acts } = setup(act, guest);

    const plan = await tool.plan({ guest: 102 }, aContext());

    expect({ name: tool.name, effect: tool.effect }).toEqual({ name, effect });
    expect(plan.summary).toBe(summary);
    expect(plan.unchanged).toBeUndefined();
    expect(plan.target.guest).toMatchObject({ vmid: 102, kind: "ct", fingerprint: "fp-102" });
    expect(plan.target.guest).not.toHaveProperty("uptime");
    expect(acts).toEqual([]);
  });

  it("acts once, on the guest that was planned, and reports the task", async () => {
    const { tool, acts } = setup(act, guest);
    const told: string[] = [];
    const onProgress = (message: string) => told.push(message);
    const plan = await tool.plan({ guest: "web-02" }, aContext());

    const result = await plan.apply(aContext({ onProgress }));

    expect(acts).toEqual([[act, plan.target.guest]]);
    expect(told).toEqual([plan.summary, "web-02: half way"]);
    expect(result).toEqual({ kind: "done", output: { status }, upid: "UPID:pve1:1" });
  });

  it("passes on that there was nothing to do after all", async () => {
    const unchanged = { kind: "unchanged", message: "It was faster." } as const;
    const { tool } = setup(act, guest, unchanged);
    const plan = await tool.plan({ guest: 102 }, aContext());

    expect(await plan.apply(aContext())).toEqual(unchanged);
  });

  it("passes on a failure", async () => {
    const failure = new ProxmoxError("still-running", "It still runs: UPID:pve1:1.");
    const { tool } = setup(act, guest, failure);
    const plan = await tool.plan({ guest: 102 }, aContext());

    await expect(plan.apply(aContext())).rejects.toBe(failure);
  });

  it("is refused while the guest is locked", async () => {
    const { tool } = setup(act, { ...guest, lock: "backup" });

    await expect(tool.plan({ guest: 102 }, aContext())).rejects.toThrow(
      "web-02 (CT 102 on pve1) is locked (backup); try again when that has finished.",
    );
  });

  it("has another target once the VMID belongs to another guest", async () => {
    const before = await setup(act, guest).tool.plan({ guest: 102 }, aContext());
    const successor = { ...guest, fingerprint: "fp-102-again" };
    const after = await setup(act, successor).tool.plan({ guest: 102 }, aContext());

    expect(after.target).not.toEqual(before.target);
  });
});

it("mentions what Proxmox warned of", async () => {
  const { tool } = setup("start", stopped, { ...done, warnings: "WARNINGS: 1" });
  const plan = await tool.plan({ guest: 102 }, aContext());

  expect(await plan.apply(aContext())).toMatchObject({ output: { warnings: "WARNINGS: 1" } });
});

it.each([
  ["start", running, "web-02 (CT 102 on pve1) is already running."],
  ["shutdown", stopped, "web-02 (CT 102 on pve1) is already stopped."],
  ["stop", stopped, "web-02 (CT 102 on pve1) is already stopped."],
] as const)("%s finds nothing to do in the wanted state", async (act, guest, message) => {
  const { tool } = setup(act, guest);

  expect((await tool.plan({ guest: 102 }, aContext())).unchanged).toBe(message);
});

it.each([
  ["reboot", stopped, "is stopped, so it cannot be restarted; start it instead"],
  ["start", { ...stopped, template: true }, "is a template, which cannot run"],
] as const)(
  "%s of the wrong guest is refused, and tells which guest",
  async (act, guest, reason) => {
    const { tool } = setup(act, guest);

    const error = await tool.plan({ guest: 102 }, aContext()).catch((cause: unknown) => cause);

    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ message: expect.stringContaining(reason) });
    expect((error as RefusedError).target.guest?.vmid).toBe(102);
  },
);

it("shows a name without characters that hide or turn text", async () => {
  const { tool } = setup("stop", aGuestDetail({ name: "web\u202e-02\u200b\n" }));

  const { summary } = await tool.plan({ guest: 102 }, aContext());

  expect(summary).toContain("Cut the power of web -02 (CT 102 on pve1)");
});
