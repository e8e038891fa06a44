import { randomUUID } from "node:crypto";
import type { AuditLog, AuditStep } from "#src/audit/audit-log.ts";
import type { Logger } from "#src/log.ts";
import type { Principal } from "#src/policy/principal.ts";
import { type BrakeTool, objectionToBraking, type Roles } from "#src/policy/roles.ts";
import { type Brake, type Frozen, onOneLine } from "./brake.ts";
import { describeFrozen } from "./braked.ts";

/** Who uses the brake, and the front end's key of the message that says so. */
export interface BrakeUse {
  readonly by: Pick<Principal, "id" | "name" | "role">;
  readonly origin?: string | undefined;
}

/**
 * The brake as people get at it: what their roles let them, at once, and with an entry in the audit
 * log. It is no tool, so no model has it, and it holds nothing up itself: it works while everything
 * is frozen.
 */
export interface BrakeLever {
  /** @returns what holds then, or why not, as a sentence */
  freeze(use: BrakeUse, reason: string): Promise<string>;
  /** @returns what holds then, or why not, as a sentence */
  release(use: BrakeUse): Promise<string>;
  state(): Promise<Frozen | undefined>;
}

interface Deps {
  readonly brake: Brake;
  readonly audit: Pick<AuditLog, "append">;
  readonly log: Logger;
  /** What roles may do; absent where whoever gets here may anyhow. */
  readonly roles?: (() => Roles) | undefined;
}

/** What is said where nothing holds. */
export const nothingFrozen = "Nothing is stopped: changes go on.";

export function createBrakeLever({ brake, audit, log, roles }: Deps): BrakeLever {
  /** The entries of one use. */
  function journalOf(tool: BrakeTool, { by: { id, name, role }, origin }: BrakeUse, input: object) {
    const principal = { id, name, role };
    const entry = { actionId: randomUUID(), tool, input, target: {}, principal, origin };
    return (step: AuditStep, message?: string) =>
      audit.append({ ...entry, step, message, decision: step === "denied" ? "deny" : "allow" });
  }

  const objection = ({ by }: BrakeUse, tool: BrakeTool) =>
    roles && objectionToBraking(roles(), by, tool);

  return {
    state: () => brake.state(),

    async freeze(use, said) {
      const reason = onOneLine(said);
      const record = journalOf("freeze_changes", use, { reason });
      const refusal = objection(use, "freeze_changes");
      if (refusal !== undefined) {
        await record("denied", refusal);
        return refusal;
      }
      // First the brake: a log that cannot be written must not keep anybody from stopping.
      const isNew = await brake.freeze(use.by, reason);
      await record(isNew ? "succeeded" : "unchanged", reason || undefined).catch((error: unknown) =>
        log.fatal({ err: error, by: use.by.id }, "a freeze was not audited"),
      );
      const frozen = await brake.state();
      return frozen ? describeFrozen(frozen) : nothingFrozen;
    },

    async release(use) {
      const record = journalOf("release_changes", use, {});
      const refusal = objection(use, "release_changes");
      if (refusal !== undefined) {
        await record("denied", refusal);
        return refusal;
      }
      if (!(await brake.state())) return nothingFrozen;
      await record("started");
      const left = await brake.release(use.by);
      const message = left ? describeFrozen(left) : undefined;
      await record(left ? "failed" : "succeeded", message);
      return message ?? nothingFrozen;
    },
  };
}
