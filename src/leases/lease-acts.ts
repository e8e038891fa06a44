import { randomUUID } from "node:crypto";
import { guestTarget, lastKnownGuest } from "#src/actions/guest-target.ts";
import type { AuditLog, AuditStep } from "#src/audit/audit-log.ts";
import { type Deletion, nobodyKnown } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { describeTerms } from "#src/policy/lease-rules.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Target } from "#src/policy/target.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import type { LeaseStep } from "./decide-lease.ts";
import type { LeaseNews } from "./lease-news.ts";
import type { LeaseSpan } from "./lease-time.ts";

/** A guest whose lease takes a step. */
export interface Leased {
  readonly guest: GuestDetail;
  /** The person of the policy that it belongs to. */
  readonly owner?: Principal | undefined;
  readonly span: LeaseSpan;
  /** Its lease has just begun. */
  readonly isNew: boolean;
}

/** What leases do, each with its entries in the audit log; nothing of it confirms anything. */
export interface LeaseActs {
  /** @returns what people are to be told; nothing where somebody was faster. */
  take(step: LeaseStep, leased: Leased): Promise<readonly LeaseNews[]>;
  takeBack(deletion: Deletion, reason: string): Promise<readonly LeaseNews[]>;
}

interface Deps {
  readonly deletions: Pick<DeletionStore, "schedule" | "reschedule" | "withdraw">;
  readonly audit: Pick<AuditLog, "append">;
  /** Whether guests go without a backup here. */
  readonly withoutBackup: boolean;
}

/** Who stands in the audit log for what the policy says of leases. */
const lease = { id: "lease", name: "lease", role: "lease" } as const;

export function createLeaseActs({ deletions, audit, withoutBackup }: Deps): LeaseActs {
  /** Does what is in the audit log already, and says there whether it came to anything. */
  async function record<Result>(
    tool: string,
    target: Target,
    message: string,
    act: () => Promise<Result>,
  ): Promise<Result> {
    const entry = { actionId: randomUUID(), tool, target, principal: lease, message };
    const append = (step: AuditStep) =>
      audit.append({ ...entry, input: {}, step, decision: "allow" });
    await append("started");
    const result = await act();
    await append(result ? "succeeded" : "unchanged");
    return result;
  }

  async function setEnd(at: Deletion["dueAt"], { guest, owner, span, isNew }: Leased) {
    const target = { guest: guestTarget(guest), at: at.toString() };
    const deletion = await record("set_lease_end", target, describeTerms(span.terms), () =>
      deletions.schedule({
        guest: { ...target.guest, pool: guest.pool },
        dueAt: at,
        timeZone: span.timeZone,
        requestedBy: owner ? { id: owner.id, name: owner.name } : nobodyKnown,
        withoutBackup,
        ofLease: true,
      }),
    );
    return deletion ? [{ kind: isNew ? "begun" : "renewed", deletion, span } as const] : [];
  }

  async function putBack(before: Deletion, at: Deletion["dueAt"], { guest, span }: Leased) {
    const target = { guest: guestTarget(guest), ...targetOf(before), at: at.toString() };
    const deletion = await record("put_back_lease_end", target, describeTerms(span.terms), () => {
      const { timeZone, withoutBackup, beyondLimit } = before;
      return deletions.reschedule(before, { dueAt: at, timeZone, withoutBackup, beyondLimit });
    });
    return deletion ? [{ kind: "put-back", deletion, from: before.dueAt } as const] : [];
  }

  async function takeBack(deletion: Deletion, reason: string): Promise<readonly LeaseNews[]> {
    const target = { guest: lastKnownGuest(deletion.guest), ...targetOf(deletion) };
    const isDone = await record("take_back_lease_end", target, reason, () =>
      deletions.withdraw(deletion, `Taken back: ${reason}.`),
    );
    return isDone ? [{ kind: "taken-back", deletion, reason }] : [];
  }

  return {
    takeBack,
    async take(step, leased) {
      switch (step.kind) {
        case "rest":
          return [];
        case "set-end":
          return setEnd(step.at, leased);
        case "put-back":
          return putBack(step.deletion, step.at, leased);
        case "take-back":
          return takeBack(step.deletion, step.reason);
      }
    },
  };
}

function targetOf({ id, requestedBy, dueAt }: Deletion): Pick<Target, "deletion"> {
  return { deletion: { id, requestedBy: requestedBy.id, dueAt: dueAt.toString() } };
}
