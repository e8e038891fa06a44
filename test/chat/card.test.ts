import { expect, it } from "vitest";
import { readLosses } from "#src/actions/blast-radius.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { cardLines } from "#src/chat/card.ts";
import { aTarget } from "#test/support/actions.ts";

const dueAt = "2026-11-27T17:00:00Z";
const guests = [
  aTarget({ vmid: 103, name: "test-runner" }),
  aTarget({ vmid: 104, name: "web\u202e-02", owner: "" }),
];
const confirmation: Confirmation = {
  id: "c0nf1rm",
  state: "pending",
  call: { tool: "release_held_deletions", input: {} },
  target: {
    deletions: guests.map((guest) => ({
      id: `d${guest.vmid}`,
      requestedBy: "bob",
      dueAt,
      guest,
      ...(guest.vmid === 104 && { withoutBackup: true as const }),
    })),
    at: dueAt,
  },
  hash: "hash",
  summary: "Delete 2 guests for good.",
  conversation: "terminal:alice",
  requestedBy: { id: "alice", name: "Alice" },
  requestedAt: 7_200_000,
  expiresAt: 7_500_000,
  by: "requester",
  reasons: [],
  approvals: [],
};

it("says of each of several guests what would be lost", async () => {
  const risks = await readLosses(
    confirmation,
    {
      async read({ vmid }) {
        if (vmid === 103) return {};
        const lastBackup = "none";
        return { status: "stopped", disks: [{ key: "rootfs", volume: "a:b" }], lastBackup };
      },
    },
    new AbortController().signal,
  );

  const lines = cardLines(confirmation, "UTC", risks);

  expect(lines[1]).toBe("test-runner (CT 103 on pve1), owner bob:");
  expect(lines[2]).toContain("In use: not known. Lost: all disks (which ones is not known)");
  expect(lines[2]).toContain("Not known: HA, replication, backup jobs,");
  expect(lines[2]).toContain("only the backup that is made before it goes can bring it back.");
  expect(lines[3]).toBe("web -02 (CT 104 on pve1):");
  expect(lines[4]).toContain("1 disk, 0 GiB in all besides 1 of unknown size");
  expect(lines[4]).toContain("Last backup: there is none.");
  expect(lines[4]).toContain("Cannot be undone: nothing will bring it back.");
});
