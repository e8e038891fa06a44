import { describe, expect, it } from "vitest";
import { inventoryContext, type ReadInventory } from "#src/agent/inventory.ts";
import { defaultLimits } from "#src/agent/limits.ts";
import type { GuestLine } from "#src/agent/model.ts";
import { PublicError } from "#src/errors.ts";
import { silentLogger } from "#src/log.ts";

const signal = new AbortController().signal;
const read = (inventory: ReadInventory) =>
  inventoryContext(inventory, defaultLimits, signal, silentLogger);

function guests(count: number): readonly GuestLine[] {
  return Array.from({ length: count }, (_, index) => ({
    vmid: 100 + index,
    kind: "ct",
    node: index % 3 === 0 ? "pve1" : "pve2",
    status: index % 2 === 0 ? "running" : "stopped",
    tags: [],
  }));
}

describe("the inventory that goes along", () => {
  it("lists every guest while there are not too many, with the note", async () => {
    const context = await read(async () => ({ guests: guests(150), note: "pve3 is away." }));

    expect(context.guests).toHaveLength(150);
    expect(context.inventoryNote).toBe("pve3 is away.");
  });

  it("is a summary of more", async () => {
    const context = await read(async () => ({ guests: guests(151), note: "pve3 is away." }));

    expect(context).toEqual({
      inventoryNote:
        "151 guests (76 running; by node: pve1 51, pve2 100) are too many to list here; the tools find them. pve3 is away.",
    });
  });

  it("is missing with a reason that may be told", async () => {
    const failing = async () => {
      throw new PublicError("The cluster cannot be reached.");
    };

    expect(await read(failing)).toEqual({
      inventoryNote: "The inventory is missing: The cluster cannot be reached.",
    });
  });

  it("keeps any other reason to the log", async () => {
    const failing = async () => {
      throw new Error("token=hunter2");
    };

    expect((await read(failing)).inventoryNote).toMatch(/error id E-[0-9a-f]{8}/);
  });
});
