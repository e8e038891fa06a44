import { answer } from "./workload.ts";

/** So many requests of so many turns of tool calls each. */
export interface Batch {
  readonly runs: number;
  readonly turns: number;
  readonly stream: boolean;
}

/** What a batch cost the process that ran it. */
export interface Cost {
  /** Milliseconds of CPU time, of all threads. */
  readonly cpu: number;
  /** Milliseconds of each run. */
  readonly wall: readonly number[];
  /** Bytes, after the batch. */
  readonly rss: number;
}

/** Takes one request through all its turns and returns the model's last words. */
export type Loop = (batch: Batch) => Promise<string>;

/** Runs the batches that the parent process asks for, and tells what each cost. */
export function contend(loop: Loop): void {
  process.on("message", async (batch: Batch) => {
    process.send?.(await measure(loop, batch));
  });
}

async function measure(loop: Loop, batch: Batch): Promise<Cost> {
  const expected = answer(batch.turns);
  const wall: number[] = [];
  const before = process.cpuUsage();
  for (let run = 0; run < batch.runs; run++) {
    const startedAt = performance.now();
    const text = await loop(batch);
    wall.push(performance.now() - startedAt);
    if (text !== expected) throw new Error(`The answer was: ${text}`);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, wall, rss: process.memoryUsage.rss() };
}

/** Where the scripted server listens for this contender, and a folder that is the contender's own. */
export const [baseUrl = "", directory = ""] = process.argv.slice(2);
