import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { describe, expect, it, onTestFinished } from "vitest";
import { toRow } from "#src/deletions/deletion-row.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";
import { clockAt } from "#test/support/clock.ts";
import { databaseFile, testDatabase } from "#test/support/database.ts";
import { friday } from "#test/support/deletions.ts";
import type { WorkDone } from "./deletion-worker.ts";
import { nthGuest } from "./steps.ts";

describe("several processes on one database file", () => {
  const limit = 7;

  async function scheduleMany(path: string, count: number): Promise<void> {
    const db = await openDatabase(path);
    const planned = { state: "planned", event_etag: '"1"' };
    const rows = Array.from({ length: count }, (_, index) => ({
      ...toRow(nthGuest(100 + index), `d${index}`, 0),
      ...planned,
    }));
    await db.insertInto("deletion").values(rows).execute();
    await db.destroy();
  }

  async function startWorker(path: string): Promise<() => Promise<WorkDone>> {
    const script = fileURLToPath(new URL("./deletion-worker.ts", import.meta.url));
    const worker = fork(script, [path, String(limit)], { execArgv: [] });
    onTestFinished(() => void worker.kill());
    const message = async () => {
      const died = once(worker, "exit").then(() => Promise.reject(new Error("the worker died")));
      const [said] = await Promise.race([once(worker, "message"), died]);
      return said;
    };
    await message();
    return async () => {
      worker.send("go");
      return message();
    };
  }

  it("share the work, each deletion once, and the limit", async () => {
    const path = databaseFile();
    await scheduleMany(path, 20);
    const workers = await Promise.all([startWorker(path), startWorker(path)]);

    const done = await Promise.all(workers.map((begin) => begin()));

    const claimed = done.flatMap((each) => each.claimed);
    expect(claimed).toHaveLength(20);
    expect(new Set(claimed).size).toBe(20);
    expect(done.flatMap((each) => each.begun)).toHaveLength(limit);
  });
});

describe("looking for what is due", () => {
  async function withSchedules(count: number): Promise<Database> {
    const db = await testDatabase();
    const row = { ...toRow(nthGuest(100), "d", 0), next_at: friday.epochMilliseconds };
    await db.insertInto("deletion").values(row).execute();
    const columns = Object.keys(row).filter((column) => column !== "id" && column !== "vmid");
    const same = sql.join(columns.map((column) => sql.ref(column)));
    await sql`
      with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${count})
      insert into deletion (id, vmid, ${same}) select id || n, vmid + n, ${same} from deletion, counted
    `.execute(db);
    return db;
  }

  it("takes no longer among many thousands than among a few, while nothing is", async () => {
    const clock = clockAt("2026-11-21T09:00:00Z");
    const stores = await Promise.all(
      [50, 50_000].map(async (count) =>
        createDeletionStore(await withSchedules(count), clock, () => "none"),
      ),
    );
    const times: number[][] = [[], []];
    for (let round = 0; round < 100; round += 1) {
      for (const [index, store] of stores.entries()) {
        const start = performance.now();
        expect(await store.claimDue("a", 10)).toEqual([]);
        times[index]?.push(performance.now() - start);
      }
    }

    const [few = 0, many = 0] = times.map((each) => each.sort((a, b) => a - b)[50]);
    // A look at each row takes a hundred times as long.
    expect(many / few).toBeLessThan(5);
  });
});
