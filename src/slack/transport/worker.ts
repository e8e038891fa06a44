import { setTimeout as sleep } from "node:timers/promises";
import { bulkhead } from "cockatiel";
import { createConversationQueue } from "#src/agent/conversation-queue.ts";
import type { Logger } from "#src/log.ts";
import { isDoneWithin } from "#src/slack/within.ts";
import type { Inbox, InboxEntry } from "./inbox.ts";
import { atOnce } from "./payload.ts";

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
}

/** Works the inbox off. */
export interface Worker {
  /** Whether one more may wait in the lane. */
  hasRoom(lane: string): boolean;
  /** Does an entry when its lane's turn has come; `ack` for one whose listener answers in it. */
  add(entry: InboxEntry, ack?: Ack): void;
  /** Begins nothing more, and waits for what is under way; what is left stays in the inbox. */
  stop(): Promise<void>;
}

export interface WorkerLimits {
  readonly lanesAtOnce: number;
  readonly waitingPerLane: number;
  /** Attempts at one entry, over all processes. */
  readonly attempts: number;
  /** Milliseconds between two attempts; each pause is four times the one before. */
  readonly firstPause: number;
  /** Milliseconds that `stop` waits before it aborts, and after that. */
  readonly drain: number;
  readonly afterAbort: number;
}

const defaultWorkerLimits: WorkerLimits = {
  lanesAtOnce: 8,
  waitingPerLane: 200,
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
  readonly log: Logger;
  readonly limits?: Partial<WorkerLimits> | undefined;
}

const noAck: Ack = async () => {};

/** Entries of one lane one after another, lanes side by side, and few of them at a time. */
export function createWorker({ inbox, dispatch, log, limits }: Deps): Worker {
  const { lanesAtOnce, waitingPerLane, attempts, firstPause, drain, afterAbort } = {
    ...defaultWorkerLimits,
    ...limits,
  };
  const lanes = createConversationQueue();
  const slots = bulkhead(lanesAtOnce, Number.POSITIVE_INFINITY);
  /** The keys that wait in each lane, oldest message first: two connections may swap them. */
  const waiting = new Map<string, string[]>();
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const aborting = new AbortController();

  /** Whether it is finished; if not, another attempt may be made. */
  async function attempt(entry: InboxEntry, ack: Ack): Promise<boolean> {
    const { key, lane } = entry;
    const begun = await inbox.begin(key);
    if (!begun) return true;
    if (begun.attempt > attempts) return giveUp(key);
    try {
      const { body } = begun;
      const { signal } = aborting;
      await dispatch({ key, body, retaken: begun.attempt > 1, signal, ack });
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

  /** A message has a slot while it is worked on, and not while it waits for its next attempt. */
  function attemptInSlot(entry: InboxEntry, ack: Ack): Promise<boolean> {
    return entry.lane === atOnce ? attempt(entry, ack) : slots.execute(() => attempt(entry, ack));
  }

  async function work(entry: InboxEntry, ack: Ack): Promise<void> {
    for (let pause = firstPause; !stopping.signal.aborted; pause *= 4) {
      if (await attemptInSlot(entry, ack)) return;
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function workNext(lane: string): Promise<void> {
    const keys = waiting.get(lane) ?? [];
    const key = keys.shift();
    if (keys.length === 0) waiting.delete(lane);
    if (key !== undefined) await work({ key, lane }, noAck);
  }

  function enqueue({ key, lane }: InboxEntry): Promise<void> {
    const keys = [...(waiting.get(lane) ?? []), key];
    waiting.set(lane, keys.sort());
    return lanes.enter(lane, () => workNext(lane));
  }

  return {
    hasRoom: (lane) => (waiting.get(lane)?.length ?? 0) < waitingPerLane,
    add(entry, ack = noAck) {
      const ended = entry.lane === atOnce ? work(entry, ack) : enqueue(entry);
      const done = ended
        .catch((error) => log.error({ error, key: entry.key }, "slack entry left in the inbox"))
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
