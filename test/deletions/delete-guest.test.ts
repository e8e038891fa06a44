import { describe, expect, it } from "vitest";
import { RefusedError } from "#src/actions/tool.ts";
import { deleteGuest } from "#src/deletions/delete-guest.ts";
import { createDeletionStore, type NewDeletion } from "#src/deletions/deletion-store.ts";
import type { GuestDetail, HistoryVerdict } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { bob } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";

const runner = aGuestDetail({
  vmid: 103,
  name: "test-runner",
  status: "stopped",
  fingerprint: "fp-103",
});
const running = { ...runner, status: "running" } as const;
const upid = "UPID:pve1:destroy";

interface World {
  readonly guest?: GuestDetail | undefined;
  readonly planned?: NewDeletion;
  readonly now?: string;
  readonly destroyFails?: Error;
  readonly history?: HistoryVerdict;
}

async function setup(world: World = {}) {
  const { guest = runner, planned = aNewDeletion(), now = friday.toString() } = world;
  const clock = clockAt(now);
  const deletions = createDeletionStore(await testDatabase(), clock);
  const deletion = await deletions.schedule(planned);
  if (!deletion) throw new Error("nothing was scheduled");

  const acts: string[] = [];
  /** What happens while the guest shuts down. */
  const hooks: { duringShutdown?: () => Promise<unknown> } = {};
  const tool = deleteGuest({
    guests: guestsOf(...("guest" in world && !world.guest ? [] : [guest])),
    deletions,
    clock,
    history: { historySince: async () => world.history ?? { kind: "unchanged" } },
    power: {
      async shutdown({ vmid }) {
        acts.push(`shutdown ${vmid}`);
        await hooks.duringShutdown?.();
        return { kind: "done", upid: "UPID:pve1:shutdown" };
      },
    },
    destroyer: {
      async destroy({ vmid, fingerprint }) {
        const state = (await deletions.find(deletion.id))?.state;
        acts.push(`destroy ${vmid} ${fingerprint} while ${state}`);
        if (world.destroyFails) throw world.destroyFails;
        return { upid, leftoverVolumes: [] };
      },
    },
  });
  const plan = () => tool.plan({ deletionId: deletion.id }, aContext());
  return { tool, plan, deletions, deletion, acts, clock, hooks };
}

describe("planning", () => {
  it("names the guest and the deletion, and changes nothing", async () => {
    const { plan, deletions, deletion, acts } = await setup({ guest: running });

    const { summary, target } = await plan();

    expect(summary).toBe("Delete test-runner (CT 103 on pve1) for good.");
    expect(target).toMatchObject({
      guest: { vmid: 103, fingerprint: "fp-103" },
      deletion: { id: deletion.id, requestedBy: "bob", dueAt: "2026-11-27T17:00:00Z" },
    });
    expect(acts).toEqual([]);
    expect(await deletions.find(deletion.id)).toEqual(deletion);
  });

  it.each<[string, World, string]>([
    ["nobody confirmed it", { planned: aNewDeletion({ confirmedBy: undefined }) }, "confirmed"],
    ["it is not due yet", { now: "2026-11-27T16:59:59Z" }, "not due yet"],
    ["it is overdue", { now: "2026-11-27T17:30:01Z" }, "more than 30 minutes ago"],
    ["the guest is not found", { guest: undefined }, "may be gone, or hidden"],
    [
      "another guest has the VMID",
      { guest: { ...runner, name: "newcomer", fingerprint: "fp-103-again" } },
      "another guest has VMID 103 now: newcomer",
    ],
    [
      "it was deleted and restored meanwhile, which a fingerprint may not tell",
      { history: { kind: "changed", upids: ["UPID:pve1:vzrestore"] } },
      "VMID 103 was created or destroyed since (UPID:pve1:vzrestore)",
    ],
    [
      "its history cannot be known",
      { history: { kind: "unknown", reason: "node pve2 is away" } },
      "cannot be known: node pve2 is away",
    ],
  ])("is refused when %s", async (_, world, reason) => {
    const { plan, deletions, deletion } = await setup(world);

    const error = await plan().catch((cause: unknown) => cause);

    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ message: expect.stringContaining(reason) });
    expect((error as RefusedError).target).toMatchObject({
      guest: { vmid: 103, name: "test-runner" },
      deletion: { id: deletion.id },
    });
    expect(await deletions.find(deletion.id)).toEqual(deletion);
  });

  it("is allowed until the very end of the grace", async () => {
    const { plan } = await setup({ now: "2026-11-27T17:30:00Z" });
    await expect(plan()).resolves.toBeDefined();
  });

  it("does not take a cluster that does not answer for a guest that is gone", async () => {
    const { deletions, deletion, clock } = await setup();
    const unreachable = new ProxmoxError("unreachable", "The cluster does not answer.");
    const find = async () => {
      throw unreachable;
    };
    const power = { shutdown: () => Promise.reject(unreachable) };
    const destroyer = { destroy: () => Promise.reject(unreachable) };
    const history = { historySince: () => Promise.reject(unreachable) };
    const tool = deleteGuest({ guests: { find }, history, deletions, clock, power, destroyer });

    const planning = tool.plan({ deletionId: deletion.id }, aContext());
    await expect(planning).rejects.toBe(unreachable);
  });

  it("is refused after a move that nobody confirmed", async () => {
    const { plan, deletions, deletion } = await setup();
    await deletions.reschedule(deletion, { dueAt: friday, timeZone: "UTC" });

    await expect(plan()).rejects.toThrow("nobody has confirmed");
  });

  it("is refused once it was cancelled", async () => {
    const { plan, deletions, deletion } = await setup();
    await deletions.cancel(deletion.id, bob);

    await expect(plan()).rejects.toThrow("not planned but cancelled");
  });

  it.each([{ deletionId: "6f1d0f4c-9a1f-4f0e-8a53-0d4f9b6a2c11" }, { deletionId: 1 }, {}, null])(
    "is refused for %j",
    async (input) => {
      const { tool } = await setup();
      await expect(tool.plan(input, aContext())).rejects.toThrow(/deletion/);
    },
  );
});

