import type { ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { AuditLog, AuditRecord } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { PolicyRequest, Usage } from "#src/policy/policy.ts";
import type { Known, PolicyDocument } from "#src/policy/policy-document.ts";

export interface UsageDeps {
  readonly tools: Known["tools"];
  readonly confirmations: Pick<ConfirmationStore, "pending">;
  readonly audit: Pick<AuditLog, "find">;
  readonly clock: Clock;
}

/** So many entries of an hour are looked through; where there are more, all of them count. */
const entries = 1_000;

/** Counts what the limits of a policy are about, where it has such limits. */
export function usageReader({ tools, confirmations, audit, clock }: UsageDeps) {
  const destructive = tools
    .filter(({ effect }) => effect === "destructive")
    .map(({ name }) => name);
  return async (
    { limits }: PolicyDocument,
    { effect, principal }: PolicyRequest,
  ): Promise<Usage | undefined> => {
    const { destructivePerHour, openConfirmationsPerUser } = limits;
    if (effect === "read" || (destructivePerHour ?? openConfirmationsPerUser) === undefined) {
      return undefined;
    }
    const since = clock.now().subtract({ hours: 1 }).epochMilliseconds;
    const [latest, open] = await Promise.all([
      audit.find({ tools: destructive, since, limit: entries }),
      confirmations.pending(),
    ]);
    // Whoever has many refused must not push out of sight what was done before.
    const counted = ({ step }: AuditRecord) => latest.more || step === "started";
    return {
      destructiveInLastHour: latest.records.filter(counted).length,
      openConfirmations: open.filter(({ requestedBy }) => requestedBy.id === principal.id).length,
    };
  };
}
