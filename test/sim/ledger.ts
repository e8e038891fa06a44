import type { FakeCluster, FakeGuest } from "./fake-cluster.ts";

/** The last that people said about one deletion; what counts is what they were told that it did. */
export type Word =
  | {
      readonly kind: "confirmed";
      readonly at: number;
      readonly dueAt: number;
      readonly revision: number;
      /** Who confirmed it. */
      readonly by: string;
      readonly withoutBackup: boolean;
    }
  | { readonly kind: "unconfirmed"; readonly at: number; readonly dueAt: number }
  | { readonly kind: "cancelled"; readonly at: number };

/** A guest that somebody wants to be gone, and which guest that really is. */
export interface Doomed {
  readonly id: string;
  readonly vmid: number;
  readonly uid: number;
  readonly fingerprint: string;
  readonly requestedBy: string;
  readonly words: Word[];
  /** When its preparation began. */
  readonly begins: number[];
  /** When Proxmox took a request to destroy it. */
  readonly destroys: number[];
}

/** For how long something has been as it is; undefined while it is not so. */
export interface Since {
  set(is: boolean): void;
  readonly since: number | undefined;
}

/** What is true, written down by who sees it happen; no claim of the code under test counts. */
export interface Ledger {
  readonly doomed: Doomed[];
  /** In this order they became true; a check has to have noticed them after a while. */
  readonly blindness: Readonly<Record<Blindness, Since>>;
  /** When a guest began to bear the tag that forbids its deletion, or lost our mark. */
  readonly protectedSince: Map<number, number>;
  readonly unmarkedSince: Map<number, number>;
  /** When the calendar was to forget everything for once. */
  readonly amnesias: number[];
  /** When a person lost the right to delete. */
  readonly revokedSince: Map<string, number>;
  /** The guest that was there when the history of its VMID was read for the last time. */
  readonly histories: Map<number, { readonly uid: number | undefined; readonly at: number }>;
  add(deletion: { id: string; requestedBy: string }, guest: FakeGuest): Doomed;
  find(id: string): Doomed | undefined;
}

export const blindnesses = ["slack", "calendar", "clock", "quorum", "history"] as const;
export type Blindness = (typeof blindnesses)[number];

export function createLedger(now: () => number): Ledger {
  const doomed: Doomed[] = [];
  const sinceNow = (): Since => {
    let since: number | undefined;
    return {
      set(is) {
        since = is ? (since ?? now()) : undefined;
      },
      get since() {
        return since;
      },
    };
  };
  return {
    doomed,
    blindness: {
      slack: sinceNow(),
      calendar: sinceNow(),
      clock: sinceNow(),
      quorum: sinceNow(),
      history: sinceNow(),
    },
    protectedSince: new Map(),
    unmarkedSince: new Map(),
    revokedSince: new Map(),
    amnesias: [],
    histories: new Map(),
    add({ id, requestedBy }, { vmid, uid, fingerprint }) {
      const facts = { id, requestedBy, vmid, uid, fingerprint };
      const one = { ...facts, words: [], begins: [], destroys: [] };
      doomed.push(one);
      return one;
    },
    find: (id) => doomed.find((one) => one.id === id),
  };
}

/** Whether that very guest is still there. */
export function stillThere(cluster: FakeCluster, { vmid, uid }: Doomed): FakeGuest | undefined {
  const guest = cluster.guests.get(vmid);
  return guest?.uid === uid ? guest : undefined;
}
