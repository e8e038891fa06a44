import type { TaskContext } from "./tasks.ts";

/** One backup task at a time per node; the others run and wait. */
export interface BackupQueue {
  next(node: string, task: TaskContext, work: () => Promise<void>): Promise<void>;
}

/** Empty queues, one per node. */
export function createBackupQueue(): BackupQueue {
  const lastOn = new Map<string, Promise<void>>();
  return {
    async next(node, task, work) {
      const before = lastOn.get(node);
      if (before) task.log("INFO: trying to get global lock - waiting...");
      const own = (before ?? Promise.resolve()).then(work);
      const settled = own.catch(() => undefined);
      lastOn.set(node, settled);
      await own;
      if (lastOn.get(node) === settled) lastOn.delete(node);
    },
  };
}
