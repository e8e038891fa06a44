import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { ActionReport } from "#src/actions/action-report.ts";
import type { Clock } from "#src/clock.ts";
import type { Deletion, DeletionStore } from "./deletion-store.ts";

interface Deps {
  readonly deletions: Pick<DeletionStore, "due" | "hold">;
  /** One that knows `delete_guest`; the model's does not. */
  readonly executor: Pick<ActionExecutor, "submit">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told how far a deletion has come. */
  onProgress?(message: string): void;
}

/**
 * Carries out what is due, one after another, in the name of whoever confirmed it. What could not
 * begin is held until a person says how to go on; it is never tried again by itself.
 */
export async function runDueDeletions(deps: Deps): Promise<readonly ActionReport[]> {
  const reports: ActionReport[] = [];
  for (const deletion of await deps.deletions.due()) {
    if (deps.signal.aborted) break;
    reports.push(await runDeletion(deletion, deps));
  }
  return reports;
}

async function runDeletion(deletion: Deletion, deps: Deps): Promise<ActionReport> {
  const { deletions, executor, clock, signal, onProgress } = deps;
  const { id, confirmedBy, requestedBy, timeZone } = deletion;
  const call = { tool: "delete_guest", input: { deletionId: id } };
  const report = await executor.submit(call, {
    principal: { ...(confirmedBy ?? requestedBy), role: "scheduler", timeZone },
    askedAt: clock.now(),
    conversation: `deletion:${id}`,
    signal,
    ...(onProgress && { onProgress }),
  });
  // Leaves alone what has begun or was changed: that is not planned, or another revision.
  if (!signal.aborted) await deletions.hold(deletion, reasonOf(report));
  return report;
}

function reasonOf({ outcome }: ActionReport): string {
  if ("message" in outcome) return outcome.message;
  return "It was not carried out.";
}
