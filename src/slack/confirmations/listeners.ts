import type { WebClient } from "@slack/web-api";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { Confirmation, ConfirmationStore } from "#src/actions/confirmation-store.ts";
import { beginAllInOrder } from "#src/actions/in-order.ts";
import { nameToTypeForAll } from "#src/actions/typed-name.ts";
import { openSeats, takesAnswerFrom } from "#src/actions/who-answers.ts";
import type { Clock } from "#src/clock.ts";
import { newErrorId, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { nameModal, nameModalView } from "#src/slack/cards/name-modal.ts";
import { isOpen } from "#src/slack/cards/questions-card.ts";
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

type Asked = readonly Confirmation[];

/** What happens when people press a card's buttons, and when they type a guest's name. */
export interface AnswerListeners {
  /** A click that answers what its button names: one question, or all that a message shows. */
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

  async function giveOne(answer: Answer): Promise<string | undefined> {
    try {
      return await answering.give(answer);
    } catch (error) {
      const errorId = newErrorId();
      log.error({ err: error, errorId, confirmation: answer.confirmation.id }, "answer failed");
      return unexpectedErrorMessage(errorId);
    }
  }

  /** All count at once: what waited for the others to be carried out could expire meanwhile. */
  async function give(answer: Omit<Answer, "confirmation" | "turn">, asked: Asked, spot: Spot) {
    const objections = await beginAllInOrder(asked, (confirmation, turn) =>
      giveOne({ ...answer, confirmation, turn }),
    );
    await tellAll(spot, objections);
  }

  async function tellAll(spot: Spot, objections: readonly (string | undefined)[]) {
    const sentences = new Set(objections.filter((each) => each !== undefined));
    if (sentences.size > 0) await tell(spot, [...sentences].join("\n"));
  }

  /** Why a click does not count, by the judgement that answers go through as well. */
  async function objectionTo(id: string, click: Click, { signal, inboxKey }: DeliveryContext) {
    const { userId, place } = click;
    return executor.objectionTo(id, {
      principal: await users.principalOf(userId),
      askedAt: clock.now(),
      conversation: "",
      place,
      origin: inboxKey,
      signal,
    });
  }

  /** What of it exists; what is not open any more is left out of several, and told of one. */
  async function find(ids: readonly string[]): Promise<Asked> {
    const found = await Promise.all(ids.map((id) => confirmations.find(id)));
    return found.filter((each) => each !== undefined);
  }

  /** Comes before anything that takes time: a click can open a modal for three seconds only. */
  async function askForName(click: Click, asked: Asked, name: string): Promise<void> {
    try {
      const view = nameModalView(asked, name, click.place);
      await web.views.open({ trigger_id: click.triggerId, view });
    } catch (error) {
      log.warn({ err: error, confirmations: asked.map(({ id }) => id) }, "a modal cannot open");
      await tell(click, "I was too slow to ask for the name; please press the button again.");
    }
  }

  async function onClick(body: unknown, kind: Answer["kind"], context: DeliveryContext) {
    const click = readClick(body);
    if (!click) return;
    if (context.fromOutside) return tell(click, onlyColleagues);

    const ids = click.value.split(" ");
    const found = await find(ids);
    const open = found.filter(isOpen);
    // What an earlier attempt made of this very click is on the card.
    if (context.retaken && found.length > 0 && open.length === 0) return;
    const asked = open.length > 0 ? open : found.slice(0, 1);
    const [first] = asked;
    if (!first) {
      const objection = await objectionTo(ids[0] ?? "", click, context);
      return tell(click, objection ?? "Please press the button again.");
    }
    const answer = { kind, ...answerOf(click, context) };
    if (kind === "decline" || nameToTypeForAll(asked) === undefined) {
      return give(answer, asked, click);
    }
    const { taking, objections } = await judge(asked, click, context);
    const name = nameToTypeForAll(taking);
    if (name !== undefined) await askForName(click, taking, name);
    await tellAll(click, objections);
    if (name === undefined) await give(answer, taking, click);
  }

  /** Which of the questions take a click's approval, and why the others do not. */
  async function judge(asked: Asked, click: Click, context: DeliveryContext) {
    const objections = await Promise.all(
      asked.map((each) =>
        // Who asked need not wait for Slack to say who that is.
        counts(click, each) ? undefined : objectionTo(each.id, click, context),
      ),
    );
    return { taking: asked.filter((_, index) => objections[index] === undefined), objections };
  }

  /** Why a typed name approves nothing; the name itself is compared here and nowhere else. */
  function errorsIn({ name }: TypedName, asked: Asked, outside: boolean) {
    if (outside) return onlyColleagues;
    if (asked.length === 0) return "There is no such question any more.";
    const wanted = nameToTypeForAll(asked);
    if (wanted === undefined) return "This is answered with the button on its card.";
    return name.trim() === wanted ? undefined : `Type ${wanted} exactly`;
  }

  return {
    onClick,

    async onTypedName(body, close, context) {
      const typed = readTypedName(body);
      if (!typed) return close();
      const asked = await find(typed.confirmationIds);
      const [first] = asked;
      const error = errorsIn(typed, asked, context.fromOutside);
      if (error || !first) return close({ [nameModal.blockId]: error ?? "" });

      await close();
      const open = asked.filter(isOpen);
      if (context.retaken && open.length === 0) return;
      const place = typed.place ?? first.place ?? "";
      const spot = { userId: typed.userId, ...spotOf(first, place) };
      const answer = answerOf({ userId: typed.userId, place }, context);
      await give({ kind: "approve", ...answer }, open.length > 0 ? open : [first], spot);
    },
  };
}

function answerOf(
  { userId, place }: Pick<Click, "userId" | "place">,
  { inboxKey, signal, endTurn }: DeliveryContext,
) {
  return { userId, place, origin: inboxKey, signal, onAccepted: endTurn };
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
