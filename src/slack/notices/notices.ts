import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Logger } from "#src/log.ts";
import { createAuditReporter } from "#src/outbox/audit-reporter.ts";
import { createOutboxSender } from "#src/outbox/outbox-sender.ts";
import type { OutboxStore } from "#src/outbox/outbox-store.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { SlackIdentity, SlackWeb } from "#src/slack/services.ts";
import type { Database } from "#src/storage/database.ts";
import { resolveChannel } from "./channel.ts";
import { createSlackDelivery } from "./delivery.ts";

interface Deps {
  readonly web: Pick<SlackWeb, "bulk">;
  readonly identity: Pick<SlackIdentity, "botId">;
  readonly db: Database;
  readonly outbox: OutboxStore;
  readonly deletions: Pick<DeletionStore, "find">;
  readonly audit: Pick<AuditLog, "after" | "tail">;
  readonly clock: Clock;
  readonly log: Logger;
  /** The channel that hears of everything: an id or a name. */
  readonly channel: string;
  /** In which the channel is told of times. */
  readonly timeZone: string;
}

export interface Notices {
  /** The id of the channel that hears of everything. */
  readonly channel: string;
  /** Whether the last that was to be said could not be. */
  isFailing(): boolean;
  start(): void;
  /** Ends the message that is being said, and says no other. */
  stop(): Promise<void>;
}

/** How soon the channel hears of something, in milliseconds. */
const tick = 1_000;

/**
 * Tells the channel what happens.
 *
 * @throws PublicError when the channel is not there, or we are not in it.
 */
export async function openNotices(deps: Deps): Promise<Notices> {
  const { web, identity, db, outbox, audit, deletions, clock, log, timeZone } = deps;
  const channel = await resolveChannel(web.bulk, deps.channel);
  const reporter = createAuditReporter({ db, audit, outbox, timeZone });
  const delivery = createSlackDelivery({ web: web.bulk, deletions, clock, identity, channel });
  const sender = createOutboxSender({ outbox, delivery, clock, log });

  const stopping = new AbortController();
  const ticker = createTicker({
    every: tick,
    log,
    async run() {
      await reporter.report();
      await sender.deliverDue(stopping.signal);
    },
  });
  return {
    channel,
    isFailing: delivery.isFailing,
    start: ticker.start,
    async stop() {
      stopping.abort();
      await ticker.stop();
    },
  };
}
