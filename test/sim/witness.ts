import type { Claim, Deletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { FakeCalendar } from "./fake-calendar.ts";
import type { Judge } from "./invariants.ts";
import type { Ledger } from "./ledger.ts";

const hour = 3_600_000;
/** A process may be suspended for so long between its look and its act. */
const longestDelay = 7 * hour;

interface Deps {
  readonly ledger: Ledger;
  readonly calendar: Pick<FakeCalendar, "edits">;
  readonly judge: Judge;
  /** How many may begin within an hour. */
  readonly limit: number;
  now(): number;
}

/** The store, and somebody who writes down each beginning: too many within an hour are too many. */
export function witnessed(store: DeletionStore, deps: Deps): DeletionStore {
  const { ledger, calendar, judge, limit, now } = deps;

  function judgeBegin({ id, beyondLimit }: Deletion): void {
    const doomed = ledger.find(id);
    if (!doomed) {
      judge.report("I6", `${id} is nobody's deletion`);
      return;
    }
    const others = ledger.doomed.filter((other) => {
      const begun = other.begins.at(-1);
      if (begun === undefined || other === doomed || begun <= now() - hour) return false;
      // One that was given another time does not count any more; we may have heard of that later.
      const isMoved = calendar.edits.some((edit) => {
        return edit.id === other.id && edit.by === "person" && edit.at > begun - longestDelay;
      });
      return !isMoved && !other.words.some(({ at }) => at > begun);
    });
    if (!beyondLimit && others.length >= limit) {
      judge.report(
        "I7",
        `${id} began although ${others.map((other) => other.id).join(", ")} had begun within an hour`,
      );
    }
    doomed.begins.push(now());
  }

  /** The newest claim on each deletion. */
  const fences = new Map<string, number>();

  function judgeChange({ id, fence }: Claim, happened: boolean): void {
    const newest = fences.get(id) ?? 0;
    if (happened && fence < newest) {
      judge.report("fence", `${id} was changed by claim ${fence}, after claim ${newest}`);
    }
  }

  return {
    ...store,
    async claimDue(owner, count) {
      const claims = await store.claimDue(owner, count);
      for (const { id, fence } of claims) fences.set(id, fence);
      return claims;
    },
    async advance(claim, ...change) {
      const advanced = await store.advance(claim, ...change);
      judgeChange(claim, advanced !== undefined);
      return advanced;
    },
    async release(claim, ...change) {
      const isReleased = await store.release(claim, ...change);
      judgeChange(claim, isReleased);
      return isReleased;
    },
    async begin(claim, within) {
      const begun = await store.begin(claim, within);
      judgeChange(claim, begun !== undefined);
      if (begun && begun !== "limit") judgeBegin(begun);
      return begun;
    },
  };
}
