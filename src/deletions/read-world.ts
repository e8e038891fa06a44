import { Temporal } from "temporal-polyfill";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import type { Calendar } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { OutboxStore } from "#src/outbox/outbox-store.ts";
import type { Cluster } from "#src/proxmox/cluster-status.ts";
import type { GuestHistory, Guests } from "#src/proxmox/guest.ts";
import type { Vmids } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import type { Deletion } from "./deletion.ts";
import { reminderKeys } from "./deletion-notices.ts";
import type { EventView, GuestView, World } from "./world.ts";

/** What tells of the world outside of the database. */
export interface WorldDeps {
  readonly calendar: Pick<Calendar, "find">;
  readonly guests: Pick<Guests, "find">;
  readonly history: GuestHistory;
  readonly vmids: Pick<Vmids, "isFree">;
  readonly cluster: Pick<Cluster, "status">;
  readonly outbox: Pick<OutboxStore, "countSent">;
  /** Why our clock is not to be trusted; undefined while it is. */
  doubt(): string | undefined;
  /** Whether a person who wants to stop a deletion could reach us now. */
  isReachable(): boolean;
}

/** Looks at all that a decision about a deletion rests on; what cannot be read is said to be so. */
export async function readWorld(
  deletion: Deletion,
  deps: WorldDeps,
  signal: AbortSignal,
): Promise<World> {
  const [told, event, guest, noQuorum] = await Promise.all([
    deps.outbox.countSent(reminderKeys(deletion)),
    readEvent(deletion, deps, signal),
    readGuest(deletion, deps, signal),
    readQuorum(deps, signal),
  ]);
  // Asked last: what was read while somebody could not have stopped it does not count.
  const cutOff = deps.isReachable() ? undefined : "nobody could reach me to stop it";
  return { told: told > 0, event, guest, blind: deps.doubt() ?? cutOff ?? noQuorum };
}

async function readEvent(
  { id }: Deletion,
  { calendar }: WorldDeps,
  signal: AbortSignal,
): Promise<EventView> {
  try {
    const event = await calendar.find(id, signal);
    return event ? { kind: "there", event } : { kind: "absent" };
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    return { kind: "unread", reason: `the calendar cannot be read: ${error.message}` };
  }
}

/** A missing guest is not a deleted one: a token that lost a privilege sees nothing. */
async function readGuest(
  deletion: Deletion,
  { guests, history, vmids }: WorldDeps,
  signal: AbortSignal,
): Promise<GuestView> {
  const { vmid, kind, fingerprint } = deletion.guest;
  try {
    const guest = await guests.find(String(vmid), signal);
    if (guest.kind !== kind || guest.fingerprint !== fingerprint) {
      return { kind: "replaced", by: guestLabel(guest) };
    }
    const since = deletion.requestedAt.epochMilliseconds;
    return {
      kind: "there",
      guest: guestTarget(guest),
      running: guest.status !== "stopped",
      holdEndedAt: guest.holdEndedAt ? Temporal.Instant.from(guest.holdEndedAt) : undefined,
      marked: deletion.mark !== undefined && guest.tags.includes(deletion.mark),
      history: await history.historySince(vmid, since, signal),
    };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    if (error.kind !== "no-such-guest") return unread(error);
    return absent(vmid, vmids, signal);
  }
}

async function absent(
  vmid: number,
  vmids: WorldDeps["vmids"],
  signal: AbortSignal,
): Promise<GuestView> {
  try {
    return { kind: (await vmids.isFree(vmid, signal)) ? "gone" : "hidden" };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return unread(error);
  }
}

function unread(error: ProxmoxError): GuestView {
  return { kind: "unread", reason: `the guest cannot be read: ${error.message}` };
}

async function readQuorum(
  { cluster }: WorldDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { quorate } = await cluster.status(signal);
    return quorate ? undefined : "the cluster has no quorum";
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return `the cluster's state cannot be read: ${error.message}`;
  }
}
