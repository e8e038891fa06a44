import {
  type Claim,
  cancellableStates,
  type Deletion,
  type DeletionState,
  movableStates,
  openStates,
} from "#src/deletions/deletion.ts";

/** What the schedule's rules are about, of one deletion; times are epoch milliseconds. */
export interface Row {
  readonly id: string;
  readonly vmid: number;
  state: DeletionState;
  revision: number;
  inCalendar: boolean;
  beyondLimit: boolean;
  nextAt: number | undefined;
  begunAt: number | undefined;
  fence: number;
  leaseUntil: number;
}

/** What a worker changes. */
export interface Change {
  readonly state: DeletionState | undefined;
  readonly nextAt: number;
}

export type ClaimKey = Pick<Claim, "id" | "fence" | "revision" | "state">;

export function rowOf({ id, guest, event, ...deletion }: Claim): Row {
  return {
    id,
    vmid: guest.vmid,
    state: deletion.state,
    revision: deletion.revision,
    inCalendar: event !== undefined,
    beyondLimit: deletion.beyondLimit,
    nextAt: deletion.nextAt?.epochMilliseconds,
    begunAt: deletion.begunAt?.epochMilliseconds,
    fence: deletion.fence,
    leaseUntil: deletion.leaseUntil.epochMilliseconds,
  };
}

const minute = 60_000;
const lease = 5 * minute;

/** The rules of the schedule, in a few lines that take no account of databases or of who is first. */
export class ScheduleModel {
  now = Date.parse("2026-11-21T09:00:00Z");
  readonly rows: Row[] = [];
  /** Keys of what was said. */
  readonly said = new Set<string>();

  schedule(id: string, vmid: number): boolean {
    if (this.rows.some((row) => row.vmid === vmid && isOpen(row.state))) return false;
    this.rows.push({
      id,
      vmid,
      state: "inserting",
      revision: 1,
      inCalendar: false,
      beyondLimit: false,
      nextAt: this.now,
      begunAt: undefined,
      fence: 0,
      leaseUntil: 0,
    });
    return true;
  }

  reschedule({ id, revision }: Pick<Deletion, "id" | "revision">, beyondLimit: boolean): boolean {
    const row = this.#row(id);
    if (row.revision !== revision || !movableStates.includes(row.state)) return false;
    row.state = row.inCalendar ? "planned" : "inserting";
    row.revision += 1;
    row.beyondLimit = beyondLimit;
    row.begunAt = undefined;
    row.nextAt = this.now;
    return true;
  }

  cancel(id: string): boolean {
    const row = this.#row(id);
    if (!cancellableStates.includes(row.state)) return false;
    row.state = "cancelled";
    row.nextAt = this.now;
    return true;
  }

  /** How many can be claimed; any of them, as far as their times are the same. */
  free(): readonly Row[] {
    return this.rows.filter(
      ({ nextAt = Number.POSITIVE_INFINITY, leaseUntil }) =>
        nextAt <= this.now && (leaseUntil <= this.now || leaseUntil > this.now + 2 * lease),
    );
  }

  claim(id: string): void {
    const row = this.#row(id);
    row.fence += 1;
    row.leaseUntil = this.now + lease;
  }

  advance(claim: ClaimKey, change: Change, notice: string): boolean {
    const row = this.#held(claim);
    if (!row) return false;
    this.said.add(notice);
    row.leaseUntil = this.now + lease;
    row.state = change.state ?? row.state;
    row.inCalendar ||= change.state === "planned";
    row.nextAt = change.nextAt;
    return true;
  }

  release(claim: ClaimKey, change: Change, notice: string): boolean {
    if (!this.advance(claim, change, notice)) return false;
    const row = this.#row(claim.id);
    row.fence += 1;
    row.leaseUntil = 0;
    return true;
  }

  begin(claim: ClaimKey, limit: number): "begun" | "limit" | "lost" {
    if (claim.state !== "planned") {
      // Whoever asks for the impossible has done with its claim.
      const row = this.#row(claim.id);
      if (row.fence === claim.fence) row.leaseUntil = 0;
      return "lost";
    }
    const row = this.#held(claim);
    if (!row) return "lost";
    row.leaseUntil = this.now + lease;
    const begun = this.rows.filter(({ begunAt = 0 }) => begunAt > this.now - 60 * minute);
    if (begun.length >= limit && !row.beyondLimit) return "limit";
    row.state = "preparing";
    row.begunAt = this.now;
    return "begun";
  }

  #row(id: string): Row {
    const row = this.rows.find((each) => each.id === id);
    if (!row) throw new Error(`no row ${id}`);
    return row;
  }

  /** The row, if the claim still holds; what a person has changed meanwhile is let go. */
  #held({ id, fence, revision, state }: ClaimKey): Row | undefined {
    const row = this.#row(id);
    if (row.fence !== fence) return undefined;
    if (row.revision === revision && row.state === state) return row;
    row.leaseUntil = 0;
    return undefined;
  }
}

export function isOpen(state: DeletionState): boolean {
  return openStates.includes(state);
}
