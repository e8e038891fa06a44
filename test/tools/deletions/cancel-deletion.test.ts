import { expect, it } from "vitest";
import { RefusedError } from "#src/actions/tool.ts";
import type { NewDeletion } from "#src/deletions/deletion.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { aContext } from "#test/support/tool-context.ts";
import { cancelDeletion } from "#tools/deletions/cancel-deletion.ts";

const runner = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });
const label = "test-runner (CT 103 on pve1)";

async function setup(cluster: readonly GuestDetail[], planned: readonly NewDeletion[] = []) {
  const deletions = await anEmptySchedule(clockAt("2026-11-21T09:00:00Z"));
  for (const deletion of planned) await deletions.schedule(deletion);
  const tool = cancelDeletion({ guests: guestsOf(...cluster), deletions });
  const [first] = await deletions.listOpen();
  return { tool, deletions, first };
}

it("says what is cancelled, and cancels nothing yet", async () => {
  const { tool, deletions, first } = await setup([runner], [aNewDeletion()]);

  const plan = await tool.plan({ guest: "test-runner" }, aContext());

  expect(plan.summary).toBe(
    `Cancel the deletion of ${label}, planned for Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days.`,
  );
  expect(plan.target).toMatchObject({
    guest: { vmid: 103, owner: "alice" },
    deletion: { id: first?.id, requestedBy: "bob", dueAt: "2026-11-27T17:00:00Z" },
  });
  expect(await deletions.listOpen()).toHaveLength(1);
});

it("cancels, and says by whom", async () => {
  const { tool, deletions, first } = await setup([runner], [aNewDeletion()]);
  const plan = await tool.plan({ guest: 103 }, aContext());

  const result = await plan.apply(aContext());

  expect(result).toEqual({
    kind: "done",
    output: {
      cancelled: `the deletion of ${label}`,
      calendar: "its event follows within seconds",
    },
  });
  expect(await deletions.find(first?.id ?? "")).toMatchObject({
    state: "cancelled",
    reason: "Cancelled by Alice.",
  });
});

it("finds nothing to do where none is planned", async () => {
  const { tool } = await setup([runner]);

  const plan = await tool.plan({ guest: 103 }, aContext());

  expect(plan.unchanged).toBe(`No deletion of ${label} is planned.`);
  expect(plan.target.guest?.vmid).toBe(103);
  expect(await plan.apply(aContext())).toEqual({ kind: "unchanged", message: plan.unchanged });
});

it.each([103, "103", "Test-Runner"])("works by %j for a guest that is gone", async (guest) => {
  const { tool, deletions } = await setup([], [aNewDeletion()]);

  const plan = await tool.plan({ guest }, aContext());
  expect(plan.target.guest).toMatchObject({ vmid: 103, name: "test-runner" });

  await plan.apply(aContext());
  expect(await deletions.listOpen()).toEqual([]);
});

it("means the guest that was to go, not the one that has its VMID now", async () => {
  const successor = aGuestDetail({ vmid: 103, name: "newcomer", fingerprint: "fp-103-again" });
  const { tool } = await setup([successor], [aNewDeletion()]);

  const plan = await tool.plan({ guest: 103 }, aContext());

  expect(plan.target.guest).toMatchObject({ name: "test-runner", fingerprint: "fp-103" });
});

it("works while the cluster is out of reach", async () => {
  const { deletions } = await setup([], [aNewDeletion()]);
  const unreachable = async () => {
    throw new ProxmoxError("unreachable", "The cluster does not answer.");
  };
  const tool = cancelDeletion({ guests: { find: unreachable }, deletions });

  const plan = await tool.plan({ guest: 103 }, aContext());

  expect(plan.target.deletion?.requestedBy).toBe("bob");
});

it("takes the one of two guests of a name whose deletion is planned", async () => {
  const twin = aGuestDetail({ vmid: 210, name: "test-runner", fingerprint: "fp-210" });
  const { tool } = await setup([runner, twin], [aNewDeletion()]);

  const plan = await tool.plan({ guest: "test-runner" }, aContext());

  expect(plan.target.guest?.vmid).toBe(103);
});

it("asks which one when the deletions of two guests of a name are planned", async () => {
  const { guest } = aNewDeletion();
  const other = aNewDeletion({ guest: { ...guest, vmid: 210, fingerprint: "fp-210" } });
  const { tool } = await setup([], [aNewDeletion(), other]);

  await expect(tool.plan({ guest: "test-runner" }, aContext())).rejects.toThrow(/103.*210.*which/);
});

it("knows neither guest nor deletion", async () => {
  const { tool } = await setup([], [aNewDeletion()]);

  await expect(tool.plan({ guest: "nobody" }, aContext())).rejects.toThrow("no guest nobody");
});

it("stops one that is being prepared", async () => {
  const { tool, deletions, first } = await setup([runner], [aNewDeletion()]);
  if (first) await changeAs(deletions, first, { state: "preparing" });

  const plan = await tool.plan({ guest: 103 }, aContext());

  expect(await plan.apply(aContext())).toMatchObject({ kind: "done" });
});

it("comes too late once the guest is being destroyed", async () => {
  const { tool, deletions, first } = await setup([runner], [aNewDeletion()]);
  const plan = await tool.plan({ guest: 103 }, aContext());
  if (first) await changeAs(deletions, first, { state: "destroying" });

  await expect(plan.apply(aContext())).rejects.toThrow("can no longer be stopped");
  const again = tool.plan({ guest: 103 }, aContext());
  await expect(again).rejects.toThrow(RefusedError);
  await expect(again).rejects.toThrow("has already begun.");
});
