import { newErrorId, PublicError, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import type { RunLimits } from "./limits.ts";
import type { GuestLine, RunContext } from "./model.ts";
import { createTimeLimit } from "./time-limit.ts";

/** The cluster's guests for the model's eyes, or why they are not all there. */
export interface InventorySnapshot {
  readonly guests?: readonly GuestLine[] | undefined;
  readonly note?: string | undefined;
}

/** Reads every guest of the cluster. */
export type ReadInventory = (signal: AbortSignal) => Promise<InventorySnapshot>;

type InventoryContext = Pick<RunContext, "guests" | "inventoryNote">;

/** The inventory as far as it fits into a request. Never rejects: a run can do without it. */
export async function inventoryContext(
  read: ReadInventory,
  limits: RunLimits,
  signal: AbortSignal,
  log: Logger,
): Promise<InventoryContext> {
  const limit = createTimeLimit(signal, 0);
  const time = { time: limits.inventoryTime, message: "The inventory took too long to read." };
  try {
    const { guests, note } = await limit.wait(time, () => read(limit.signal));
    if (!guests || guests.length <= limits.inventoryGuests) return { guests, inventoryNote: note };
    return { inventoryNote: [summaryOf(guests), note].filter(Boolean).join(" ") };
  } catch (error) {
    return { inventoryNote: `The inventory is missing: ${reasonFor(error, log)}` };
  }
}

function reasonFor(error: unknown, log: Logger): string {
  if (error instanceof PublicError) return error.message;
  const errorId = newErrorId();
  log.error({ err: error, errorId }, "inventory could not be read");
  return unexpectedErrorMessage(errorId);
}

function summaryOf(guests: readonly GuestLine[]): string {
  const perNode = new Map<string, number>();
  for (const { node } of guests) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  const nodes = [...perNode].map(([node, count]) => `${node} ${count}`).join(", ");
  const running = guests.filter(({ status }) => status === "running").length;
  return `${guests.length} guests (${running} running; by node: ${nodes}) are too many to list here; the tools find them.`;
}
