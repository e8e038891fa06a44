import { guestLabel, guestTarget, lastKnownGuest } from "#src/actions/guest-target.ts";
import { defineTool, type PlannedCall, type Tool, ToolError } from "#src/actions/tool.ts";
import { PublicError } from "#src/errors.ts";
import type { Hold, HoldStore } from "#src/holds/hold-store.ts";
import { describeHold } from "#src/policy/hold.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly holds: Pick<HoldStore, "list" | "release">;
}

const input = defineInput(z.object({ guest: guestReference }));

interface PlannedRelease extends PlannedCall {
  readonly label: string;
  readonly hold?: Hold | undefined;
}

/** Ends a hold. Nothing is deleted because of that; it can be again, when somebody says so. */
export function releaseHold({ guests, holds }: Deps): Tool {
  /** Also the hold on a guest that is gone, by the VMID and name that it had. */
  async function find(
    reference: string,
    signal: AbortSignal,
  ): Promise<{ readonly guest: GuestTarget; readonly hold?: Hold | undefined }> {
    const list = await holds.list();
    try {
      const guest = guestTarget(await guests.find(reference, signal));
      return { guest, hold: list.find((hold) => hold.guest.vmid === guest.vmid) };
    } catch (error) {
      if (!(error instanceof PublicError)) throw error;
      const named = reference.trim().toLowerCase();
      const [hold, other] = list.filter(
        ({ guest }) => String(guest.vmid) === named || guest.name.toLowerCase() === named,
      );
      if (!hold || other) throw error;
      return { guest: lastKnownGuest(hold.guest), hold };
    }
  }

  return defineTool({
    name: "release_hold",
    description: "End the hold on a guest, which a person has to confirm; it can be deleted then.",
    effect: "reversible",
    input,

    async plan({ guest: reference }, { signal }): Promise<PlannedRelease> {
      const { guest, hold } = await find(String(reference), signal);
      const label = guestLabel(guest);
      const summary = `End the hold on ${label}`;
      if (!hold) {
        return {
          summary: `${summary}.`,
          target: { guest },
          label,
          unchanged: `${label} is not on hold.`,
        };
      }
      const { by, since, reason, until } = hold;
      const why = describeHold({ by: by.name, reason, until: until?.toString() });
      return {
        summary: `${summary}: ${why}. It can be deleted then, when somebody says so again.`,
        target: { guest, hold: { requestedBy: by.id, since: since.toString() } },
        label,
        hold,
      };
    },

    async apply({ hold, label }) {
      if (!hold) return { kind: "unchanged", message: `${label} is not on hold.` };
      if (await holds.release(hold)) return { kind: "done", output: { released: label } };
      throw new ToolError(`The hold on ${label} has ended meanwhile.`);
    },
  });
}
