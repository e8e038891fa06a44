import { z } from "zod";
import { guestLabel, lastKnownGuest } from "#src/actions/guest-target.ts";
import { type InputSchema, RefusedError, ToolError } from "#src/actions/tool.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Claim, DeletionState } from "./deletion.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { objectionIn } from "./judge.ts";
import { readWorld, type WorldDeps } from "./read-world.ts";

const fields = z.strictObject({ deletionId: z.string(), fence: z.number().int() });

/** Which claim on which deletion a step is for. */
export type ClaimInput = z.infer<typeof fields>;

/** The input of the tools with which the scheduler works; no model sees it. */
export function claimInput(tool: string): InputSchema<ClaimInput> {
  return {
    jsonSchema: z.toJSONSchema(fields),
    parse(raw) {
      const parsed = fields.safeParse(raw);
      if (parsed.success) return parsed.data;
      throw new ToolError(`${tool} takes a deletion and its fence.`, { cause: parsed.error });
    },
  };
}

/**
 * The claimed deletion.
 *
 * @throws ToolError when the claim was lost, or the deletion is in another state by now.
 */
export async function findClaim(
  { deletionId, fence }: ClaimInput,
  deletions: Pick<DeletionStore, "find">,
  ...states: readonly DeletionState[]
): Promise<Claim> {
  const claim = await deletions.find(deletionId);
  if (!claim) throw new ToolError(`There is no deletion ${deletionId}.`);
  if (claim.fence === fence && states.includes(claim.state)) return claim;
  throw new ToolError(`The deletion of ${guestLabel(claim.guest)} has changed meanwhile.`);
}

/**
 * The guest of a deletion that may go on, live.
 *
 * @throws RefusedError with what speaks against it: in the calendar, in the cluster, or here.
 */
export async function inspect(
  claim: Claim,
  deps: WorldDeps,
  signal: AbortSignal,
): Promise<{ readonly guest: GuestTarget; readonly running: boolean }> {
  const world = await readWorld(claim, deps, signal);
  const objection = objectionIn(claim, world);
  if (objection) throw refusal(claim, objection.reason);
  // Without an objection the guest is there.
  if (world.guest.kind !== "there") throw refusal(claim, "the guest is not found");
  return world.guest;
}

function refusal(claim: Claim, reason: string): RefusedError {
  const guest = lastKnownGuest(claim.guest);
  const message = `${guestLabel(guest)} was left alone: ${reason}.`;
  return new RefusedError(message, { guest, ...scheduleTarget(claim) });
}

/** The deletion's part of a target. */
export function scheduleTarget({ id, requestedBy, dueAt }: Claim) {
  const at = dueAt.toString();
  return { deletion: { id, requestedBy: requestedBy.id, dueAt: at }, at };
}
