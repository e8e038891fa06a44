import type { Temporal } from "temporal-polyfill";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { Calendar } from "#src/calendar/calendar.ts";
import type { Clock } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";
import type { GuestPreparation } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import type { CalendarSync } from "./calendar-sync.ts";
import type { Decision, DeletionSettings } from "./decide.ts";
import type { Claim } from "./deletion.ts";
import type { Limit } from "./deletion-claims.ts";
import { backupStays, reminder, unconfirmed } from "./deletion-notices.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { grace } from "./deletion-time.ts";
import { createEventSteps } from "./event-steps.ts";
import { noBackupReason, tooManyReason } from "./held-reasons.ts";
import { createLettingGo } from "./let-go.ts";
import type { Seen } from "./world.ts";

/**
 * Does what was decided about a claimed deletion.
 *
 * @returns the claim to go on with; undefined when it was let go, or lost.
 */
export type CarryOut = (
  claim: Claim,
  decision: Decision,
  seen: Seen,
  signal: AbortSignal,
) => Promise<Claim | undefined>;

export interface CarryOutDeps {
  readonly calendar: Pick<Calendar, "insert" | "find" | "change" | "remove">;
  /** One that knows the deletions' own tools; the model's does not. */
  readonly executor: Pick<ActionExecutor, "submit">;
  readonly preparation: Pick<GuestPreparation, "look" | "findBackup">;
  readonly deletions: Pick<DeletionStore, "find" | "advance" | "release" | "begin">;
  readonly sync: CalendarSync;
  readonly settings: Pick<DeletionSettings, "backup"> & { readonly limit: Limit };
  readonly clock: Clock;
}

/** The steps that are tools, because they change the cluster. */
const tools = {
  mark: "mark_doomed_guest",
  unmark: "unmark_spared_guest",
  "shut-down": "shut_down_before_deletion",
  "cut-power": "cut_power_before_deletion",
  "back-up": "back_up_before_deletion",
  "start-again": "start_again_after_veto",
  destroy: "delete_guest",
  finish: "finish_deletion",
  "remove-backup": "remove_expired_backup",
} as const;

/** After so many attempts people are told that a backup is still where it should not be. */
const attemptsUntilTold = 4;
/** After so many attempts a guest that does not start is left to people. */
const startAttempts = 5;
/** After so many attempts, which are hours, nobody will find out how a destroy ended. */
const finishAttempts = 20;

export function createCarryOut(deps: CarryOutDeps): CarryOut {
  const { executor, preparation, deletions, settings, clock } = deps;
  const lettingGo = createLettingGo(deps);
  const { wait, hold, giveUpFinish, giveUpStart } = lettingGo;
  const events = createEventSteps({ ...deps, lettingGo });

  /** Takes the step through the door of all changes: planned, judged by the policy, audited. */
  async function submit(
    claim: Claim,
    tool: string,
    signal: AbortSignal,
  ): Promise<Claim | undefined> {
    const { id, fence, confirmedBy, approvedBy, requestedBy, timeZone } = claim;
    const { outcome } = await executor.submit(
      { tool, input: { deletionId: id, fence } },
      {
        principal: { ...(confirmedBy ?? requestedBy), role: "scheduler", timeZone },
        approvedBy,
        askedAt: clock.now(),
        conversation: `deletion:${id}`,
        signal,
      },
    );
    const latest = await deletions.find(id);
    if (latest?.fence !== fence) return undefined;
    if (outcome.kind === "done" || outcome.kind === "unchanged") return latest;
    const message = "message" in outcome ? outcome.message : "It was not carried out.";
    const isAhead = latest.state === "planned" || latest.state === "preparing";
    return outcome.kind === "denied" && isAhead
      ? hold(latest, withoutPeriod(message))
      : recover(latest, tool, message, signal);
  }

  /** A step that failed is taken again, up to the time or the number of attempts it has. */
  async function recover(
    latest: Claim,
    tool: string,
    message: string,
    signal: AbortSignal,
  ): Promise<undefined> {
    const reason = withoutPeriod(message);
    const { state, attempts } = latest;
    if (state === "failed" || signal.aborted) return lettingGo.release(latest);
    if (tool === tools["start-again"] && attempts >= startAttempts) {
      return giveUpStart(latest, reason);
    }
    if (state === "destroying" && attempts >= finishAttempts) return giveUpFinish(latest, message);
    if (tool === tools["remove-backup"] && attempts === attemptsUntilTold) {
      return wait(latest, reason, { notices: backupStays(latest, reason) });
    }
    return wait(latest, reason);
  }

  /** A task's OK is not a backup: it must be listed, and hold this very guest. */
  async function checkBackup(claim: Claim, signal: AbortSignal): Promise<Claim | undefined> {
    const { backup: place } = settings;
    if (!claim.task || !place) return deletions.advance(claim, { task: null });
    const { storage } = place;
    try {
      const { upid } = claim.task;
      const { volume } = await preparation.findBackup(claim.guest, storage, upid, signal);
      return await deletions.advance(claim, {
        task: null,
        backup: { storage, volume },
        attempts: 0,
      });
    } catch (error) {
      if (!(error instanceof PublicError)) throw error;
      const isFinal =
        error instanceof ProxmoxError && ["task-failed", "changed-guest"].includes(error.kind);
      if (!isFinal) return wait(claim, error.message);
      if (claim.state !== "preparing") return deletions.advance(claim, { task: null });
      const reason = `${noBackupReason} (${withoutPeriod(error.message)})`;
      return hold(claim, reason, { task: { kind: "unknown", reason } });
    }
  }

  async function begin(claim: Claim): Promise<Claim | undefined> {
    const begun = await deletions.begin(claim, settings.limit);
    return begun === "limit" ? hold(claim, tooManyReason) : begun;
  }

  return async (claim, decision, seen, signal) => {
    switch (decision.kind) {
      case "rest":
        await deletions.release(claim, { nextAt: decision.until ?? null });
        return undefined;
      case "wait":
        return wait(claim, decision.reason, decision);
      case "hold":
        return hold(claim, decision.reason, seen);
      case "cancel":
        return lettingGo.cancel(claim, decision.reason);
      case "read-calendar":
        return events.readCalendar(claim, decision.reason, signal);
      case "write-event":
        return events.write(claim, signal);
      case "remove-event":
        return events.remove(claim, signal);
      case "remind": {
        const notices = reminder(claim, clock.now());
        // What kept it from being marked is no reason for anything that comes later.
        const reminded = { remindedRevision: claim.revision, reason: null };
        return deletions.advance(claim, reminded, notices);
      }
      case "ask": {
        const nextAt: Temporal.Instant = claim.dueAt.add(grace);
        await deletions.release(claim, { nextAt }, unconfirmed(claim));
        return undefined;
      }
      case "begin":
        return begin(claim);
      case "settle-task":
        return deletions.advance(claim, {
          task: null,
          ...(claim.task?.step === "start" && { stoppedByUs: false }),
        });
      case "check-backup":
        return checkBackup(claim, signal);
      case "give-up-start":
        return giveUpStart(claim, decision.reason);
      case "look":
      case "look-at-task":
        // Whoever decides looks first; without having looked there is nothing to do.
        return claim;
      default:
        return submit(claim, tools[decision.kind], signal);
    }
  };
}

/** A message as the reason within a sentence of ours. */
function withoutPeriod(message: string): string {
  return message.replace(/\.$/, "");
}
