import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { OutboxMessage, OutboxStore } from "./outbox-store.ts";

/** Carries messages to people. */
export interface Delivery {
  /**
   * Says it.
   *
   * @returns where it was said
   * @throws DeliveryError, or any error when it is not known whether it arrived
   */
  send(message: OutboxMessage): Promise<string>;
  /** Where it was said already, if it was; asked before saying again what may have arrived. */
  find(message: OutboxMessage): Promise<string | undefined>;
}

/** A message that certainly did not arrive. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** Trying again is of no use, such as to a user who does not exist. */
  readonly permanent: boolean;

  constructor(message: string, options: ErrorOptions & { readonly permanent: boolean }) {
    super(message, options);
    this.permanent = options.permanent;
  }
}

export interface OutboxSender {
  /** Says what is due, one after another, until nothing is or `signal` aborts; what is begun is ended. */
  deliverDue(signal: AbortSignal): Promise<void>;
}

interface Deps {
  readonly outbox: OutboxStore;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Half a minute, doubled with each attempt, and never more than a quarter of an hour. */
const firstDelay = 30_000;
const longestDelay = 15 * 60_000;

/**
 * Says what is in the outbox: once each, except where a crash or a lost answer leaves open whether
 * it arrived and {@link Delivery.find} cannot tell.
 */
export function createOutboxSender({ outbox, delivery, clock, log }: Deps): OutboxSender {
  async function deliver(message: OutboxMessage): Promise<void> {
    const { key } = message;
    try {
      const known = message.state === "sending" ? await delivery.find(message) : undefined;
      await outbox.markSent(key, known ?? (await delivery.send(message)));
    } catch (error) {
      await postpone(message, error);
    }
  }

  async function postpone({ key, attempts }: OutboxMessage, error: unknown): Promise<void> {
    const refused = error instanceof DeliveryError;
    log.warn({ err: error, key, attempts }, "notice was not delivered");
    if (refused && error.permanent) return outbox.markDead(key);
    const delay = Math.min(firstDelay * 2 ** attempts, longestDelay);
    await outbox.retry(key, clock.now().epochMilliseconds + delay, refused ? "new" : "sending");
  }

  return {
    async deliverDue(signal) {
      while (!signal.aborted) {
        const message = await outbox.claim();
        if (!message) return;
        await deliver(message);
      }
    },
  };
}
