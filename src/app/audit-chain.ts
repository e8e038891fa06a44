import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { OutboxStore } from "#src/outbox/outbox-store.ts";

interface Deps {
  readonly audit: Pick<AuditLog, "verify">;
  readonly outbox: Pick<OutboxStore, "add">;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Verifies the audit log, which takes seconds where it is long, beside everything else. That it was
 * changed is fatal in the log and told in the channel, at most once an hour; what people ask for
 * goes on. Disposing of it waits until nothing reads the database any more.
 */
export function watchAuditChain(deps: Deps): AsyncDisposable {
  const stopping = new AbortController();
  const verified = verify(deps, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await verified;
    },
  };
}

async function verify({ audit, outbox, clock, log }: Deps, signal: AbortSignal): Promise<void> {
  try {
    const result = await audit.verify(signal);
    if (result.ok) return log.info({ entries: result.entries }, "the audit log is intact");
    const { brokenAt } = result;
    log.fatal({ brokenAt }, "the audit log was changed");
    // A process that is started again and again must not fill the channel.
    const hour = clock.now().toString().slice(0, 13);
    await outbox.add({
      key: `audit-changed:${brokenAt}:${hour}`,
      recipient: "channel",
      message: `The audit log was changed by somebody: entry ${brokenAt} does not follow the one before it, and what is recorded from there on proves nothing. Please tell an admin, who finds what to do with "npm run doctor". I go on working.`,
    });
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, "the audit log could not be verified");
  }
}
