import type { App } from "@slack/bolt";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { guestsIn } from "#src/policy/target.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import {
  approveAction,
  confirmationCard,
  declineAction,
} from "#src/slack/cards/confirmation-card.ts";
import { nameModal } from "#src/slack/cards/name-modal.ts";
import type { OpenQuestion } from "#src/slack/cards/open-question.ts";
import { approveAllAction, declineAllAction } from "#src/slack/cards/questions-card.ts";
import { settledCard } from "#src/slack/cards/settled-card.ts";
import { deliveryContext } from "#src/slack/listener-context.ts";
import { permalinkTo } from "#src/slack/place.ts";
import type { SlackIdentity, SlackServices, SlackWeb } from "#src/slack/services.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { createAnswering } from "./answering.ts";
import { createCardFaces } from "./card-faces.ts";
import { type CardKeeper, createCardKeeper } from "./card-keeper.ts";
import { createAnswerListeners } from "./listeners.ts";
import { createPostedCards } from "./posted-cards.ts";
import { recordedSettlement } from "./recorded-outcome.ts";

/** Confirmations as people see and answer them in Slack. */
export interface SlackConfirmations extends Pick<CardKeeper, "post"> {
  /** The open questions that wait for a person, and those that the person asked; oldest first. */
  openOf(userId: string): Promise<readonly OpenQuestion[]>;
  /** Brings the cards up to date that an earlier process left, and keeps them so from then on. */
  start(): void;
  stop(): Promise<void>;
}

/** How often things happen, in milliseconds. */
export interface CardTiming {
  /** Between two edits of a card that shows progress. */
  readonly editEvery: number;
  /** Between two looks for cards that are not true any more. */
  readonly tidyEvery: number;
}

const defaultTiming: CardTiming = { editEvery: 2_000, tidyEvery: 15_000 };

interface Deps {
  readonly services: Pick<
    SlackServices,
    "agent" | "executor" | "confirmations" | "audit" | "risks" | "clock" | "log"
  >;
  readonly web: Pick<SlackWeb, "interactive">;
  readonly identity: SlackIdentity;
  readonly users: SlackUsers;
  /** Where the approvers are asked. */
  readonly channel: string;
  /** Told when an answer was given, or a question asked. */
  onChange?(): void;
  /** Told when a card shows how its question ended. Must not reject. */
  onSettled?(confirmation: Confirmation): Promise<void>;
  readonly timing?: Partial<CardTiming> | undefined;
}

/** Shows confirmations as cards, and takes the answers that are given there. */
export function registerConfirmations(app: App, deps: Deps): SlackConfirmations {
  const { services, users, identity, channel, onChange, onSettled } = deps;
  const { confirmations, executor, risks, audit, log } = services;
  const { editEvery, tidyEvery } = { ...defaultTiming, ...deps.timing };
  const web = deps.web.interactive;
  const readFacts = ({ target }: Confirmation) =>
    Promise.all(guestsIn(target).map((guest) => risks.read(guest)));
  const look = async (confirmation: Confirmation) =>
    confirmation.state === "pending"
      ? confirmationCard(confirmation, await readFacts(confirmation))
      : settledCard(confirmation, await recordedSettlement(confirmation, audit));
  const faces = createCardFaces({ web, confirmations, look });
  const posted = { web, identity, confirmations, faces, channel, log, onSettled };
  const cards = createPostedCards(posted);
  const answering = createAnswering({ ...services, users, cards, editEvery });
  const keeper = createCardKeeper({ ...services, cards, answering, look });
  const listeners = createAnswerListeners({ ...services, web, answering, users });
  const ticker = createTicker({ every: tidyEvery, log, run: keeper.tidy });

  function changed(): void {
    ticker.hurry();
    onChange?.();
  }

  for (const [actionId, kind] of [
    [approveAction, "approve"],
    [approveAllAction, "approve"],
    [declineAction, "decline"],
    [declineAllAction, "decline"],
  ] as const) {
    app.action(actionId, async ({ body, context }) => {
      await listeners.onClick(body, kind, deliveryContext(context));
      changed();
    });
  }

  app.view(nameModal.callbackId, async ({ ack, body, context }) => {
    const close = (errors?: Readonly<Record<string, string>>) =>
      errors ? ack({ response_action: "errors", errors }) : ack();
    await listeners.onTypedName(body, close, deliveryContext(context));
    changed();
  });

  return {
    async post(asked) {
      await keeper.post(asked);
      // They may have taken the place of older ones.
      changed();
    },
    async openOf(userId) {
      const open = await executor.openFor(await users.principalOf(userId));
      return Promise.all(
        open.map(async (confirmation) => {
          const { place, approversPlace, requestedBy } = confirmation;
          // What was asked in a direct conversation can be read by nobody else.
          const card = requestedBy.id === userId ? (place ?? approversPlace) : approversPlace;
          return { confirmation, link: card && (await permalinkTo(web, card)) };
        }),
      );
    },
    start: ticker.start,
    stop: ticker.stop,
  };
}
