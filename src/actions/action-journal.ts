import type { AuditEntry, AuditLog, AuditStep } from "#src/audit/audit-log.ts";
import type { Logger } from "#src/log.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Target } from "#src/policy/target.ts";
import type { ActionReport, ToolCall } from "./action-report.ts";
import type { ToolContext } from "./tool.ts";

/** What the front end and the conversation add to a call. */
export interface SubmitContext extends ToolContext {
  /** The conversation that the call comes from; its confirmations belong there. */
  readonly conversation: string;
  /** Where an answer to a confirmation is given, in the front end's terms. */
  readonly place?: string | undefined;
  /** The message that led to this, by the front end's key; the audit log finds its acts by it. */
  readonly origin?: string | undefined;
  /** Hash of the prompt that the model was given. */
  readonly promptVersion?: string | undefined;
}

/** A call whose target is known, on its way through the executor. */
export interface Action {
  /** The same in all of the action's audit entries; the confirmation's id where there is one. */
  readonly id: string;
  readonly call: ToolCall;
  readonly target: Target;
  readonly context: SubmitContext;
  readonly decision: ActionReport["decision"];
  /** Who confirmed it, where somebody had to. */
  readonly approver?: Principal | undefined;
}

interface Details {
  readonly message?: string | undefined;
  readonly upid?: string | undefined;
}

/** Writes an action's steps to the audit log. */
export interface ActionJournal {
  /** Before anything is done: when it rejects, the action must not go on. */
  record(action: Action, step: AuditStep, details?: Details): Promise<void>;
  /**
   * That it begins, unless `admit` says no when nothing can come in between any more; when it
   * rejects, the action must not go on either.
   */
  begin(action: Action, admit: () => Promise<boolean>): Promise<boolean>;
  /** After it was done: never rejects, because a log that fails now must not hide the outcome. */
  recordEnd(action: Action, step: AuditStep, details?: Details): Promise<void>;
}

export function createActionJournal(audit: AuditLog, log: Logger): ActionJournal {
  function entryOf(action: Action, step: AuditStep, { message, upid }: Details = {}): AuditEntry {
    const { id, call, target, context, decision, approver } = action;
    const { promptVersion, principal, origin, approvedBy = [] } = context;
    const confirmer = approver ?? approvedBy.find((one) => one.id !== principal.id);
    return {
      actionId: id,
      step,
      tool: call.tool,
      input: call.input,
      target,
      principal: { id: principal.id, name: principal.name, role: principal.role },
      decision,
      approver: confirmer && { id: confirmer.id, name: confirmer.name },
      approvers: approvedBy.length > 1 ? approvedBy : undefined,
      upid,
      message,
      promptVersion,
      origin,
    };
  }

  async function record(action: Action, step: AuditStep, details?: Details) {
    await audit.append(entryOf(action, step, details));
  }

  return {
    record,
    begin: (action, admit) => audit.append(entryOf(action, "started"), admit),
    async recordEnd(action, step, details) {
      try {
        await record(action, step, details);
      } catch (error) {
        log.fatal({ err: error, actionId: action.id, step, ...details }, "outcome was not audited");
      }
    },
  };
}
