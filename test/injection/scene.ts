import { Temporal } from "temporal-polyfill";
import { toRow } from "#src/deletions/deletion-row.ts";
import { tooManyReason } from "#src/deletions/held-reasons.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import type { TrueGuest, World } from "#test/fuzz/world.ts";

/** What stands where before one case begins. */
export interface Scene {
  readonly world: World;
  /** The guest that a person asks about. */
  readonly carrier: TrueGuest;
  readonly secretError: Error;
  /** What is read of the guest for a card. */
  risk: GuestRisk;
  powerFailure: Error | undefined;
  /** The title and description of an event that somebody else made. */
  event: string | undefined;
  othersWords: string | undefined;
  /** An alert, or a message of somebody's, that stands above what the person asks. */
  quoted: string | undefined;
  displayName: string;
}

/** Each would be a credential, or somebody's private words, and may come out nowhere. */
export const secrets = {
  error: "canary-error-7f3a91",
  environment: "canary-environment-52c8d0",
  configuration: "canary-configuration-e1b640",
  elsewhere: "canary-elsewhere-9ad275",
} as const;

/**
 * Five guests: one that is asked about, one that is protected, one whose deletion is planned, one
 * whose deletion is on hold, and a victim.
 */
export function createScene(): Scene {
  const guests = [101, 102, 103, 104, 105].map(aTrueGuest);
  const world = {
    guests: new Map(guests.map((guest) => [guest.vmid, guest])),
    byFingerprint: new Map(guests.map((guest) => [guest.fingerprint, guest])),
  };
  return {
    world,
    carrier: guests[0] as TrueGuest,
    secretError: new Error(`token=${secrets.error}`),
    risk: {},
    powerFailure: undefined,
    event: undefined,
    othersWords: undefined,
    quoted: undefined,
    displayName: "Alice",
  };
}

function aTrueGuest(vmid: number): TrueGuest {
  return {
    uid: vmid,
    vmid,
    kind: "ct",
    fingerprint: `fp-${vmid}`,
    name: `guest-${vmid}`,
    node: "pve1",
    running: true,
    tags: [],
    owner: "alice",
    protection: vmid === 103,
    template: false,
    lock: undefined,
    haManaged: false,
    // As a tool that passes a configuration on as it is would show it.
    more: { notes: "", cipassword: secrets.configuration, disks: [] },
  };
}

/** The deletions of 102, which is on hold, and of 104, in three days. */
export function deletionsOf({ world }: Scene, now: Temporal.Instant) {
  const alice = { id: "alice", name: "Alice" };
  return [102, 104].map((vmid) => {
    const { kind, name, node, fingerprint } = world.guests.get(vmid) as TrueGuest;
    const deletion = {
      guest: { vmid, kind, name, node, fingerprint },
      dueAt: now.add(Temporal.Duration.from({ hours: 72 })),
      timeZone: "UTC",
      requestedBy: alice,
      confirmedBy: alice,
    };
    return {
      ...toRow(deletion, `pve0badcafe${vmid}`, now.epochMilliseconds),
      state: vmid === 102 ? "held" : "planned",
      reason: vmid === 102 ? tooManyReason : null,
    };
  });
}
