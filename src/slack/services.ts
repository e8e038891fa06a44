import type { WebClient } from "@slack/web-api";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { Agent } from "#src/agent/agent.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { BrakeLever } from "#src/brake/brake-lever.ts";
import type { Clock } from "#src/clock.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Logger } from "#src/log.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principals } from "#src/policy/principal.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestRisks } from "#src/proxmox/guest-risk.ts";
import type { Redact } from "#src/redaction.ts";

/** What the front end needs of the application. */
export interface SlackServices {
  readonly agent: Agent;
  readonly executor: ActionExecutor;
  readonly confirmations: ConfirmationStore;
  readonly audit: Pick<AuditLog, "after" | "ofOrigin" | "tail">;
  readonly principals: Principals;
  /** What the policy in force says, to tell people of it; the executor decides. */
  readonly policy: { document(): PolicyDocument };
  readonly brake: BrakeLever;
  readonly guests: Pick<Guests, "find" | "list">;
  readonly risks: GuestRisks;
  readonly deletions: Pick<DeletionStore, "find" | "listOpen">;
  readonly clock: Clock;
  readonly log: Logger;
  /** In which the channel is told of times. */
  readonly timeZone: string;
}

/** The workspace to work in, and how. */
export interface SlackSettings {
  readonly botToken: string;
  readonly transport:
    | { readonly kind: "socket"; readonly appToken: string }
    | { readonly kind: "http"; readonly signingSecret: string; readonly port: number };
  /** With a slash at its end; Slack's own when absent. */
  readonly apiUrl?: string | undefined;
  /** The channel that hears of everything: an id or a name. */
  readonly channel: string;
  /** What guests and people of other organizations may do. */
  readonly externals: "refuse" | "viewer";
  /** What every text passes before Slack gets it. */
  readonly redact?: Redact | undefined;
}

/** Who we are in the workspace, as `auth.test` says. */
export interface SlackIdentity {
  readonly teamId: string;
  /** The organization on Enterprise Grid that the workspace belongs to. */
  readonly enterpriseId?: string | undefined;
  readonly botUserId: string;
  readonly botId: string;
}

/**
 * Two clients, because they differ in patience: what a person waits for fails soon, what nobody
 * waits for outlasts a rate limit.
 */
export interface SlackWeb {
  readonly interactive: WebClient;
  readonly bulk: WebClient;
}
