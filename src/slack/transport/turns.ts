import type { SpokenMessage } from "#src/slack/conversation/incoming.ts";
import { createFairSlots, type SlotLimits } from "./fair-slots.ts";
import type { InboxEntry } from "./inbox.ts";
import type { Sender } from "./sender.ts";
import { createWaitingCount } from "./waiting-count.ts";

/** An entry of the inbox, and who is behind it. */
export interface Work extends InboxEntry {
  readonly sender: Sender;
}

/**
 * Calls `attempt` when its turn has come; every attempt waits for another turn, and may end its
 * turn before it is done.
 */
export type InTurn = <T>(attempt: (endTurn: () => void) => Promise<T>) => Promise<T>;

/** Who may begin next: a bounded number at a time, and nobody's flood keeps others waiting. */
export interface Turns {
  /** Whether one more of its sender's may wait; if not, whether that is still to be said. */
  admit(work: Work): "admitted" | "refused" | "refused-again";
  /** Counts it as waiting until its first turn. */
  expect(work: Work): InTurn;
}

export interface TurnLimits {
  /** Messages that are for us; each is a run of the agent. */
  readonly messages: SlotLimits;
  /** Clicks, commands and modals, until what they confirm begins to be carried out. */
  readonly acts: SlotLimits;
  /** What stops or takes back something: it waits for none of the others. */
  readonly stops: SlotLimits;
  /** Everything else that happens in Slack. */
  readonly events: SlotLimits;
  /** Messages of one person that may wait, and as many clicks and commands. */
  readonly waitingPerPerson: number;
  /** Events of one person that may wait, and as many clicks and commands that stop something. */
  readonly stopsAndEventsWaiting: number;
}

export const defaultTurnLimits: TurnLimits = {
  // Proxmox serves a node's calls with three workers, and models limit their requests, too.
  messages: { slots: 8, slotsPerPerson: 2 },
  // A slow cluster may keep a command for a minute.
  acts: { slots: 32, slotsPerPerson: 10 },
  // Only a bound on what a flood of them can take: a brake that waits is none.
  stops: { slots: 400, slotsPerPerson: 50 },
  events: { slots: 16, slotsPerPerson: 4 },
  // More than anybody writes before the first answer comes.
  waitingPerPerson: 20,
  // An edit that is left out lets the old words be carried out, and who edits as often is no person.
  stopsAndEventsWaiting: 200,
};

type Kind = "message" | "act" | "stop" | "event";

/** @param isForUs what people say to each other takes nobody's turn. */
export function createTurns(
  limits: TurnLimits,
  isForUs: (message: SpokenMessage) => Promise<boolean>,
): Turns {
  const slots = {
    message: createFairSlots(limits.messages),
    act: createFairSlots(limits.acts),
    stop: createFairSlots(limits.stops),
    event: createFairSlots(limits.events),
  };
  const counts = {
    message: createWaitingCount(limits.waitingPerPerson),
    act: createWaitingCount(limits.waitingPerPerson),
    stop: createWaitingCount(limits.stopsAndEventsWaiting),
    event: createWaitingCount(limits.stopsAndEventsWaiting),
  };

  async function needsSlot(kind: Kind, { message }: Sender): Promise<boolean> {
    return kind !== "message" || (message !== undefined && (await isForUs(message)));
  }

  return {
    admit(work) {
      const count = counts[kindOf(work)];
      const { person } = work.sender;
      if (count.hasRoom(person)) return "admitted";
      return count.isToBeTold(person) ? "refused" : "refused-again";
    },

    expect(work) {
      const { sender } = work;
      const kind = kindOf(work);
      let waiting = true;
      const begin = () => {
        if (waiting) counts[kind].remove(sender.person);
        waiting = false;
      };
      counts[kind].add(sender.person);
      return async (attempt) => {
        const attemptNow = (endTurn: () => void) => {
          begin();
          return attempt(endTurn);
        };
        return (await needsSlot(kind, sender))
          ? slots[kind].enter(sender, attemptNow)
          : attemptNow(() => {});
      };
    },
  };
}

/** Its key says what an entry is. */
function kindOf({ key }: InboxEntry): Kind {
  if (key.startsWith("msg:")) return "message";
  if (key.startsWith("stop:")) return "stop";
  return key.startsWith("act:") ? "act" : "event";
}
