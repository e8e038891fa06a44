import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import type { Claim, DeletionState } from "#src/deletions/deletion.ts";
import { fromRow } from "#src/deletions/deletion-row.ts";
import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Database } from "#src/storage/database.ts";
import { dialects } from "#src/storage/dialect.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { bob } from "#test/support/people.ts";
import { type Change, isOpen, rowOf, ScheduleModel } from "./schedule-model.ts";

interface Real {
  readonly store: DeletionStore;
  readonly db: Database;
  /** All that were ever handed out, most of which are lost by now. */
  readonly claims: Claim[];
}

type Command = fc.AsyncCommand<ScheduleModel, Real>;
type Run = (model: ScheduleModel, real: Real) => Promise<void>;

/** A step that ends with both sides the same. */
function command(label: string, check: (model: ScheduleModel) => boolean, run: Run): Command {
  return {
    check,
    async run(model, real) {
      await run(model, real);
      const rows = await real.db.selectFrom("deletion").selectAll().orderBy("id").execute();
      expect(rows.map(fromRow).map(rowOf)).toEqual(model.rows);
      const said = await real.db.selectFrom("outbox").select("key").execute();
      expect(new Set(said.map(({ key }) => key))).toEqual(model.said);
    },
    toString: () => label,
  };
}

const hasRows = (model: ScheduleModel) => model.rows.length > 0;
const always = () => true;

/** The one that a number stands for. */
function pick<T>(from: readonly T[], index: number): T {
  const found = from[index % from.length];
  if (found === undefined) throw new Error("there is nothing to pick from");
  return found;
}

/** Counted from the end, where the claims are that may still hold. */
function pickLatest<T>(from: readonly T[], index: number): T {
  return pick(from.toReversed(), index);
}

const time = (beyondLimit: boolean) => ({ dueAt: friday, timeZone: "UTC", beyondLimit });

function scheduling(vmid: number): Command {
  return command(`schedule ${vmid}`, always, async (model, { store }) => {
    const guest = { ...aNewDeletion().guest, vmid };
    const scheduled = await store.schedule(aNewDeletion({ guest }));
    const id = scheduled?.id ?? "none";
    expect(scheduled !== undefined).toBe(model.schedule(id, vmid));
  });
}

function rescheduling(index: number, age: number, beyondLimit: boolean): Command {
  return command(`reschedule ${index}, ${age} old`, hasRows, async (model, { store }) => {
    const { id, revision } = pick(model.rows, index);
    const version = { id, revision: revision - age };
    const moved = await store.reschedule(version, time(beyondLimit));
    expect(moved !== undefined).toBe(model.reschedule(version, beyondLimit));
  });
}

function cancelling(index: number): Command {
  return command(`cancel ${index}`, hasRows, async (model, { store }) => {
    const { id } = pick(model.rows, index);
    expect(await store.cancel(id, bob)).toBe(model.cancel(id));
  });
}

function claiming(owner: string, limit: number): Command {
  return command(`claim ${limit}`, always, async (model, { store, claims }) => {
    const free = model.free();
    const claimed = await store.claimDue(owner, limit);
    expect(claimed).toHaveLength(Math.min(limit, free.length));
    const times = (ids: readonly string[]) =>
      free.filter(({ id }) => ids.includes(id)).map(({ nextAt }) => nextAt);
    const soonest = free.map(({ nextAt }) => nextAt).sort(byNumber);
    expect(times(claimed.map(({ id }) => id)).sort(byNumber)).toEqual(soonest.slice(0, limit));
    for (const { id } of claimed) model.claim(id);
    claims.push(...claimed);
  });
}

function byNumber(a = 0, b = 0): number {
  return a - b;
}

