import type { WebClient } from "@slack/web-api";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import { nameToType } from "#src/actions/typed-name.ts";
import { openSeats, takesAnswerFrom } from "#src/actions/who-answers.ts";
import type { Clock } from "#src/clock.ts";
import { newErrorId, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { nameModal, nameModalView } from "#src/slack/cards/name-modal.ts";
import { type Click, onlyColleagues, readClick } from "#src/slack/click.ts";
import { conversationPlace, messageAt } from "#src/slack/place.ts";
import { createTell, type Spot } from "#src/slack/tell.ts";
import type { DeliveryContext } from "#src/slack/transport/transport.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import type { Answer, Answering } from "./answering.ts";
import { readTypedName, type TypedName } from "./interaction.ts";

interface Deps {
  readonly web: WebClient;
  readonly executor: Pick<ActionExecutor, "objectionTo">;
  readonly confirmations: Pick<ConfirmationStore, "find">;
  readonly answering: Pick<Answering, "give">;
  readonly users: SlackUsers;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is wrong with what was typed, by the block that shows it. */
type ModalErrors = Readonly<Record<string, string>>;

/** What happens when people press a card's buttons, and when they type a guest's name. */
export interface AnswerListeners {
  onClick(body: unknown, kind: Answer["kind"], context: DeliveryContext): Promise<void>;
  /** @param close closes the modal, or has it say what is wrong. */
  onTypedName(
    body: unknown,
    close: (errors?: ModalErrors) => Promise<void>,
    context: DeliveryContext,
  ): Promise<void>;
}

export function createAnswerListeners(deps: Deps): AnswerListeners {
  const { web, executor, confirmations, answering, users, clock, log } = deps;

  const tell = createTell(web, log);

  async function give(answer: Answer, spot: Spot): Promise<void> {
    try {
      const objection = await answering.give(answer);
      if (objection) await tell(spot, objection);
    } catch (error) {
      const errorId = newErrorId();
      log.error({ err: error, errorId, confirmation: answer.confirmation.id }, "answer failed");
      await tell(spot, unexpectedErrorMessage(errorId));
    }
  }

  /** Why a click does not count, by the judgement that answers go through as well. */
  async function objectionTo(click: Click, { signal, inboxKey }: DeliveryContext) {
    const { value, userId, place } = click;
    return executor.objectionTo(value, {
      principal: await users.principalOf(userId),
      askedAt: clock.now(),
      conversation: "",
      place,
      origin: inboxKey,
      signal,
    });
  }

  /** Comes before anything that takes time: a click can open a modal for three seconds only. */
  async function askForName(click: Click, confirmation: Confirmation, name: string): Promise<void> {
    try {
      const view = nameModalView(confirmation, name, click.place);
      await web.views.open({ trigger_id: click.triggerId, view });
    } catch (error) {
      log.warn({ err: error, confirmation: confirmation.id }, "a modal could not be opened");
      await tell(click, "I was too slow to ask for the name; please press the button again.");
    }
  }

  async function onClick(body: unknown, kind: Answer["kind"], context: DeliveryContext) {
    const click = readClick(body);
    if (!click) return;
    if (context.fromOutside) return tell(click, onlyColleagues);

    const confirmation = await confirmations.find(click.value);
    if (!confirmation) {
      return tell(click, (await objectionTo(click, context)) ?? "Please press the button again.");
    }
    // What an earlier attempt made of this very click is on the card.
    if (context.retaken && confirmation.state !== "pending") return;

    const name = kind === "approve" ? nameToType(confirmation) : undefined;
    if (name === undefined) return give({ kind, confirmation, ...answerOf(click, context) }, click);
    // Who asked need not wait for Slack to say who that is.
    const objection = counts(click, confirmation) ? undefined : await objectionTo(click, context);
    return objection ? tell(click, objection) : askForName(click, confirmation, name);
  }

  /** Why a typed name approves nothing; the name itself is compared here and nowhere else. */
  function errorsIn({ name }: TypedName, confirmation: Confirmation | undefined, outside: boolean) {
    if (outside) return onlyColleagues;
    if (!confirmation) return "There is no such question any more.";
    const wanted = nameToType(confirmation);
    if (wanted === undefined) return "This is answered with the button on its card.";
    return name.trim() === wanted ? undefined : `Type ${wanted} exactly`;
  }

  return {
    onClick,

    async onTypedName(body, close, context) {
      const typed = readTypedName(body);
      if (!typed) return close();
      const confirmation = await confirmations.find(typed.confirmationId);
      const error = errorsIn(typed, confirmation, context.fromOutside);
      if (error || !confirmation) return close({ [nameModal.blockId]: error ?? "" });

      await close();
      if (context.retaken && confirmation.state !== "pending") return;
      const place = typed.place ?? confirmation.place ?? "";
      const spot = { userId: typed.userId, ...spotOf(confirmation, place) };
      const answer = answerOf({ userId: typed.userId, place }, context);
      await give({ kind: "approve", confirmation, ...answer }, spot);
    },
  };
}

function answerOf(
  { userId, place }: Pick<Click, "userId" | "place">,
  { inboxKey, signal }: DeliveryContext,
) {
  return { userId, place, origin: inboxKey, signal };
}

/** Where to say something about the card at that place. */
function spotOf({ place: ownPlace, conversation }: Confirmation, place: string) {
  const own = place === ownPlace ? conversationPlace(conversation) : undefined;
  return own ?? { channel: messageAt(place).channel };
}

/** Whether who asked approves; whether that counts is judged again when the name is there. */
function counts({ userId, place }: Click, confirmation: Confirmation): boolean {
  const { state, requestedBy } = confirmation;
  const isRequester = requestedBy.id === userId && openSeats(confirmation).includes("requester");
  return isRequester && state === "pending" && takesAnswerFrom(confirmation, place);
}
