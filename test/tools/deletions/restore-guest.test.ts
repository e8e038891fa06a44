import { expect, it } from "vitest";
import { RefusedError, ToolError } from "#src/actions/tool.ts";
import type { ClusterNode } from "#src/proxmox/cluster-status.ts";
import type { GuestBackups } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { clockAt } from "#test/support/clock.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { aContext } from "#test/support/tool-context.ts";
import { restoreGuest } from "#tools/deletions/restore-guest.ts";
import { addRestorable } from "./restorable.ts";

const thursday = "2026-11-19T17:00:30Z";
const friday = "2026-11-20T17:00:30Z";

interface World {
  readonly taken?: readonly number[];
  readonly offline?: readonly string[];
  readonly quorate?: boolean;
  /** Whether tags may be taken off. */
  readonly mayTag?: boolean;
}

async function setup(world: World = {}) {
  const taken = [...(world.taken ?? [])];
  const { offline = [], quorate = true, mayTag = true } = world;
  const cleared: [number, string][] = [];
  const deletions = await anEmptySchedule(clockAt("2026-11-21T09:00:00Z"));
  const restored: Parameters<GuestBackups["restore"]>[] = [];
  const nodes: ClusterNode[] = ["pve1", "pve2", "pve3"].map((name) => ({
    name,
    online: !offline.includes(name),
  }));
  const tool = restoreGuest({
    deletions,
    backups: {
      async restore(...call) {
        taken.push(call[1].vmid);
        restored.push(call);
        return { upid: "UPID:restore" };
      },
    },
    vmids: { isFree: async (vmid) => !taken.includes(vmid), next: async () => 105 },
    cluster: { status: async () => ({ quorate, version: "9.0", nodes }) },
    guests: guestsOf(aGuestDetail({ vmid: 103, name: "test-runner" })),
    marks: {
      async clear({ vmid }, tag) {
        if (!mayTag) throw new ProxmoxError("forbidden", "The token lacks VM.Config.Options.");
        cleared.push([vmid, tag]);
      },
    },
  });
  return { tool, deletions, restored, cleared, taken };
}

it("says what comes back, where, and that it is not started; does nothing yet", async () => {
  const { tool, deletions, restored } = await setup();
  await addRestorable(deletions, friday, { pool: "ci" });

  const plan = await tool.plan({ guest: "Test-Runner" }, aContext());

  expect(plan.summary).toBe(
    "Restore test-runner (CT 103 on pve1) as it was before it was deleted, " +
      "Fri 20 Nov 2026, 18:00 CET (Europe/Berlin), 16 hours ago. It is not started.",
  );
  expect(plan.target).toMatchObject({
    guest: { vmid: 103, kind: "ct", name: "test-runner", node: "pve1", fingerprint: "fp-103" },
    deletion: { id: expect.stringMatching(/^pve/), requestedBy: "bob" },
  });
  expect(plan.target.at).toBeUndefined();
  expect(restored).toEqual([]);
});

it("restores under its VMID, on its node, into its pool", async () => {
  const { tool, deletions, restored } = await setup();
  await addRestorable(deletions, friday, { node: "pve2", pool: "ci" });
  const onProgress = () => {};
  const plan = await tool.plan({ guest: 103 }, aContext());

  const result = await plan.apply(aContext({ onProgress }));

  expect(result).toEqual({
    kind: "done",
    output: {
      restored: "test-runner (CT 103 on pve2)",
      vmid: 103,
      node: "pve2",
      state: "stopped; it is not started",
    },
    upid: "UPID:restore",
  });
  expect(restored).toEqual([
    [
      { volume: expect.stringContaining("vzdump-lxc-103"), kind: "ct" },
      { node: "pve2", vmid: 103, pool: "ci" },
      { signal: expect.any(AbortSignal), onProgress },
    ],
  ]);
});

it("takes another VMID when its own is in use, and says so", async () => {
  const { tool, deletions, restored } = await setup({ taken: [103] });
  await addRestorable(deletions, friday);

  const plan = await tool.plan({ guest: 103 }, aContext());
  await plan.apply(aContext());

  expect(plan.summary).toContain("Restore test-runner (CT 105 on pve1)");
  expect(plan.summary).toContain("VMID 103 is in use, so it gets VMID 105.");
  expect(plan.target.guest?.vmid).toBe(105);
  expect(restored[0]?.[1].vmid).toBe(105);
});

it("takes another node when its own is not online, and says so", async () => {
  const { tool, deletions, restored } = await setup({ offline: ["pve1", "pve2"] });
  await addRestorable(deletions, friday);

  const plan = await tool.plan({ guest: 103 }, aContext());
  await plan.apply(aContext());

  expect(plan.summary).toContain("pve1 is not online, so it comes to pve3.");
  expect(restored[0]?.[1].node).toBe("pve3");
});

