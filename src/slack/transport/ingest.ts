import type { Logger } from "#src/log.ts";
import type { Inbox } from "./inbox.ts";
import { type JudgeOptions, judge } from "./payload.ts";
import { readSender } from "./sender.ts";
import type { Work } from "./turns.ts";
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
  readonly worker: Pick<Worker, "add" | "admit">;
  readonly log: Logger;
  /** Told once of what is left out because too much of its sender's waits. Must not throw. */
  onOverflow(work: Work): void;
}

export function createIngest({ inbox, worker, log, onOverflow, ...options }: Deps): Ingest {
  async function leaveOut(work: Work, toBeTold: boolean): Promise<void> {
    const { key, sender } = work;
    log.warn({ key, user: sender.person }, "slack entry left out: too many of this person's wait");
    await inbox.finish(key, "dead");
    if (toBeTold) onOverflow(work);
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
    const work = { key, lane, sender: readSender(body, options.identity) };
    const admission = worker.admit(work);
    // Who gets no answer to a modal is told by Slack to try again.
    if (answersInAck) {
      return admission === "admitted" ? worker.add(work, ack) : leaveOut(work, false);
    }
    // Not awaited before the entry is queued: the next message of the lane must stay behind it.
    const acknowledged = ack();
    if (admission === "admitted") worker.add(work);
    else await leaveOut(work, admission === "refused");
    await acknowledged;
  };
}
