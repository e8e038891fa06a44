import { setTimeout } from "node:timers/promises";
import { systemClock } from "#src/clock.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { openDatabase } from "#src/storage/database.ts";

/** What one of several processes at work on the same schedule has got of it. */
export interface WorkDone {
  readonly claimed: readonly string[];
  readonly begun: readonly string[];
}

const [, , path = "", limit = ""] = process.argv;

const db = await openDatabase(path);

/** Claims and begins what is due until nothing wants attention any more. */
async function work(): Promise<WorkDone> {
  const store = createDeletionStore(db, systemClock, () => "none");
  const claimed: string[] = [];
  const begun: string[] = [];
  while ((await store.listOpen()).some(({ nextAt }) => nextAt)) {
    for (const claim of await store.claimDue(`process ${process.pid}`, 3)) {
      claimed.push(claim.id);
      const result = await store.begin(claim, { count: Number(limit), within: { hours: 1 } });
      if (!result) continue;
      if (result !== "limit") begun.push(claim.id);
      await store.release(result === "limit" ? claim : result, { nextAt: null });
    }
    // As if the work took its time: SQLite serves who asks again at once before who waits.
    await setTimeout(2);
  }
  return { claimed, begun };
}

process.once("message", async () => {
  const done = await work();
  await db.destroy();
  process.send?.(done, () => process.disconnect());
});
process.send?.("ready");
