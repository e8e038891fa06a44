import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import { isEndOfLease } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Logger } from "#src/log.ts";
import { createAuditReporter } from "#src/outbox/audit-reporter.ts";
import { createOutboxSender, type Delivery, DeliveryError } from "#src/outbox/outbox-sender.ts";
import { createOutboxStore, type OutboxMessage } from "#src/outbox/outbox-store.ts";
import type { Principal, Principals } from "#src/policy/principal.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { Database } from "#src/storage/database.ts";

/** What the terminal needs to tell people what they did not ask for. */
export interface NoticeServices {
  readonly db: Database;
  readonly audit: Pick<AuditLog, "after" | "tail">;
  readonly deletions: Pick<DeletionStore, "find">;
  readonly principals: Principals;
  readonly clock: Clock;
  readonly log: Logger;
  /** In which the channel is told of times. */
  readonly timeZone: string;
}

export interface TerminalNotice extends OutboxMessage {
  /** Whom it is for; absent where that is the channel. */
  readonly addressee?: Principal | undefined;
  /** What to say to answer it, where it can be answered. */
  readonly answer?: string | undefined;
  /** It says the same as the one before it, to somebody else. */
  readonly repeats: boolean;
}

/** Resolves to whether the notice was shown. */
export type ShowNotice = (notice: TerminalNotice) => Promise<boolean>;

export interface Notices {
  /** Says what is due now; failures are logged. */
  sayDue(): Promise<void>;
  /** Says no other; resolves when the one under way was said. */
  stop(): Promise<void>;
}

/** How soon people hear of something, in milliseconds. */
const tick = 1_000;
/** Several people are told the same within so many milliseconds. */
const together = 1_000;

/**
 * Tells whoever is at the terminal what the channel and everybody else would be told: nobody else
 * tells them while there is no other front end. Only where that is so; else it takes their notices
 * away from them.
 */
export async function openNotices(services: NoticeServices, show: ShowNotice): Promise<Notices> {
  const { db, clock, log } = services;
  const outbox = createOutboxStore(db, clock);
  const reporter = createAuditReporter({ ...services, outbox });
  const delivery = createTerminalDelivery(services, show);
  const sender = createOutboxSender({ outbox, delivery, clock, log });
  const stopping = new AbortController();

  async function sayDue() {
    await reporter.report();
    await sender.deliverDue(stopping.signal);
  }
  let last = Promise.resolve();
  /** One after another: two at a time would take notices away from each other. */
  function run(): Promise<void> {
    const caught = (err: unknown) => log.warn({ err }, "notices were not said");
    last = last.then(sayDue).catch(caught);
    return last;
  }

  // Now: what is about to happen must come after where its reader begins.
  await reporter.report();
  const ticker = createTicker({ every: tick, log, run });
  ticker.start();
  return {
    sayDue: run,
    async stop() {
      stopping.abort();
      await ticker.stop();
    },
  };
}

function createTerminalDelivery(
  { deletions, principals }: Pick<NoticeServices, "deletions" | "principals">,
  show: ShowNotice,
): Delivery {
  let previous: OutboxMessage | undefined;

  function addresseeOf({ recipient }: OutboxMessage): Principal | undefined {
    return recipient === "channel" ? undefined : principals.find(recipient.replace(/^user:/, ""));
  }

  async function answerTo({ about }: OutboxMessage): Promise<string | undefined> {
    const deletion = about && (await deletions.find(about.deletion));
    if (!deletion) return undefined;
    const { vmid } = deletion.guest;
    return isEndOfLease(deletion)
      ? `To answer, say "extend the lease of ${vmid} by …", "keep ${vmid}" or "delete ${vmid} at …".`
      : `To answer, say "cancel the deletion of ${vmid}" or "move the deletion of ${vmid} to …".`;
  }

  return {
    async send(message) {
      const repeats = previous !== undefined && isRepeatedBy(previous, message);
      const [addressee, answer] = [addresseeOf(message), await answerTo(message)];
      const shown = await show({ ...message, addressee, answer, repeats });
      previous = message;
      if (shown) return "terminal";
      throw new DeliveryError("Nobody is at the terminal any more.", { permanent: false });
    },
    // What was shown is not kept anywhere: rather twice than never.
    find: async () => undefined,
  };
}

/** The same news for somebody else. */
function isRepeatedBy(one: OutboxMessage, other: OutboxMessage): boolean {
  if (one.message !== other.message || one.recipient === other.recipient) return false;
  return Math.abs(one.createdAt - other.createdAt) < together;
}
