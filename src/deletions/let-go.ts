import type { Clock } from "#src/clock.ts";
import type { Notice } from "#src/outbox/outbox-store.ts";
import type { Claim } from "./deletion.ts";
import { cancelled, failed, held, notStarted } from "./deletion-notices.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { retryAt, soonAt } from "./deletion-time.ts";
import type { Seen } from "./world.ts";

/** The ways in which a claimed deletion is let go, and what people are told of it. */
export interface LettingGo {
  /** Not now: tries again later, the later the more often it could not go on. */
  wait(
    claim: Claim,
    reason: string,
    how?: { readonly soon?: boolean; readonly notices?: readonly Notice[] },
  ): Promise<undefined>;
  /** Waits for a person. */
  hold(claim: Claim, reason: string, seen?: Seen): Promise<undefined>;
  cancel(claim: Claim, reason: string, eventGone?: boolean): Promise<undefined>;
  /** Looks again at once. */
  release(claim: Claim): Promise<undefined>;
  /** It was begun, so nobody is told that the guest is as it was. */
  giveUpFinish(claim: Claim, reason: string): Promise<undefined>;
  /** The guest that was shut down stays so, for people to see to. */
  giveUpStart(claim: Claim, why: string): Promise<undefined>;
}

interface Deps {
  readonly deletions: Pick<DeletionStore, "release">;
  readonly clock: Clock;
}

export function createLettingGo({ deletions, clock }: Deps): LettingGo {
  return {
    async wait(claim, reason, { soon, notices } = {}) {
      const now = clock.now();
      const attempts = claim.attempts + (soon ? 0 : 1);
      const nextAt = soon ? soonAt(now, claim.dueAt) : retryAt(now, claim.attempts);
      await deletions.release(claim, { reason, attempts, nextAt }, notices);
      return undefined;
    },

    async hold(claim, reason, { task } = {}) {
      const ended = task && task.kind !== "running";
      // What is still to be done for the guest goes on at once.
      const nextAt = (claim.task && !ended) || claim.stoppedByUs ? clock.now() : null;
      const change = { state: "held", reason, attempts: 0, nextAt } as const;
      await deletions.release(
        claim,
        { ...change, ...(ended && { task: null }) },
        held(claim, reason),
      );
      return undefined;
    },

    async cancel(claim, reason, eventGone = false) {
      const change = { state: "cancelled", reason, attempts: 0, nextAt: clock.now() } as const;
      await deletions.release(
        claim,
        { ...change, ...(eventGone && { eventGone }) },
        cancelled(claim, reason),
      );
      return undefined;
    },

    async release(claim) {
      await deletions.release(claim, { nextAt: clock.now() });
      return undefined;
    },

    async giveUpFinish(claim, reason) {
      const change = { state: "failed", reason, attempts: 0, nextAt: clock.now() } as const;
      await deletions.release(claim, change, failed(claim, reason));
      return undefined;
    },

    async giveUpStart(claim, why) {
      const change = { task: null, stoppedByUs: false, attempts: 0, nextAt: clock.now() } as const;
      await deletions.release(claim, change, notStarted(claim, why));
      return undefined;
    },
  };
}
