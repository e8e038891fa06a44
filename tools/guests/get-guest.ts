import { Temporal } from "temporal-polyfill";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import { type Deletion, isEndOfLease } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { plainText } from "#src/plain-text.ts";
import type { GuestDetail, GuestHold, Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import type { Moment } from "#src/when/moment.ts";
import { describeState } from "#tools/deletions/describe-state.ts";
import { describeEnd } from "#tools/holds/describe-end.ts";
import { defineInput, z } from "#tools/schema.ts";
import { formatBytes, formatDuration, formatShare } from "#tools/units.ts";
import { guestReference } from "./guest-reference.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "findOpen">;
}

const maxNotes = 300;

/** Shows one guest as it is right now. */
export function getGuest({ guests, deletions }: Deps): Tool {
  return defineTool({
    name: "get_guest",
    description:
      "Details of one guest, live: state, addresses, resources, disks, locks, notes, planned deletion.",
    effect: "read",
    input: defineInput(z.object({ guest: guestReference })),

    async plan({ guest: reference }, { signal }) {
      const guest = await guests.find(String(reference), signal);
      return {
        summary: `Show ${guestLabel(guest)}.`,
        target: { guest: guestTarget(guest) },
        guest,
      };
    },

    async apply({ guest }, { principal, askedAt }) {
      const deletion = await deletions.findOpen(guest);
      const moment = { now: askedAt, timeZone: principal.timeZone };
      const output = {
        ...describeGuest(guest),
        ...(guest.hold && { hold: describeHeld(guest.hold, moment) }),
        ...(deletion && planned(deletion, moment)),
      };
      return { kind: "done", output };
    },
  });
}

/** Its deletion, or the end of its lease as long as nobody has asked for that to be one. */
function planned(deletion: Deletion, moment: Moment) {
  const at = describeInstant(deletion.dueAt, moment);
  const state = describeState(deletion).join(", ");
  return isEndOfLease(deletion)
    ? { lease: { ends: at, state: state || "stays then unless somebody confirms its deletion" } }
    : { deletion: { at, state: state || "planned" } };
}

function describeHeld({ by, reason, until }: GuestHold, moment: Moment) {
  if (by === undefined) return reason;
  const end = describeEnd(until === undefined ? undefined : Temporal.Instant.from(until), moment);
  return `${end}, by ${by} (${reason}); nobody can delete it`;
}

/** What is not so, or not known, is left out. */
function describeGuest(guest: GuestDetail) {
  const { vmid, kind, status, tags, owner, addresses, disks } = guest;
  const { lock, protection, template, haManaged, notes, pool } = guest;
  return {
    vmid,
    kind,
    name: plainText(guest.name, 64),
    node: guest.node,
    status,
    tags,
    ...(owner && { owner }),
    ...(pool && { pool }),
    ...(status === "running" && usage(guest)),
    memory: formatBytes(guest.memoryTotal),
    ...(addresses.length > 0 && { addresses }),
    disks: disks.map(({ key, size }) => (size ? `${key} ${size}` : key)),
    ...(lock && { lock }),
    ...(protection && { protection }),
    ...(template && { template }),
    ...(haManaged && { haManaged }),
    // Anybody with access to the guest may have written them: data, and never instructions.
    ...(notes && { untrustedNotes: plainText(notes, maxNotes) }),
  };
}

function usage({ memoryUsed, cpu, uptime }: GuestDetail) {
  return {
    uptime: formatDuration(uptime),
    cpuUsed: formatShare(cpu),
    memoryUsed: formatBytes(memoryUsed),
  };
}