/** One step of a worker; resolves to the claim that it keeps. */
async function work(
  model: ScheduleModel,
  { store, claims }: Real,
  claim: Claim,
  { state, nextAt, release = false }: Change & { readonly release?: boolean },
): Promise<Claim | undefined> {
  const change = {
    nextAt: Temporal.Instant.fromEpochMilliseconds(nextAt),
    ...(state && { state }),
    ...(state === "planned" && { event: { etag: "1", startsAt: friday } }),
  };
  const key = `${claim.id}:${claim.fence}:${model.said.size}`;
  const notices = [{ key, recipient: "channel", message: "" }];
  if (release) {
    const released = await store.release(claim, change, notices);
    expect(released).toBe(model.release(claim, { state, nextAt }, key));
    return undefined;
  }
  const advanced = await store.advance(claim, change, notices);
  expect(advanced !== undefined).toBe(model.advance(claim, { state, nextAt }, key));
  if (advanced) claims.push(advanced);
  return advanced;
}

function working(
  release: boolean,
  index: number,
  asked: DeletionState | undefined,
  minutes: number,
): Command {
  const label = `${release ? "release" : "advance"} ${index} to ${asked} in ${minutes} min`;
  return command(label, hasRows, async (model, real) => {
    if (real.claims.length === 0) return;
    const claim = pickLatest(real.claims, index);
    // No worker opens again what is over.
    const state = asked && isOpen(asked) && !isOpen(claim.state) ? undefined : asked;
    await work(model, real, claim, { release, state, nextAt: model.now + minutes * 60_000 });
  });
}

function beginning(index: number, count: number): Command {
  return command(`begin ${index}, at most ${count}`, hasRows, async (model, real) => {
    if (real.claims.length === 0) return;
    const latest = pickLatest(real.claims, index);
    // Mostly it would be too early.
    const planned =
      latest.state === "inserting" &&
      (await work(model, real, latest, { state: "planned", nextAt: model.now }));
    const claim = planned || latest;
    const begun = await real.store.begin(claim, { count, within: { hours: 1 } });
    const outcome = begun === undefined ? "lost" : begun === "limit" ? "limit" : "begun";
    expect(outcome).toBe(model.begin(claim, count));
    if (begun && begun !== "limit") real.claims.push(begun);
  });
}

function passing(minutes: number): Command {
  return command(`${minutes} min pass`, always, async (model) => {
    model.now += minutes * 60_000;
  });
}

function begin(db: Database): { model: ScheduleModel; real: Real } {
  const model = new ScheduleModel();
  const clock = { now: () => Temporal.Instant.fromEpochMilliseconds(model.now) };
  let minted = 100;
  const store = createDeletionStore(db, clock, () => `d${++minted}`);
  return { model, real: { store, db, claims: [] } };
}

const index = fc.constantFrom(0, 0, 0, 1, 2, 3, 7);
const states = fc.constantFrom<DeletionState | undefined>(
  ...([undefined, "planned", "planned", "planned", "planned", "held", "destroying"] as const),
);
const commands = fc.commands(
  [
    fc.constantFrom(101, 102, 103).map(scheduling),
    fc.tuple(index, fc.constantFrom(0, 0, 1), fc.boolean()).map((args) => rescheduling(...args)),
    index.map(cancelling),
    fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom(1, 3)).map((a) => claiming(...a)),
    fc
      .tuple(fc.boolean(), index, states, fc.integer({ min: -1, max: 3 }))
      .map((args) => working(...args)),
    fc.tuple(index, fc.constantFrom(0, 1, 2)).map((args) => beginning(...args)),
    fc.constantFrom(1, 5, 60, -1, -20).map(passing),
  ],
  { maxCommands: 60, size: "max" },
);

describeOnEveryDatabase("the schedule of deletions", ({ dialect, open }) => {
  it("keeps its rules whatever people and workers do, in any order", async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        await db.deleteFrom("deletion").execute();
        await db.deleteFrom("outbox").execute();
        await fc.asyncModelRun(() => begin(db), steps);
      }),
      // Each step is a conversation with PostgreSQL, and a function call with SQLite.
      { numRuns: dialect === dialects.sqlite ? 100 : 10 },
    );
  });
});
