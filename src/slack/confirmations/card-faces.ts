import type { WebClient } from "@slack/web-api";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createConversationQueue } from "#src/agent/conversation-queue.ts";
import { type Face, questionsCard } from "#src/slack/cards/questions-card.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { messageAt } from "#src/slack/place.ts";

/** How questions look where they are shown, several of them on one message maybe. */
export interface CardFaces {
  /** The questions as they look by what is known of them now. */
  of(questions: readonly Confirmation[]): Promise<readonly Face[]>;
  /** Has the message at the place show the question like this; the others there stay as they are. */
  edit(place: string, face: Face): Promise<void>;
  /** Looks up anew from now on what the question looks like. */
  forget(id: string): void;
}

interface Deps {
  readonly web: Pick<WebClient, "chat">;
  readonly confirmations: Pick<ConfirmationStore, "shownAt">;
  /** How a question looks by what the stores and the cluster say of it. */
  look(confirmation: Confirmation): Promise<SlackMessage>;
}

export function createCardFaces({ web, confirmations, look }: Deps): CardFaces {
  const latest = new Map<string, SlackMessage>();
  const onceFor = createMerging();

  async function faceOf(confirmation: Confirmation): Promise<Face> {
    const { id, state } = confirmation;
    const known = latest.get(id);
    // It may have been answered by way of another process.
    if (known && asks(known) === (state === "pending")) return { confirmation, message: known };
    const message = await look(confirmation);
    if (state === "pending") latest.set(id, message);
    return { confirmation, message };
  }

  /** Its place may not have been written down yet. */
  async function facesAt(place: string, face: Face): Promise<readonly Face[]> {
    const questions = await confirmations.shownAt(place);
    const isThere = questions.some(({ id }) => id === face.confirmation.id);
    return isThere ? Promise.all(questions.map(faceOf)) : [face];
  }

  return {
    async of(questions) {
      for (const { id } of questions) latest.delete(id);
      return Promise.all(questions.map(faceOf));
    },
    edit(place, face) {
      latest.set(face.confirmation.id, face.message);
      return onceFor(place, async () => {
        const { text, blocks } = questionsCard(await facesAt(place, face));
        await web.chat.update({ ...messageAt(place), text, blocks: [...blocks] });
      });
    },
    forget(id) {
      latest.delete(id);
    },
  };
}

function asks({ blocks }: SlackMessage): boolean {
  return blocks.some(({ type }) => type === "actions");
}

/** Work for each key, one after the other; what is asked for while one waits is done with that one. */
function createMerging() {
  const waiting = new Map<string, Promise<void>>();
  const turns = createConversationQueue();
  return (key: string, work: () => Promise<void>): Promise<void> => {
    const next = waiting.get(key);
    if (next) return next;
    const begin = () => {
      waiting.delete(key);
      return work();
    };
    // A turn that is free begins at once, and has to stand in `waiting` by then.
    const turn = Promise.resolve().then(() => turns.enter(key, begin));
    waiting.set(key, turn);
    return turn;
  };
}
