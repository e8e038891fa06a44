import { guestTarget } from "#src/actions/guest-target.ts";
import type { Clock } from "#src/clock.ts";
import { type Deletion, isEndOfLease } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import type { OutboxStore } from "#src/outbox/outbox-store.ts";
import { goesByOwner, leaseTermsFor, ownerAmong } from "#src/policy/lease-rules.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import { lastingObstacle } from "#src/policy/protection.ts";
import type { Guest, GuestDetail, Guests, InventoryWithOwners } from "#src/proxmox/guest.ts";
import type { Vmids } from "#src/proxmox/guest-changes.ts";
import { decideLease } from "./decide-lease.ts";
import type { LeaseActs } from "./lease-acts.ts";
import { type LeaseNews, leaseNotices } from "./lease-news.ts";
import type { Lease, LeaseStore } from "./lease-store.ts";

/** Gives guests the ends that the policy's leases have for them. */
export interface LeaseKeeper {
  /**
   * Looks at the guests once. A lease deletes nothing: its end is a deletion that nobody has
   * confirmed, with all that goes with one. Several processes may do so on one database.
   */
  look(signal: AbortSignal): Promise<void>;
}

/** All that a look goes by. */
export interface LeaseKeeperDeps {
  policy(): Pick<PolicyDocument, "leases" | "protectedGuests">;
  people(): readonly Principal[];
  readonly guests: Pick<Guests, "list" | "listWithOwners" | "find">;
  readonly vmids: Pick<Vmids, "isFree">;
  readonly deletions: Pick<DeletionStore, "listOpen">;
  readonly leases: LeaseStore;
  readonly acts: LeaseActs;
  readonly outbox: Pick<OutboxStore, "add">;
  /** Why our clock is not to be trusted; undefined while it is. */
  doubt(): string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the channel, and of guests that belong to nobody we know. */
  readonly timeZone: string;
  /** So many guests are read at each look: first those that are new, then those seen longest ago. */
  readonly readsPerLook?: number | undefined;
}

/** What one look starts from. */
interface Scene {
  readonly policy: ReturnType<LeaseKeeperDeps["policy"]>;
  readonly people: readonly Principal[];
  readonly open: readonly Deletion[];
  readonly kept: readonly Lease[];
  readonly signal: AbortSignal;
  readonly news: LeaseNews[];
}

export function createLeaseKeeper(deps: LeaseKeeperDeps): LeaseKeeper {
  const { guests, vmids, deletions, leases, acts, outbox, clock, log, timeZone } = deps;
  const { readsPerLook = 200 } = deps;
  /** At which look of this process a guest was read last. */
  const lastRead = new Map<number, number>();
  let looks = 0;

  const termsOf = ({ policy, people }: Scene, guest: Guest) =>
    leaseTermsFor(policy.leases, guest, ownerAmong(people, guest));

  /** Takes back the ends that no lease stands behind any more. */
  async function takeBack(ends: readonly Deletion[], reason: string, { news }: Scene) {
    for (const deletion of ends) news.push(...(await acts.takeBack(deletion, reason)));
  }

  /** What is missing may only be hidden; what is gone has no lease any more. */
  async function lookForMissing(listed: ReadonlySet<number>, scene: Scene): Promise<void> {
    const { open, kept, signal } = scene;
    const ends = open.filter(isEndOfLease);
    const known = [...ends, ...kept].map(({ guest }) => guest.vmid);
    for (const vmid of new Set(known.filter((one) => !listed.has(one)))) {
      if (!(await vmids.isFree(vmid, signal))) continue;
      const own = ends.filter(({ guest }) => guest.vmid === vmid);
      await takeBack(own, "the guest is gone", scene);
      for (const { guest } of kept) if (guest.vmid === vmid) await leases.forget(guest);
    }
  }

  async function lookAt(guest: GuestDetail, scene: Scene): Promise<void> {
    const { policy, people, open, kept, news } = scene;
    const { vmid, fingerprint, hold } = guest;
    const ofVmid = open.filter((deletion) => deletion.guest.vmid === vmid);
    const earlier = ofVmid.filter((deletion) => deletion.guest.fingerprint !== fingerprint);
    await takeBack(earlier.filter(isEndOfLease), "another guest has its VMID now", scene);
    // Whether it is on hold cannot be known at the moment.
    if (hold && hold.by === undefined) return;
    const terms = termsOf(scene, guest);
    if (!terms) return;
    const isNew = !kept.some((lease) => lease.guest.fingerprint === fingerprint);
    const { beganAt } = await leases.note(guest);
    const owner = ownerAmong(people, guest);
    const span = { terms, beganAt, timeZone: owner?.timeZone ?? timeZone };
    const suspended = lastingObstacle(guestTarget(guest), policy.protectedGuests);
    const own = ofVmid.find((deletion) => deletion.guest.fingerprint === fingerprint);
    const step = decideLease({ span, suspended, open: own }, clock.now());
    news.push(...(await acts.take(step, { guest, owner, span, isNew })));
  }

  /** Takes note that they are read, whatever comes of it: what is away must not hold up the others. */
  function nextToRead(listed: readonly Guest[]): readonly Guest[] {
    const since = ({ vmid }: Guest) => lastRead.get(vmid) ?? 0;
    const next = listed.toSorted((one, other) => since(one) - since(other)).slice(0, readsPerLook);
    looks += 1;
    for (const { vmid } of next) lastRead.set(vmid, looks);
    return next;
  }

  async function listAll({
    policy,
    signal,
  }: Scene): Promise<Pick<InventoryWithOwners, "guests" | "ownersUnread">> {
    if (goesByOwner(policy.leases)) return guests.listWithOwners(signal);
    return { ...(await guests.list(signal)), ownersUnread: [] };
  }

  async function lookAround(scene: Scene): Promise<void> {
    const { guests: listed, ownersUnread } = await listAll(scene);
    await lookForMissing(new Set(listed.map(({ vmid }) => vmid)), scene);
    const leased = listed.filter((guest) => termsOf(scene, guest) !== undefined);
    const known = new Set([...leased.map(({ vmid }) => vmid), ...ownersUnread]);
    const others = new Set(listed.flatMap(({ vmid }) => (known.has(vmid) ? [] : [vmid])));
    const left = scene.open.filter((one) => isEndOfLease(one) && others.has(one.guest.vmid));
    await takeBack(left, "no lease is for this guest any more", scene);
    const unread: number[] = [];
    for (const { vmid } of nextToRead(leased)) {
      const guest = await guests.find(String(vmid), scene.signal).catch(unlessPublic);
      if (guest) await lookAt(guest, scene);
      else unread.push(vmid);
    }
    if (unread.length > 0) log.warn({ vmids: unread }, "these guests could not be read");
  }

  return {
    async look(signal) {
      const policy = deps.policy();
      const open = await deletions.listOpen();
      const isIdle = policy.leases.length === 0 && !open.some(isEndOfLease);
      if (isIdle || deps.doubt() !== undefined) return;
      const kept = await leases.list();
      const scene: Scene = { policy, people: deps.people(), open, kept, signal, news: [] };
      try {
        await lookAround(scene);
      } finally {
        // What was done is told, also when the look was cut short.
        const moment = { now: clock.now(), timeZone };
        for (const notice of leaseNotices(scene.news, moment)) await outbox.add(notice);
      }
    },
  };
}

/** Nothing, where the cluster says that it has nothing. */
function unlessPublic(error: unknown): undefined {
  if (!(error instanceof PublicError)) throw error;
}
