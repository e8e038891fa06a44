import { guestLabel, lastKnownGuest } from "#src/actions/guest-target.ts";
import { defineTool, type Tool, type ToolResult } from "#src/actions/tool.ts";
import type { GuestDestroyer } from "#src/proxmox/guest-changes.ts";
import { type DeleteGuestDeps, recordDone, recordFailure } from "./delete-guest.ts";
import type { Claim } from "./deletion.ts";
import { held } from "./deletion-notices.ts";
import { commitGrace, isPast } from "./deletion-time.ts";
import { claimInput, findClaim, scheduleTarget } from "./inspect.ts";

type Deps = Pick<DeleteGuestDeps, "deletions" | "settings" | "clock"> & {
  readonly destroyer: Pick<GuestDestroyer, "resume">;
};

/**
 * Finds out how a destroy ended that a process began, or was about to begin, which is not there any
 * more. Destroys nothing itself: what never began is checked and decided anew.
 */
export function finishDeletion(deps: Deps): Tool {
  const { destroyer, deletions } = deps;
  return defineTool({
    name: "finish_deletion",
    description: "Find out how a deletion ended that was cut short.",
    effect: "reversible",
    input: claimInput("finish_deletion"),

    async plan(input) {
      const claim = await findClaim(input, deletions, "destroying");
      const guest = lastKnownGuest(claim.guest);
      const summary = `Find out how the deletion of ${guestLabel(guest)} ended.`;
      return { summary, target: { guest, ...scheduleTarget(claim) }, claim };
    },

    async apply({ claim }, { signal, onProgress }) {
      let latest = claim;
      const onTask = async (upid: string) => {
        latest = (await deletions.advance(latest, { upid })) ?? latest;
      };
      const since = (claim.committedAt ?? claim.dueAt).epochMilliseconds;
      try {
        const begun = { upid: claim.upid, since };
        const end = await destroyer.resume(claim.guest, begun, { signal, onProgress, onTask });
        if (end === "not-begun") return await recordNotBegun(latest, deps);
        await recordDone(latest, end, deps);
        const { upid, leftoverVolumes } = end;
        const deleted = guestLabel(claim.guest);
        return { kind: "done", output: { deleted, leftoverVolumes }, ...(upid && { upid }) };
      } catch (error) {
        await recordFailure(latest, error, deps);
        throw error;
      }
    },
  });
}

/** Nothing happened to the guest: all is checked anew, or after too long a time a person is asked. */
async function recordNotBegun(
  claim: Claim,
  { deletions, clock }: Pick<Deps, "deletions" | "clock">,
): Promise<ToolResult> {
  const now = clock.now();
  const message = `The deletion of ${guestLabel(claim.guest)} had not begun.`;
  if (claim.committedAt && !isPast(now, claim.committedAt, commitGrace)) {
    await deletions.advance(claim, { state: "preparing", committedAt: null });
  } else {
    const reason = "it was interrupted before the guest was touched";
    const change = { state: "held", reason, committedAt: null, nextAt: now } as const;
    await deletions.advance(claim, change, held(claim, reason));
  }
  return { kind: "unchanged", message };
}
