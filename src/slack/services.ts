import type { WebClient } from "@slack/web-api";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { Agent } from "#src/agent/agent.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { Principals } from "#src/policy/principal.ts";

/** What the front end needs of the application. */
export interface SlackServices {
  readonly agent: Agent;
  readonly executor: ActionExecutor;
  readonly confirmations: ConfirmationStore;
  readonly audit: Pick<AuditLog, "ofOrigin">;
  readonly principals: Principals;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who we are in the workspace, as `auth.test` says. */
export interface SlackIdentity {
  readonly teamId: string;
  readonly botUserId: string;
  readonly botId: string;
}

/**
 * Two clients, because a rate limit pauses a whole client: what a person waits for must not stand
 * behind what nobody waits for.
 */
export interface SlackWeb {
  readonly interactive: WebClient;
  readonly bulk: WebClient;
}
