import type { SpokenMessage } from "#src/slack/conversation/incoming.ts";
import { createFairSlots, type SlotLimits } from "./fair-slots.ts";
import type { InboxEntry } from "./inbox.ts";
import type { Sender } from "./sender.ts";
import { createWaitingCount } from "./waiting-count.ts";

/** An entry of the inbox, and who is behind it. */
export interface Work extends InboxEntry {
  readonly sender: Sender;
}

/** Calls `attempt` when its turn has come; every attempt waits for another turn. */
export type InTurn = <T>(attempt: () => Promise<T>) => Promise<T>;

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
  /** Clicks, commands and modals, which may carry out what they confirm, and so take minutes. */
  readonly acts: SlotLimits;
  /** Everything else that happens in Slack; what stops a run is among it, and waits for no act. */
  readonly events: SlotLimits;
  /** Messages of one person that may wait, and as many clicks and commands. */
  readonly waitingPerPerson: number;
}

export const defaultTurnLimits: TurnLimits = {
  // Proxmox serves a node's calls with three workers, and models limit their requests, too.
  messages: { slots: 8, slotsPerPerson: 2 },
  // Who answers ten questions in a row does not wait for the first to be carried out.
  acts: { slots: 32, slotsPerPerson: 10 },
  events: { slots: 16, slotsPerPerson: 4 },
  // More than anybody writes before the first answer comes.
  waitingPerPerson: 20,
};

type Kind = "message" | "act" | "event";

/** @param isForUs what people say to each other takes nobody's turn. */
export function createTurns(
  limits: TurnLimits,
  isForUs: (message: SpokenMessage) => Promise<boolean>,
): Turns {
  const slots = {
    message: createFairSlots(limits.messages),
    act: createFairSlots(limits.acts),
    event: createFairSlots(limits.events),
  };
  const counts = {
    message: createWaitingCount(limits.waitingPerPerson),
    act: createWaitingCount(limits.waitingPerPerson),
    // They are quick, and an edit that is left out would let the old words be carried out.
    event: createWaitingCount(Number.POSITIVE_INFINITY),
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
        const attemptNow = () => {
          begin();
          return attempt();
        };
        return (await needsSlot(kind, sender))
          ? slots[kind].enter(sender, attemptNow)
          : attemptNow();
      };
    },
  };
}

/** Its key says what an entry is. */
function kindOf({ key }: InboxEntry): Kind {
  if (key.startsWith("msg:")) return "message";
  return key.startsWith("act:") ? "act" : "event";
}