it.each<[string, World]>([
  ["the cluster has no quorum", { quorate: false }],
  ["no node is online", { offline: ["pve1", "pve2", "pve3"] }],
])("is refused while %s", async (_, world) => {
  const { tool, deletions } = await setup(world);
  await addRestorable(deletions, friday);

  const error = await tool.plan({ guest: 103 }, aContext()).catch((cause: unknown) => cause);

  expect(error).toBeInstanceOf(RefusedError);
  expect((error as RefusedError).target.guest?.vmid).toBe(103);
});

it("asks which one of several is meant, and lists them", async () => {
  const { tool, deletions } = await setup();
  await addRestorable(deletions, thursday);
  await addRestorable(deletions, friday);

  const plan = tool.plan({ guest: "test-runner" }, aContext());

  await expect(plan).rejects.toThrow(ToolError);
  await expect(plan).rejects.toThrow(/^Which one.*\n.*Fri 20 Nov.*\n.*Thu 19 Nov/);
});

it.each([
  ["yesterday", "Fri 20 Nov 2026"],
  ["thursday", "Thu 19 Nov 2026"],
  ["2026-11-19", "Thu 19 Nov 2026"],
])("takes the one that was deleted %s", async (when, day) => {
  const { tool, deletions } = await setup();
  await addRestorable(deletions, thursday);
  await addRestorable(deletions, friday);

  const plan = await tool.plan({ guest: 103, when }, aContext());

  expect(plan.summary).toContain(day);
});

it("counts days in the zone of who asks", async () => {
  const { tool, deletions } = await setup();
  await addRestorable(deletions, "2026-11-19T23:30:00Z");
  await addRestorable(deletions, thursday);

  const plan = await tool.plan({ guest: 103, when: "yesterday" }, aContext());

  expect(plan.summary).toContain("Fri 20 Nov 2026, 00:30");
});

it.each([
  [{ guest: 103, when: "last month" }, /^None of these.*last month.*\n.*Thu 19/],
  [{ guest: 103, when: "when the moon was blue" }, /^I do not understand "when the moon/],
  [{ guest: "web-02" }, /^No backup of a deleted guest web-02 is kept. These.*\ntest-runner/],
])("asks about %j", async (input, question) => {
  const { tool, deletions } = await setup();
  await addRestorable(deletions, thursday);

  await expect(tool.plan(input, aContext())).rejects.toThrow(question);
});

it("says so when nothing can be restored", async () => {
  const { tool } = await setup();

  const plan = tool.plan({ guest: 103 }, aContext());

  await expect(plan).rejects.toThrow("Nothing can be restored at present.");
});

it("takes the mark off what comes back, which is to stay", async () => {
  const { tool, deletions, cleared } = await setup();
  await addRestorable(deletions, friday, {}, { mark: "delete-0badcafe" });

  await (await tool.plan({ guest: 103 }, aContext())).apply(aContext());

  expect(cleared).toEqual([[103, "delete-0badcafe"]]);
});

it("leaves the tags of a guest alone that was never marked", async () => {
  const { tool, deletions, cleared } = await setup();
  await addRestorable(deletions, friday);

  await (await tool.plan({ guest: 103 }, aContext())).apply(aContext());

  expect(cleared).toEqual([]);
});

it("says that the mark is still there, where it could not be taken off", async () => {
  const { tool, deletions } = await setup({ mayTag: false });
  await addRestorable(deletions, friday, {}, { mark: "delete-0badcafe" });

  const result = await (await tool.plan({ guest: 103 }, aContext())).apply(aContext());

  const note = "The tag delete-0badcafe is still on it; take it off in Proxmox.";
  expect(result).toMatchObject({ kind: "done", output: { note } });
});

it("brings nothing back twice, unless what came back is gone again", async () => {
  const { tool, deletions, restored, taken } = await setup();
  await addRestorable(deletions, friday);
  const late = await tool.plan({ guest: 103 }, aContext());
  await (await tool.plan({ guest: 103 }, aContext())).apply(aContext());

  await expect(late.apply(aContext())).rejects.toThrow("is being restored already");
  await expect(tool.plan({ guest: "test-runner" }, aContext())).rejects.toThrow(
    "test-runner (CT 103) was restored already, as VMID 103.",
  );
  expect(restored).toHaveLength(1);

  taken.pop();
  await (await tool.plan({ guest: 103 }, aContext())).apply(aContext());
  expect(restored).toHaveLength(2);
});
