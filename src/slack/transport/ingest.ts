import type { Logger } from "#src/log.ts";
import type { Inbox, InboxEntry } from "./inbox.ts";
import { type JudgeOptions, judge } from "./payload.ts";
import type { Ack, Worker } from "./worker.ts";

/**
 * Takes a payload in, whichever way it came: filtered, written down once, acknowledged, begun.
 *
 * Rejects when it could not be written down or is not wanted any more. It is not acknowledged
 * then, and Slack delivers it again.
 */
export type Ingest = (body: unknown, ack: Ack) => Promise<void>;

interface Deps extends JudgeOptions {
  readonly inbox: Pick<Inbox, "add" | "finish">;
  readonly worker: Pick<Worker, "add" | "hasRoom">;
  readonly log: Logger;
  /** Told of a message that is dropped because too many wait in its thread. Must not throw. */
  onOverflow(body: unknown): void;
}

export function createIngest({ inbox, worker, log, onOverflow, ...options }: Deps): Ingest {
  async function overflow(entry: InboxEntry, body: unknown): Promise<void> {
    log.warn(entry, "slack message dropped: too many wait in its thread");
    await inbox.finish(entry.key, "dead");
    onOverflow(body);
  }

  return async (body, ack) => {
    const judgement = judge(body, options);
    if (judgement.kind === "ignored") {
      log.debug({ reason: judgement.reason }, "slack payload ignored");
      return ack();
    }
    const { key, lane, answersInAck } = judgement;
    const isNew = await inbox.add({ key, lane }, body);
    if (!isNew) return ack();
    if (answersInAck) return worker.add({ key, lane }, ack);
    // Not awaited before the entry is queued: the next message of the lane must stay behind it.
    const acknowledged = ack();
    if (worker.hasRoom(lane)) worker.add({ key, lane });
    else await overflow({ key, lane }, body);
    await acknowledged;
  };
}
