import type { Redact } from "#src/redaction.ts";
import type { AuditEntry, AuditLog } from "./audit-log.ts";

/** The log, whose entries hold no secret; redacted before they are chained, or no hash would fit. */
export function redactedAuditLog(audit: AuditLog, redact: Redact): AuditLog {
  const clean = (entry: AuditEntry): AuditEntry => JSON.parse(redact(JSON.stringify(entry)));
  return { ...audit, append: (entry, ...rest) => audit.append(clean(entry), ...rest) };
}
