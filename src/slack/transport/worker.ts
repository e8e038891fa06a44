import { setTimeout as sleep } from "node:timers/promises";
import { createConversationQueue } from "#src/agent/conversation-queue.ts";
import type { Logger } from "#src/log.ts";
import type { SpokenMessage } from "#src/slack/conversation/incoming.ts";
import { isDoneWithin } from "#src/slack/within.ts";
import type { Inbox, InboxEntry } from "./inbox.ts";
import { atOnce } from "./payload.ts";
import {
  createTurns,
  defaultTurnLimits,
  type InTurn,
  type TurnLimits,
  type Turns,
  type Work,
} from "./turns.ts";

/** Answers a delivery; once, and never rejects. */
export type Ack = (response?: unknown) => Promise<void>;

/** One attempt at an entry of the inbox. */
export interface Attempt {
  readonly key: string;
  readonly body: unknown;
  /** Whether an earlier attempt, of this process or of one that died, got anywhere. */
  readonly retaken: boolean;
  /** Aborts when the program stops and has waited long enough. */
  readonly signal: AbortSignal;
  readonly ack: Ack;
  /** Lets others have their turn while this goes on. */
  readonly endTurn: () => void;
}

/** Works the inbox off. */
export interface Worker extends Pick<Turns, "admit"> {
  /** Does it when its lane's turn has come; `ack` for one whose listener answers in it. */
  add(work: Work, ack?: Ack): void;
  /** Begins nothing more, and waits for what is under way; what is left stays in the inbox. */
  stop(): Promise<void>;
}

export interface WorkerLimits extends TurnLimits {
  /** Attempts at one entry, over all processes. */
  readonly attempts: number;
  /** Milliseconds between two attempts; each pause is four times the one before. */
  readonly firstPause: number;
  /** Milliseconds that `stop` waits before it aborts, and after that. */
  readonly drain: number;
  readonly afterAbort: number;
}

const defaultWorkerLimits: WorkerLimits = {
  ...defaultTurnLimits,
  // Five minutes of pauses in all: Slack may be away, or limit us, for as long.
  attempts: 6,
  firstPause: 1_000,
  drain: 10_000,
  afterAbort: 2_000,
};

interface Deps {
  readonly inbox: Pick<Inbox, "begin" | "finish">;
  /** What an entry leads to. When it rejects, it is called again with `retaken`. */
  readonly dispatch: (attempt: Attempt) => Promise<void>;
  /** Whether a message is to be answered. */
  readonly isForUs: (message: SpokenMessage) => Promise<boolean>;
  readonly log: Logger;
  readonly limits?: Partial<WorkerLimits> | undefined;
}

const noAck: Ack = async () => {};

/** What waits in a lane. */
interface Queued {
  readonly work: Work;
  readonly inTurn: InTurn;
}

/** Entries of one lane one after another, lanes side by side, each when its turn has come. */
export function createWorker({ inbox, dispatch, isForUs, log, ...options }: Deps): Worker {
  const limits = { ...defaultWorkerLimits, ...options.limits };
  const { attempts, firstPause, drain, afterAbort } = limits;
  const lanes = createConversationQueue();
  const turns = createTurns(limits, isForUs);
  /** What waits in each lane, oldest message first: two connections may swap them. */
  const waiting = new Map<string, Queued[]>();
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const aborting = new AbortController();

  /** Whether it is finished; if not, another attempt may be made. */
  async function attempt(entry: InboxEntry, ack: Ack, endTurn: () => void): Promise<boolean> {
    const { key, lane } = entry;
    const begun = await inbox.begin(key);
    if (!begun) return true;
    if (begun.attempt > attempts) return giveUp(key);
    try {
      const { body } = begun;
      const { signal } = aborting;
      await dispatch({ key, body, retaken: begun.attempt > 1, signal, ack, endTurn });
      await ack();
      await inbox.finish(key, "done");
      return true;
    } catch (error) {
      log.error({ error, key, attempt: begun.attempt }, "slack listener failed");
      // What was cut short by the end of this process is the next one's.
      if (aborting.signal.aborted) return true;
      // Whoever clicked has seen nothing happen and clicks again; nobody sends a message again.
      const isLast = lane === atOnce || begun.attempt === attempts;
      return isLast && giveUp(key);
    }
  }

  async function giveUp(key: string): Promise<true> {
    await inbox.finish(key, "dead");
    log.error({ key, attempts }, "slack entry given up");
    return true;
  }

  /** What waited for its turn until the end is the next process's. */
  const unlessStopping = (entry: InboxEntry, ack: Ack) => async (endTurn: () => void) =>
    stopping.signal.aborted || attempt(entry, ack, endTurn);

  /** It has a turn while it is worked on, and not while it waits for its next attempt. */
  async function attemptAll({ work, inTurn }: Queued, ack: Ack): Promise<void> {
    for (let pause = firstPause; !stopping.signal.aborted; pause *= 4) {
      if (await inTurn(unlessStopping(work, ack))) return;
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function workNext(lane: string): Promise<void> {
    const queue = waiting.get(lane) ?? [];
    const queued = queue.shift();
    if (queue.length === 0) waiting.delete(lane);
    if (queued) await attemptAll(queued, noAck);
  }

  function enqueue(queued: Queued): Promise<void> {
    const { lane } = queued.work;
    const queue = [...(waiting.get(lane) ?? []), queued];
    waiting.set(lane, queue.sort(byKey));
    return lanes.enter(lane, () => workNext(lane));
  }

  return {
    admit: turns.admit,
    add(work, ack = noAck) {
      const queued = { work, inTurn: turns.expect(work) };
      const ended = work.lane === atOnce ? attemptAll(queued, ack) : enqueue(queued);
      const done = ended
        .catch((error) => log.error({ error, key: work.key }, "slack entry left in the inbox"))
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    async stop() {
      stopping.abort();
      const drained = Promise.all(underWay);
      if (await isDoneWithin(drain, drained)) return;
      log.warn({ left: underWay.size }, "slack runs are cut short");
      aborting.abort(new Error("The program stops."));
      await isDoneWithin(afterAbort, drained);
    },
  };
}

function byKey({ work: one }: Queued, { work: other }: Queued): number {
  return one.key < other.key ? -1 : 1;
}
