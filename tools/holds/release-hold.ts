import { guestLabel, guestTarget, lastKnownGuest } from "#src/actions/guest-target.ts";
import {
  defineTool,
  type PlannedCall,
  type Tool,
  ToolError,
  type ToolResult,
} from "#src/actions/tool.ts";
import type { Hold, HoldStore } from "#src/holds/hold-store.ts";
import { describeHold } from "#src/policy/hold.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { Vmids } from "#src/proxmox/guest-changes.ts";
import { isKind } from "#src/proxmox/proxmox-error.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly vmids: Pick<Vmids, "isFree">;
  readonly holds: Pick<HoldStore, "list" | "release">;
}

const input = defineInput(z.object({ guest: guestReference }));

/** A guest, and the hold on its VMID, if there is one. */
interface Held {
  readonly guest: GuestTarget;
  readonly hold?: Hold | undefined;
}

interface PlannedRelease extends PlannedCall {
  readonly label: string;
  readonly hold?: Hold | undefined;
}

/** Ends a hold. Nothing is deleted because of that; it can be again, when somebody says so. */
export function releaseHold(deps: Deps): Tool {
  return defineTool({
    name: "release_hold",
    description: "End the hold on a guest, which a person has to confirm; it can be deleted then.",
    effect: "reversible",
    input,
    plan: async ({ guest }, { signal }) => plan(await findHeld(String(guest), deps, signal)),
    apply: (planned) => apply(planned, deps),
  });
}

/**
 * The guest that `reference` means. One that is gone is known by the VMID and name that it had; one
 * that has another name by now is read by its VMID.
 *
 * @throws PublicError when it means none, or several, or cannot be read: the policy judges what the
 *   guest is, so no hold ends while nobody can tell.
 */
async function findHeld(
  reference: string,
  { guests, vmids, holds }: Deps,
  signal: AbortSignal,
): Promise<Held> {
  const list = await holds.list();
  try {
    const guest = guestTarget(await guests.find(reference, signal));
    return { guest, hold: list.find((hold) => hold.guest.vmid === guest.vmid) };
  } catch (error) {
    if (!isKind(error, "no-such-guest")) throw error;
    const hold = theOne(reference, list);
    if (!hold) throw error;
    const { vmid } = hold.guest;
    const guest = (await vmids.isFree(vmid, signal))
      ? lastKnownGuest(hold.guest)
      : guestTarget(await guests.find(String(vmid), signal));
    return { guest, hold };
  }
}

/** The one hold on a guest that had this VMID or name. */
function theOne(reference: string, holds: readonly Hold[]): Hold | undefined {
  const named = reference.trim().toLowerCase();
  const [hold, other] = holds.filter(
    ({ guest }) => String(guest.vmid) === named || guest.name.toLowerCase() === named,
  );
  return other ? undefined : hold;
}

function plan({ guest, hold }: Held): PlannedRelease {
  const label = guestLabel(guest);
  const summary = `End the hold on ${label}`;
  if (!hold) {
    const unchanged = `${label} is not on hold.`;
    return { summary: `${summary}.`, target: { guest }, label, unchanged };
  }
  const { by, since, reason, until } = hold;
  const why = describeHold({ by: by.name, reason, until: until?.toString() });
  return {
    summary: `${summary}: ${why}. It can be deleted then, when somebody says so again.`,
    target: { guest, hold: { requestedBy: by.id, since: since.toString() } },
    label,
    hold,
  };
}

async function apply({ hold, label }: PlannedRelease, { holds }: Deps): Promise<ToolResult> {
  if (!hold) return { kind: "unchanged", message: `${label} is not on hold.` };
  if (await holds.release(hold)) return { kind: "done", output: { released: label } };
  throw new ToolError(`The hold on ${label} has ended meanwhile.`);
}
