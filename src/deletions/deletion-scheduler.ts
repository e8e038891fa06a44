import type { Temporal } from "temporal-polyfill";
import type { Logger } from "#src/log.ts";
import { type CarryOutDeps, createCarryOut } from "./carry-out.ts";
import { type Decision, type DeletionSettings, decide } from "./decide.ts";
import type { Claim } from "./deletion.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { retryAt } from "./deletion-time.ts";
import { readWorld, type WorldDeps } from "./read-world.ts";
import type { Seen } from "./world.ts";

/** Carries the schedule out; several may run on one database. */
export interface DeletionScheduler {
  /**
   * Takes up what wants attention and brings each as far as it comes without waiting. Resolves when
   * that is done, which takes minutes where a guest is being destroyed; the next tick need not wait.
   */
  tick(signal: AbortSignal): Promise<void>;
  /** Follows the calendar, unless somebody read it less than `every` ago. */
  poll(every: Temporal.DurationLike, signal: AbortSignal): Promise<boolean>;
}

export type DeletionSchedulerDeps = WorldDeps &
  CarryOutDeps & {
    readonly deletions: DeletionStore;
    readonly settings: DeletionSettings;
    readonly log: Logger;
    /** Tells this process from others on the same database. */
    readonly owner: string;
  };

/** So many are worked on at a time. */
const maxClaims = 8;
/** More steps in a row are not taken without a pause; there are about ten at most. */
const maxSteps = 30;

export function createDeletionScheduler(deps: DeletionSchedulerDeps): DeletionScheduler {
  const { deletions, sync, settings, clock, log, owner } = deps;
  const carryOut = createCarryOut(deps);
  let busy = 0;

  /** Decides by the row alone where that is enough, else by what is seen of the world. */
  async function decideOn(claim: Claim, signal: AbortSignal): Promise<[Decision, Seen]> {
    let seen: Seen = {};
    for (;;) {
      const decision = decide(claim, clock.now(), settings, seen);
      if (decision.kind === "look") {
        seen = { ...seen, world: await readWorld(claim, deps, signal) };
      } else if (decision.kind === "look-at-task" && claim.task) {
        seen = { ...seen, task: await deps.preparation.look(claim.task.upid, signal) };
      } else {
        return [decision, seen];
      }
    }
  }

  async function work(claimed: Claim, signal: AbortSignal): Promise<void> {
    let claim: Claim | undefined = claimed;
    try {
      for (let step = 0; claim && step < maxSteps && !signal.aborted; step += 1) {
        const [decision, seen]: [Decision, Seen] = await decideOn(claim, signal);
        if (decision.kind !== "rest") logDecision(log, claim, decision);
        claim = await carryOut(claim, decision, seen, signal);
      }
      if (claim) await deletions.release(claim, { nextAt: clock.now() });
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, deletion: claimed.id }, "a deletion is stuck");
      await letGo(claim ?? claimed, signal);
    }
  }

  /** What failed here is tried again later; what was interrupted, as soon as somebody is there. */
  async function letGo(claim: Claim, signal: AbortSignal): Promise<void> {
    const latest = await deletions.find(claim.id);
    if (latest?.fence !== claim.fence) return;
    const attempts = latest.attempts + (signal.aborted ? 0 : 1);
    const nextAt = signal.aborted ? clock.now() : retryAt(clock.now(), attempts);
    await deletions.release(latest, { attempts, nextAt });
  }

  /** Takes up what there is room for; where there was no room for more, again after each. */
  async function takeUp(signal: AbortSignal): Promise<void> {
    const room = maxClaims - busy;
    if (room <= 0 || signal.aborted) return;
    const claims = await deletions.claimDue(owner, room);
    busy += claims.length;
    const mayBeMore = claims.length === room;
    const working = claims.map(async (claim) => {
      await work(claim, signal).finally(() => {
        busy -= 1;
      });
      if (mayBeMore) await takeUp(signal);
    });
    await Promise.all(working);
  }

  return {
    tick: takeUp,
    poll: (every, signal) => sync.poll(every, signal),
  };
}

function logDecision(log: Logger, { id, state, revision }: Claim, decision: Decision): void {
  log.info({ deletion: id, state, revision, ...decision }, "deletion goes on");
}
