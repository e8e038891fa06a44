import type { WebClient } from "@slack/web-api";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { newErrorId, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { type Click, onlyColleagues, readClick } from "#src/slack/click.ts";
import { messageAt } from "#src/slack/place.ts";
import { createTell, type Spot } from "#src/slack/tell.ts";
import type { DeliveryContext } from "#src/slack/transport/transport.ts";
import type { DeletionAnswer, DeletionAnswering } from "./answering.ts";
import { fromValue } from "./deletion-card.ts";
import {
  type PickedTime,
  postponeModal,
  postponeModalView,
  readPickedTime,
} from "./postpone-modal.ts";
import { type Choice, type DeletionRef, objectionTo, postponed } from "./standing.ts";

interface Deps {
  readonly web: WebClient;
  readonly deletions: Pick<DeletionStore, "find">;
  readonly answering: DeletionAnswering;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What happens when people press a notice's buttons, and when they pick a time. */
export interface DeletionListeners {
  onClick(body: unknown, choice: Choice, context: DeliveryContext): Promise<void>;
  /** @param close closes the modal, or has it say what is wrong. */
  onPickedTime(
    body: unknown,
    close: (errors?: Readonly<Record<string, string>>) => Promise<void>,
    context: DeliveryContext,
  ): Promise<void>;
}

export function createDeletionListeners(deps: Deps): DeletionListeners {
  const { web, deletions, answering, clock, log } = deps;
  const tell = createTell(web, log);

  /** The deletion as people were told of it; a sentence where the choice does not count any more. */
  async function findAnswerable(
    choice: Choice,
    ref: DeletionRef | undefined,
  ): Promise<Deletion | string> {
    const deletion = ref && (await deletions.find(ref.id));
    const objection = objectionTo(choice, deletion, ref?.revision ?? 0, clock.now());
    return objection ?? deletion ?? "";
  }

  async function give(answer: DeletionAnswer, spot: Spot): Promise<void> {
    try {
      const sentence = await answering.give(answer);
      if (sentence) await tell(spot, sentence);
    } catch (error) {
      const errorId = newErrorId();
      log.error({ err: error, errorId, deletion: answer.deletion.id }, "answer failed");
      await tell(spot, unexpectedErrorMessage(errorId));
    }
  }

  /** Comes before anything that takes time: a click can open a modal for three seconds only. */
  async function askForTime(click: Click, deletion: Deletion): Promise<void> {
    try {
      const suggested = postponed(deletion, { days: 1 }, clock.now());
      const view = postponeModalView(deletion, threadBelow(click), suggested);
      await web.views.open({ trigger_id: click.triggerId, view });
    } catch (error) {
      log.warn({ err: error, deletion: deletion.id }, "a modal could not be opened");
      await tell(click, "I was too slow to ask for the time; please press the button again.");
    }
  }

  async function onClick(body: unknown, choice: Choice, context: DeliveryContext) {
    const click = readClick(body);
    if (!click) return;
    if (context.fromOutside) return tell(click, onlyColleagues);
    const deletion = await findAnswerable(choice, fromValue(click.value));
    // What an earlier attempt made of this very click, the notice says.
    if (typeof deletion === "string") return context.retaken ? undefined : tell(click, deletion);
    if (choice === "postpone") return askForTime(click, deletion);
    const { inboxKey: origin, signal } = context;
    const { userId } = click;
    const thread = threadBelow(click);
    await give({ wish: choice, deletion, userId, thread, origin, signal }, click);
  }

  /** The deletion that may be moved to the time that was picked; else what is wrong about it. */
  async function judge({ ref, at }: PickedTime, outside: boolean): Promise<Deletion | string> {
    if (outside) return onlyColleagues;
    const deletion = await findAnswerable("postpone", ref);
    if (typeof deletion === "string") return deletion;
    const isLater = [clock.now(), deletion.dueAt].every(
      (before) => Temporal.Instant.compare(at, before) > 0,
    );
    return isLater ? deletion : "Pick a time that is to come, and later than the present one.";
  }

  return {
    onClick,

    async onPickedTime(body, close, context) {
      const picked = readPickedTime(body);
      if (!picked) return close();
      const deletion = await judge(picked, context.fromOutside);
      if (typeof deletion === "string") return close({ [postponeModal.blockId]: deletion });
      await close();
      const { at: wish, userId, thread } = picked;
      const { inboxKey: origin, signal } = context;
      await give(
        { wish, deletion, userId, thread, origin, signal },
        { userId, channel: thread.channel },
      );
    },
  };
}

/** The thread that the notice is in, or else the one below it. */
function threadBelow({ channel, threadTs, place }: Click) {
  return { channel, threadTs: threadTs ?? messageAt(place).ts };
}
