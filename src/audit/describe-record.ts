import { Temporal } from "temporal-polyfill";
import type { AuditRecord } from "./audit-log.ts";

/** One line for a person: when, who, what, on which guest, how it went. */
export function describeRecord(record: AuditRecord): string {
  const { at, step, tool, target, principal, approver, upid, message } = record;
  const time = Temporal.Instant.fromEpochMilliseconds(at).toString({ smallestUnit: "second" });
  const guest = target.guest ? ` ${target.guest.name} (VMID ${target.guest.vmid})` : "";
  const confirmed = approver ? `, answered by ${approver.name}` : "";
  const who =
    principal.role === "scheduler" ? `the schedule, for ${principal.name},` : principal.name;
  const details = [upid, message].filter(Boolean).join(", ");
  return `${time} ${who} ${tool}${guest}: ${step}${confirmed}${details && `, ${details}`}`;
}
