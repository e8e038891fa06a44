import type { Temporal } from "temporal-polyfill";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, type Tool, ToolError } from "#src/actions/tool.ts";
import type { Calendar, CalendarEvent } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { Clock } from "#src/clock.ts";
import type { Destroyed, GuestDestroyer } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { backupDays, type DeletionSettings } from "./decide.ts";
import type { Claim } from "./deletion.ts";
import { done, failed } from "./deletion-notices.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { claimInput, findClaim, inspect, scheduleTarget } from "./inspect.ts";
import { startsWhenSeen } from "./judge.ts";
import { refuseWhenLate } from "./lateness.ts";
import type { WorldDeps } from "./read-world.ts";

export interface DeleteGuestDeps extends WorldDeps {
  readonly calendar: Pick<Calendar, "find" | "change">;
  readonly destroyer: Pick<GuestDestroyer, "destroy">;
  readonly deletions: Pick<DeletionStore, "find" | "advance">;
  readonly settings: DeletionSettings;
  readonly clock: Clock;
}

/** Google changes versions by itself now and then, so a new one alone is no veto. */
const versionAttempts = 3;

/**
 * Destroys the guest of a deletion that was confirmed, has come due and is prepared. The model
 * never gets this tool.
 *
 * All is looked at once more; then the calendar decides, by a change of the event that only
 * succeeds on the version that was seen; then the row says that there is no way back; and last, the
 * guest is destroyed.
 */
export function deleteGuest(deps: DeleteGuestDeps): Tool {
  const { deletions, destroyer } = deps;
  return defineTool({
    name: "delete_guest",
    description: "Carry out a scheduled deletion that is due and prepared.",
    effect: "destructive",
    input: claimInput("delete_guest"),

    async plan(input, { signal }) {
      const claim = await findClaim(input, deletions, "preparing");
      const { guest, running } = await inspect(claim, deps, signal);
      if (running) throw new ToolError(`${guestLabel(guest)} runs again, so it was not deleted.`);
      const target = { guest: guestTarget(guest), ...scheduleTarget(claim) };
      return { summary: `Delete ${guestLabel(guest)} for good.`, target, claim };
    },

    async apply({ claim }, { signal, onProgress }) {
      const event = await commitInCalendar(claim, deps, signal);
      let held = await commitInStore(claim, event, deps);
      const onTask = async (upid: string) => {
        held = (await deletions.advance(held, { upid })) ?? held;
      };
      try {
        // By the lease under which all was looked at, which nothing that was done since prolongs.
        const guard = () => refuseWhenLate(claim, deps);
        const options = { signal, onProgress, onTask, guard };
        const destroyed = await destroyer.destroy(claim.guest, options);
        await recordDone(held, destroyed, deps);
        const deleted = guestLabel(claim.guest);
        const { upid, leftoverVolumes } = destroyed;
        return { kind: "done", output: { deleted, leftoverVolumes }, ...(upid && { upid }) };
      } catch (error) {
        await recordFailure(held, error, deps);
        throw error;
      }
    },
  });
}

/** The point at which the calendar decides: a person's removal or move wins, or we do. */
async function commitInCalendar(
  { id, event: seen }: Claim,
  { calendar, deletions }: Pick<DeleteGuestDeps, "calendar" | "deletions">,
  signal: AbortSignal,
): Promise<CalendarEvent> {
  let etag = seen?.etag ?? "";
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await calendar.change(id, etag, { marks: { state: "executing" } }, signal);
    } catch (error) {
      const isOther = error instanceof CalendarError && error.kind === "changed";
      if (!isOther || attempt === versionAttempts) throw error;
      const [event, claim] = [await calendar.find(id, signal), await deletions.find(id)];
      const isSame = event && claim && !event.recurring && startsWhenSeen(claim, event);
      if (!isSame || event.cancelled) throw error;
      etag = event.etag;
    }
  }
}

/** From here on nobody can cancel it. */
async function commitInStore(
  claim: Claim,
  { etag, startsAt = claim.dueAt }: CalendarEvent,
  { deletions, clock }: Pick<DeleteGuestDeps, "deletions" | "clock">,
): Promise<Claim> {
  const committed = await deletions.advance(claim, {
    state: "destroying",
    attempts: 0,
    event: { etag, startsAt },
    committedAt: clock.now(),
    upid: null,
  });
  if (committed) return committed;
  throw new ToolError(`The deletion of ${guestLabel(claim.guest)} has changed meanwhile.`);
}

/** The guest is gone: says so, and has the event removed and the backup kept for its time. */
export async function recordDone(
  claim: Claim,
  { upid = claim.upid, leftoverVolumes }: Destroyed,
  { deletions, settings, clock }: Pick<DeleteGuestDeps, "deletions" | "settings" | "clock">,
): Promise<Claim | undefined> {
  const now: Temporal.Instant = clock.now();
  const { backup } = claim;
  const days = backupDays(settings);
  const until = now.add({ hours: 24 * days });
  return deletions.advance(
    claim,
    {
      state: "done",
      upid: upid ?? null,
      reason: null,
      attempts: 0,
      nextAt: now,
      ...(backup && { backup: { ...backup, until } }),
    },
    done(claim, { upid, leftoverVolumes, backupDays: backup && days }),
  );
}

/**
 * A destroy that failed may have taken disks with it. Of any other failure it is not known here how
 * far it came, so the row stays as it is until that was found out.
 */
export async function recordFailure(
  claim: Claim,
  error: unknown,
  { deletions }: Pick<DeleteGuestDeps, "deletions">,
): Promise<void> {
  if (!(error instanceof ProxmoxError && error.kind === "destroy-failed")) return;
  const { message, upid = claim.upid } = error;
  const change = { state: "failed", reason: message, upid: upid ?? null } as const;
  await deletions.advance(claim, change, failed(claim, message));
}
