import { guestLabel, lastKnownGuest } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import type { GuestBackups, GuestMarks } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { backupRemoved } from "./deletion-notices.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { claimInput, findClaim, scheduleTarget } from "./inspect.ts";

interface Deps {
  readonly marks: GuestMarks;
  readonly backups: Pick<GuestBackups, "remove">;
  readonly deletions: Pick<DeletionStore, "find" | "advance">;
}

/** The tag by which people see in Proxmox that a guest is to go. */
export function markOf(deletionId: string): string {
  return `delete-${deletionId.slice(-8)}`;
}

/** What surrounds a deletion: the mark on the guest, and the backup that is past its time. */
export function createAftercareTools(deps: Deps): readonly Tool[] {
  return [markGuest(deps), unmarkGuest(deps), removeBackup(deps)];
}

function markGuest({ marks, deletions }: Deps): Tool {
  return defineTool({
    name: "mark_doomed_guest",
    description: "Tag a guest whose deletion is planned.",
    effect: "reversible",
    input: claimInput("mark_doomed_guest"),
    async plan(input) {
      const claim = await findClaim(input, deletions, "planned");
      const guest = lastKnownGuest(claim.guest);
      const summary = `Tag ${guestLabel(guest)}, which is to be deleted.`;
      return { summary, target: { guest, ...scheduleTarget(claim) }, claim };
    },
    async apply({ claim }, { signal }) {
      const mark = markOf(claim.id);
      await marks.set(claim.guest, mark, signal);
      await deletions.advance(claim, { mark });
      return { kind: "done", output: { mark } };
    },
  });
}

function unmarkGuest({ marks, deletions }: Deps): Tool {
  return defineTool({
    name: "unmark_spared_guest",
    description: "Take the tag off a guest that is not to be deleted any more.",
    effect: "reversible",
    input: claimInput("unmark_spared_guest"),
    async plan(input) {
      const claim = await findClaim(input, deletions, "cancelled");
      const guest = lastKnownGuest(claim.guest);
      const summary = `Take the tag off ${guestLabel(guest)}, which stays.`;
      return { summary, target: { guest, ...scheduleTarget(claim) }, claim };
    },
    async apply({ claim }, { signal }) {
      await marks.clear(claim.guest, claim.mark ?? markOf(claim.id), signal).catch(requireGone);
      await deletions.advance(claim, { mark: null });
      return { kind: "done", output: {} };
    },
  });
}

/** With a guest goes its mark. */
function requireGone(error: unknown): void {
  const kind = error instanceof ProxmoxError ? error.kind : undefined;
  if (kind !== "no-such-guest" && kind !== "changed-guest") throw error;
}

/** Removes the one backup that this program made of the guest, and no other. */
function removeBackup({ backups, deletions }: Deps): Tool {
  return defineTool({
    name: "remove_expired_backup",
    description: "Remove the backup of a deleted guest that is past its time.",
    effect: "destructive",
    input: claimInput("remove_expired_backup"),
    async plan(input) {
      const claim = await findClaim(input, deletions, "planned", "done", "cancelled");
      const guest = lastKnownGuest(claim.guest);
      const summary = `Remove the backup of ${guestLabel(guest)} that is past its time.`;
      return { summary, target: { guest, ...scheduleTarget(claim) }, claim };
    },
    async apply({ claim }, { signal }) {
      const { backup } = claim;
      if (!backup) return { kind: "unchanged", message: "There is no backup." };
      await backups.remove(backup, signal);
      const notices = claim.state === "done" ? backupRemoved(claim) : [];
      await deletions.advance(claim, { backup: null }, notices);
      return { kind: "done", output: { removed: backup.volume } };
    },
  });
}