describe("carrying out", () => {
  it("destroys a stopped guest after it claimed the deletion", async () => {
    const { plan, deletions, deletion, acts } = await setup();

    const result = await (await plan()).apply(aContext());

    expect(acts).toEqual(["destroy 103 fp-103 while executing"]);
    expect(result).toEqual({
      kind: "done",
      upid,
      output: { deleted: "test-runner (CT 103 on pve1)", leftoverVolumes: [] },
    });
    expect(await deletions.find(deletion.id)).toMatchObject({ state: "done", upid });
  });

  it("shuts a running guest down first", async () => {
    const { plan, acts } = await setup({ guest: running });

    await (await plan()).apply(aContext());

    expect(acts).toEqual(["shutdown 103", "destroy 103 fp-103 while executing"]);
  });

  it("destroys nothing when it is cancelled during the shutdown", async () => {
    const { plan, deletions, deletion, acts, hooks } = await setup({ guest: running });
    hooks.duringShutdown = () => deletions.cancel(deletion.id, bob);

    await expect((await plan()).apply(aContext())).rejects.toThrow("has changed meanwhile");

    expect(acts).toEqual(["shutdown 103"]);
    expect((await deletions.find(deletion.id))?.state).toBe("cancelled");
  });

  it("destroys nothing when the guest does not shut down", async () => {
    const { plan, deletions, deletion, acts, hooks } = await setup({ guest: running });
    const stillRunning = new ProxmoxError("still-running", "It still runs after 60 s.");
    hooks.duringShutdown = () => Promise.reject(stillRunning);

    await expect((await plan()).apply(aContext())).rejects.toBe(stillRunning);

    expect(acts).toEqual(["shutdown 103"]);
    expect((await deletions.find(deletion.id))?.state).toBe("planned");
  });

  it("destroys once, however many carry it out", async () => {
    const { plan, acts } = await setup();
    const plans = await Promise.all([plan(), plan(), plan()]);

    const results = await Promise.allSettled(plans.map(({ apply }) => apply(aContext())));

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(acts).toHaveLength(1);
  });

  it.each([
    [
      new ProxmoxError("no-quorum", "The cluster has no quorum.", { upid }),
      { reason: "The cluster has no quorum.", upid },
    ],
    [new TypeError("secret internals"), { reason: "How it ended is not known.", upid: undefined }],
  ])("writes down that it failed: %s", async (destroyFails, written) => {
    const { plan, deletions, deletion } = await setup({ destroyFails });

    await expect((await plan()).apply(aContext())).rejects.toBe(destroyFails);

    expect(await deletions.find(deletion.id)).toMatchObject({ state: "failed", ...written });
  });
});
