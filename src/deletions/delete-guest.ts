import { z } from "zod";
import { guestLabel, guestTarget, lastKnownGuest } from "#src/actions/guest-target.ts";
import {
  defineTool,
  type InputSchema,
  RefusedError,
  type Tool,
  ToolError,
} from "#src/actions/tool.ts";
import type { Clock } from "#src/clock.ts";
import type {
  FollowOptions,
  GuestDestroyer,
  GuestDetail,
  GuestHistory,
  GuestPower,
  Guests,
} from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import type { Deletion, DeletionStore } from "./deletion-store.ts";
import { objectionToNow } from "./deletion-time.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly history: GuestHistory;
  readonly power: Pick<GuestPower, "shutdown">;
  readonly destroyer: GuestDestroyer;
  readonly deletions: Pick<DeletionStore, "find" | "claim" | "markDone" | "markFailed">;
  readonly clock: Clock;
}

const fields = z.strictObject({ deletionId: z.uuid() });

const input: InputSchema<z.infer<typeof fields>> = {
  jsonSchema: z.toJSONSchema(fields),
  parse(raw) {
    const parsed = fields.safeParse(raw);
    if (parsed.success) return parsed.data;
    throw new ToolError("delete_guest takes the id of a deletion.", { cause: parsed.error });
  },
};

/**
 * Carries out one deletion of the schedule: the confirmed guest at the confirmed time, and no
 * other. The model never gets this tool.
 *
 * A running guest is shut down first, never by force, and until that is done the deletion can
 * still be cancelled.
 */
export function deleteGuest(deps: Deps): Tool {
  const { guests, history, deletions, clock } = deps;
  return defineTool({
    name: "delete_guest",
    description: "Carry out a scheduled deletion that is due.",
    effect: "destructive",
    input,

    async plan({ deletionId }, { signal }) {
      const deletion = await deletions.find(deletionId);
      if (!deletion) throw new ToolError(`There is no deletion ${deletionId}.`);
      const objection = objectionToNow(deletion, clock.now());
      if (objection) throw refusal(deletion, objection);

      const guest = await findDoomed(deletion, guests, signal);
      await refuseSuccessor(deletion, history, signal);
      return {
        summary: `Delete ${guestLabel(guest)} for good.`,
        target: { guest: guestTarget(guest), ...scheduleTarget(deletion) },
        deletion,
        running: guest.status !== "stopped",
      };
    },

    async apply({ target, deletion, running }, { signal, onProgress }) {
      const follow = { signal, onProgress };
      if (running) await deps.power.shutdown(target.guest, follow);
      if (!(await deletions.claim(deletion))) {
        throw new ToolError(`The deletion of ${guestLabel(target.guest)} has changed meanwhile.`);
      }
      const { upid, leftoverVolumes } = await destroy(deps, deletion, follow);
      await deletions.markDone(deletion.id, upid);
      return { kind: "done", upid, output: { deleted: guestLabel(target.guest), leftoverVolumes } };
    },
  });
}

/**
 * The guest that the deletion is for, live.
 *
 * @throws RefusedError when it is not found, which is not to say that it was deleted: a token that
 * lost a privilege sees nothing. Also when its VMID belongs to another guest now.
 */
async function findDoomed(
  deletion: Deletion,
  guests: Pick<Guests, "find">,
  signal: AbortSignal,
): Promise<GuestDetail> {
  const { vmid, kind, fingerprint } = deletion.guest;
  const guest = await guests.find(String(vmid), signal).catch((error: unknown) => {
    if (!(error instanceof ProxmoxError && error.kind === "no-such-guest")) throw error;
    throw refusal(deletion, "the guest is not found; it may be gone, or hidden from me", error);
  });
  if (guest.kind !== kind || guest.fingerprint !== fingerprint) {
    throw refusal(deletion, `another guest has VMID ${vmid} now: ${guestLabel(guest)}`);
  }
  return guest;
}

/**
 * What a fingerprint cannot tell: a container that was deleted and restored looks the same.
 *
 * @throws RefusedError unless the tasks of the VMID say that it still is the guest of then.
 */
async function refuseSuccessor(
  deletion: Deletion,
  history: GuestHistory,
  signal: AbortSignal,
): Promise<void> {
  const { guest, requestedAt } = deletion;
  const verdict = await history.historySince(guest.vmid, requestedAt.epochMilliseconds, signal);
  if (verdict.kind === "unchanged") return;
  const reason =
    verdict.kind === "changed"
      ? `VMID ${guest.vmid} was created or destroyed since (${verdict.upids.join(", ")})`
      : `whether it still is the same guest cannot be known: ${verdict.reason}`;
  throw refusal(deletion, reason);
}

/** Destroys the claimed guest; a failure is written down, because disks may be gone by then. */
async function destroy(
  { destroyer, deletions }: Deps,
  { id, guest }: Deletion,
  follow: FollowOptions,
) {
  try {
    return await destroyer.destroy(guest, follow);
  } catch (error) {
    const known = error instanceof ProxmoxError ? error : undefined;
    await deletions.markFailed(id, known?.message ?? "How it ended is not known.", known?.upid);
    throw error;
  }
}

function refusal(deletion: Deletion, reason: string, cause?: unknown): RefusedError {
  const guest = lastKnownGuest(deletion.guest);
  const message = `${guestLabel(guest)} was not deleted: ${reason}.`;
  return new RefusedError(message, { guest, ...scheduleTarget(deletion) }, { cause });
}

function scheduleTarget({ id, requestedBy, dueAt }: Deletion) {
  const at = dueAt.toString();
  return { deletion: { id, requestedBy: requestedBy.id, dueAt: at }, at };
}
