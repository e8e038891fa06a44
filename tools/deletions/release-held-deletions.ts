import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import {
  defineTool,
  type PlannedCall,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
} from "#src/actions/tool.ts";
import type { Clock } from "#src/clock.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { isHeldForTooMany } from "#src/deletions/held-reasons.ts";
import { PublicError } from "#src/errors.ts";
import type { OneOfDeletions } from "#src/policy/target.ts";
import type { GuestDetail, Guests } from "#src/proxmox/guest.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";
import { eventFollows } from "./calendar-note.ts";
import { theOne } from "./find-deletion.ts";
import {
  backupTarget,
  describePreparation,
  type Preparation,
  planWithoutBackup,
} from "./preparation.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "listOpen" | "reschedule">;
  readonly clock: Clock;
  readonly preparation: Preparation;
}

/** As many as a person can read through before approving. */
const maxGuests = 20;

const input = defineInput(
  z.object({
    guests: z
      .array(guestReference)
      .min(1)
      .nullable()
      .describe("Which of them; null: all that are held for this reason"),
  }),
);

interface PlannedReleases extends PlannedCall {
  readonly rows: readonly Deletion[];
}

/**
 * Lets deletions go at once that are held only because too many were due together. One person
 * confirms all of them; each is judged and checked by itself all the same.
 */
export function releaseHeldDeletions(deps: Deps): Tool {
  return defineTool({
    name: "release_held_deletions",
    description:
      "Delete now what is on hold because too many deletions were due at once; a person confirms all together.",
    effect: "destructive",
    input,
    plan: ({ guests }, context) => plan(guests, context, deps),
    apply: ({ rows }, context) => apply(rows, context, deps),
  });
}

async function plan(
  references: readonly (string | number)[] | null,
  { askedAt, signal }: ToolContext,
  deps: Deps,
): Promise<PlannedReleases> {
  const held = (await deps.deletions.listOpen()).filter(isHeldForTooMany);
  const meant = meantBy(references, held);
  const rows = meant.slice(0, maxGuests).sort((a, b) => a.guest.vmid - b.guest.vmid);
  const targets = await Promise.all(rows.map((row) => targetOf(row, deps, signal)));
  return {
    summary: summaryOf(targets, meant.length, deps.preparation),
    target: { deletions: targets, at: askedAt.toString(), asSoonAsConfirmed: true },
    rows,
  };
}

async function apply(
  rows: readonly Deletion[],
  { principal: { id, name, timeZone }, approvedBy }: ToolContext,
  { deletions, clock }: Deps,
): Promise<ToolResult> {
  const confirmed = { confirmedBy: { id, name }, approvedBy };
  const time = { dueAt: clock.now(), timeZone, ...confirmed, beyondLimit: true };
  const moved: Deletion[] = [];
  for (const row of rows) {
    const { withoutBackup } = row;
    const after = await deletions.reschedule(row, { ...time, withoutBackup });
    if (after) moved.push(after);
  }
  if (moved.length === 0) throw new ToolError("All of these have changed meanwhile; ask again.");
  const left = rows.filter((row) => !moved.some((one) => one.id === row.id));
  const output = {
    deletedNow: moved.map(({ guest }) => guestLabel(guest)),
    ...(left.length > 0 && { changedMeanwhile: left.map(({ guest }) => guestLabel(guest)) }),
    calendar: eventFollows,
  };
  return { kind: "done", output };
}

/** The held deletion as a call acts on it, with the guest as it is now. */
async function targetOf(
  deletion: Deletion,
  { guests, preparation }: Deps,
  signal: AbortSignal,
): Promise<OneOfDeletions> {
  const { id, requestedBy, dueAt } = deletion;
  const guest = guestTarget(await findAgain(deletion, guests, signal));
  const withoutBackup = planWithoutBackup(null, deletion.withoutBackup, preparation, { guest });
  const backup = backupTarget(withoutBackup);
  return { id, requestedBy: requestedBy.id, dueAt: dueAt.toString(), guest, ...backup };
}

async function findAgain(
  { guest }: Deletion,
  guests: Deps["guests"],
  signal: AbortSignal,
): Promise<GuestDetail> {
  const instead = "Cancel its deletion, or say which of the others to delete.";
  try {
    const found = await guests.find(String(guest.vmid), signal);
    if (found.fingerprint === guest.fingerprint) return found;
  } catch (cause) {
    if (!(cause instanceof PublicError)) throw cause;
    throw new ToolError(`${guestLabel(guest)}: ${cause.message} ${instead}`, { cause });
  }
  throw new ToolError(`${guestLabel(guest)} was replaced by another guest. ${instead}`);
}

function meantBy(
  references: readonly (string | number)[] | null,
  held: readonly Deletion[],
): readonly Deletion[] {
  if (held.length === 0) {
    throw new ToolError("No deletion is on hold because too many were due at once.");
  }
  if (references === null) return held;
  const named = references.map((reference) => {
    const message = `No deletion of ${reference} is on hold because too many were due at once.`;
    return theOne(String(reference), held, new ToolError(message));
  });
  return [...new Set(named)];
}

function summaryOf(
  targets: readonly OneOfDeletions[],
  count: number,
  preparation: Preparation,
): string {
  const labels = targets.map(
    ({ guest, withoutBackup }) => `${guestLabel(guest)}${withoutBackup ? " without a backup" : ""}`,
  );
  const many = targets.length === 1 ? "1 guest" : `${targets.length} guests`;
  const which = count > targets.length ? `the first ${many} of ${count}` : many;
  const withoutBackup = targets.every((target) => target.withoutBackup);
  return [
    `Delete ${which} for good as soon as this is confirmed, although too many are due at once: ${labels.join(", ")}.`,
    describePreparation(withoutBackup, preparation, "Each"),
  ].join(" ");
}
