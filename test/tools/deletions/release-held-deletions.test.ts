import { expect, it } from "vitest";
import { ToolError } from "#src/actions/tool.ts";
import type { NewDeletion } from "#src/deletions/deletion.ts";
import { tooManyReason } from "#src/deletions/held-reasons.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { aContext } from "#test/support/tool-context.ts";
import type { Preparation } from "#tools/deletions/preparation.ts";
import { releaseHeldDeletions } from "#tools/deletions/release-held-deletions.ts";

const usual: Preparation = {
  shutdownMinutes: 5,
  backup: { storage: "backup-nfs", days: 30 },
};

function aRunner(vmid: number): GuestDetail {
  return aGuestDetail({ vmid, name: `runner-${vmid}`, fingerprint: `fp-${vmid}` });
}

function deletionOf({ vmid, kind, name, node, fingerprint }: GuestDetail, withoutBackup = false) {
  return aNewDeletion({ guest: { vmid, kind, name, node, fingerprint }, withoutBackup });
}

async function setup(
  planned: readonly NewDeletion[],
  cluster: readonly GuestDetail[],
  preparation = usual,
) {
  const clock = clockAt("2026-11-27T17:00:10Z");
  const deletions = await anEmptySchedule(clock);
  const hold = async (deletion: NewDeletion, reason = `${tooManyReason}: 5 an hour`) => {
    const row = await deletions.schedule(deletion);
    if (row) await changeAs(deletions, row, { state: "held", reason });
    return row;
  };
  for (const deletion of planned) await hold(deletion);
  const tool = releaseHeldDeletions({
    guests: guestsOf(...cluster),
    deletions,
    clock,
    preparation,
  });
  return { tool, deletions, clock, hold };
}

const three = [103, 101, 102].map(aRunner);

it("lists every guest in one question, and releases none yet", async () => {
  const { tool, deletions } = await setup(
    three.map((guest) => deletionOf(guest, guest.vmid === 102)),
    three,
  );

  const plan = await tool.plan({}, aContext());

  expect(plan.summary).toBe(
    "Delete 3 guests for good as soon as this is confirmed, although too many are due at once: " +
      "runner-101 (CT 101 on pve1), runner-102 (CT 102 on pve1) without a backup, " +
      "runner-103 (CT 103 on pve1). Each is shut down first, and switched off if it does not do so " +
      "within 5 minutes; a backup is made before and kept for 30 days.",
  );
  const { target } = plan;
  expect(target.asSoonAsConfirmed).toBe(true);
  expect(target.deletions?.map(({ guest, withoutBackup }) => [guest.vmid, withoutBackup])).toEqual([
    [101, undefined],
    [102, true],
    [103, undefined],
  ]);
  expect(target.deletions?.[0]).toMatchObject({
    requestedBy: "bob",
    dueAt: "2026-11-27T17:00:00Z",
    guest: { owner: "alice", fingerprint: "fp-101" },
  });
  expect((await deletions.listOpen()).map(({ state }) => state)).toEqual(["held", "held", "held"]);
});

it("lets each go at once, beyond the limit, as its backup was chosen", async () => {
  const { tool, deletions, clock } = await setup(
    three.map((guest) => deletionOf(guest, guest.vmid === 102)),
    three,
  );
  const plan = await tool.plan({}, aContext());

  clock.advance({ minutes: 3 });
  const approvedBy = [{ id: "carol", name: "Carol" }];
  const result = await plan.apply(aContext({ approvedBy }));

  expect(result).toMatchObject({
    kind: "done",
    output: { deletedNow: [101, 102, 103].map((vmid) => expect.stringContaining(`CT ${vmid}`)) },
  });
  const rows = await deletions.listOpen();
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect(row.dueAt).toEqual(clock.now());
    expect(row).toMatchObject({
      state: "inserting",
      revision: 2,
      beyondLimit: true,
      withoutBackup: row.guest.vmid === 102,
      confirmedBy: { id: "alice" },
      approvedBy,
    });
  }
});

it("means only those that are named", async () => {
  const { tool, deletions } = await setup(
    three.map((guest) => deletionOf(guest)),
    three,
  );

  const plan = await tool.plan({ guests: [102, "runner-103", "102"] }, aContext());
  await plan.apply(aContext());

  expect(plan.summary).toContain("Delete 2 guests for good");
  const held = (await deletions.listOpen()).filter(({ state }) => state === "held");
  expect(held.map(({ guest }) => guest.vmid)).toEqual([101]);
});

it("leaves alone what is held for another reason, or not held any more", async () => {
  const [first, second, third] = [aRunner(101), aRunner(102), aRunner(103)];
  const { tool, deletions, hold } = await setup([deletionOf(first)], [first, second, third]);
  await hold(deletionOf(second), "it is locked");
  const waiting = await hold(deletionOf(third));
  if (waiting) await changeAs(deletions, waiting, { state: "planned" });

  const plan = await tool.plan({}, aContext());

  expect(plan.target.deletions?.map(({ guest }) => guest.vmid)).toEqual([101]);
  expect(plan.summary).toContain("Delete 1 guest for good");
  await expect(tool.plan({ guests: [102] }, aContext())).rejects.toThrow("No deletion of 102");
});

it("takes twenty at a time, and says of how many", async () => {
  const many = Array.from({ length: 22 }, (_, index) => aRunner(500 + index));
  const { tool } = await setup(
    many.map((guest) => deletionOf(guest)),
    many,
  );

  const plan = await tool.plan({}, aContext());

  expect(plan.summary).toContain("Delete the first 20 guests of 22 for good");
  expect(plan.target.deletions).toHaveLength(20);
});

it("says that no backup is made where none of them gets one", async () => {
  const { tool } = await setup([deletionOf(aRunner(101), true)], three, { shutdownMinutes: 5 });

  const plan = await tool.plan({}, aContext());

  expect(plan.summary).toContain("within 5 minutes. No backup is made.");
});

it.each<[string, readonly GuestDetail[], Preparation, string]>([
  ["a guest is gone", [], usual, "There is no guest 101. Cancel its deletion, or say which"],
  [
    "a guest was replaced",
    [{ ...aRunner(101), fingerprint: "fp-101-again" }],
    usual,
    "was replaced by another guest. Cancel its deletion, or say which",
  ],
  ["there is no storage for its backup", three, { shutdownMinutes: 5 }, "No storage for backups"],
])("is refused when %s", async (_, cluster, preparation, reason) => {
  const { tool } = await setup([deletionOf(aRunner(101))], cluster, preparation);

  const plan = tool.plan({}, aContext());

  await expect(plan).rejects.toThrow(ToolError);
  await expect(plan).rejects.toThrow(reason);
});

it("has nothing to release where none is held", async () => {
  const { tool } = await setup([], three);

  await expect(tool.plan({}, aContext())).rejects.toThrow("No deletion is on hold because");
});

it("says which have changed meanwhile, and fails when all have", async () => {
  const { tool, deletions } = await setup(
    three.map((guest) => deletionOf(guest)),
    three,
  );
  const plan = await tool.plan({}, aContext());
  const rows = await deletions.listOpen();
  const cancel = async (vmid: number) => {
    const row = rows.find(({ guest }) => guest.vmid === vmid);
    if (row) await deletions.cancel(row.id, { id: "bob", name: "Bob" });
  };

  await cancel(101);
  expect(await plan.apply(aContext())).toMatchObject({
    output: { changedMeanwhile: ["runner-101 (CT 101 on pve1)"] },
  });
  await expect(plan.apply(aContext())).rejects.toThrow("All of these have changed meanwhile");
});
