import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { AuditRecord } from "#src/audit/audit-log.ts";
import { plainText } from "#src/plain-text.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";
import { describeInstant } from "#src/when/describe-instant.ts";

/**
 * What the channel is told of an entry of the audit log: deletions that people ask for,
 * power that was cut, owners, holds, changes that failed, the brake, and the policy file. Undefined for everything else.
 *
 * @param timeZone the channel's
 */
export function noticeOf(record: AuditRecord, timeZone: string): string | undefined {
  const { tool, step, target, principal } = record;
  if (step === "succeeded" && tool === "freeze_changes") return describeFreeze(record);
  if (step === "succeeded" && tool === "release_changes") {
    return `Changes go on again: ${record.message ?? `${principal.name} released them.`}`;
  }
  if (tool === "change_policy") return describePolicy(record);
  // What carries deletions out tells of them itself, to those who are concerned.
  if (!target.guest || principal.role === "scheduler") return undefined;
  const guest = guestName(target.guest);
  const by = byWhom(record);
  const because = record.message ? `: ${record.message}` : ".";

  if (step === "failed") return `${inWords(tool)} ${guest}, asked by ${by}, failed${because}`;
  if (step !== "succeeded") return undefined;
  const time = timeOf(target, record.at, timeZone);
  switch (tool) {
    case "schedule_deletion":
      return `${guest} is scheduled for deletion: ${time}, by ${by}.`;
    case "reschedule_deletion":
      return `The deletion of ${guest} was moved: ${time}, by ${by}.`;
    case "extend_lease":
      return `The lease of ${guest} was extended: ${time}, by ${by}.`;
    case "cancel_deletion":
      return `The deletion of ${guest} was cancelled by ${by}.`;
    case "restore_guest":
      return `${guest} was restored by ${by}.`;
    case "transfer_guest":
      return `${guest} belongs to ${target.newOwner ?? "another owner"} now, by ${by}.`;
    case "hold_guest":
      return `${guest} was put on hold by ${by}${reasonIn(record)}: nobody can delete it meanwhile.`;
    case "release_hold":
      return `The hold on ${guest} was ended by ${by}; it can be deleted again.`;
    case "stop_guest":
      return `The power of ${guest} was cut by ${by}.`;
    default:
      return undefined;
  }
}

/** Why a guest was put on hold, as it was said. */
function reasonIn({ input }: AuditRecord): string {
  const { data } = z.object({ reason: z.string().min(1) }).safeParse(input);
  return data ? ` (${plainText(data.reason, 200)})` : "";
}

function describeFreeze({ principal, message }: AuditRecord): string {
  const why = message ? ` (${message})` : "";
  return `Every change is stopped by ${principal.name}${why}. Reading and cancelling deletions go on.`;
}

function describePolicy({ step, message = "" }: AuditRecord): string | undefined {
  if (step === "succeeded")
    return `The policy file has changed, and this is in force now. ${message}`;
  const stays = "The policy file has mistakes, so the policy before stays in force.";
  return step === "refused" ? `${stays}\n${message}` : undefined;
}

function timeOf({ at, asSoonAsConfirmed }: Target, now: number, timeZone: string): string {
  if (!at || asSoonAsConfirmed) return "at once";
  const moment = { now: Temporal.Instant.fromEpochMilliseconds(now), timeZone };
  return describeInstant(Temporal.Instant.from(at), moment);
}

function guestName({ name, kind, vmid, node }: GuestTarget): string {
  return `${name} (${kind.toUpperCase()} ${vmid} on ${node})`;
}

function byWhom({ principal, approver, approvers }: AuditRecord): string {
  if (!approver) return principal.name;
  if (approvers) {
    return `${principal.name}, confirmed by ${approvers.map(({ name }) => name).join(" and ")}`;
  }
  return approver.id === principal.id
    ? `${principal.name}, who confirmed it`
    : `${principal.name}, confirmed by ${approver.name}`;
}

/** `stop_guest` becomes `Stop guest`. */
function inWords(tool: string): string {
  const words = tool.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
