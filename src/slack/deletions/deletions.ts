import type { App } from "@slack/bolt";
import type { OutboxStore } from "#src/outbox/outbox-store.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { SlackConfirmations } from "#src/slack/confirmations/confirmations.ts";
import { deliveryContext } from "#src/slack/listener-context.ts";
import type { SlackIdentity, SlackServices, SlackWeb } from "#src/slack/services.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { createDeletionAnswering } from "./answering.ts";
import { createDeletionCardKeeper } from "./card-keeper.ts";
import { actionOf } from "./deletion-card.ts";
import { createDeletionListeners } from "./listeners.ts";
import { postponeModal } from "./postpone-modal.ts";
import { choices } from "./standing.ts";

/** Notices about deletions as people answer them in Slack. */
export interface SlackDeletions {
  /** Has the notices shown anew where what they tell of has changed. */
  refresh(): void;
  /** Brings the notices up to date that an earlier process left, and keeps them so from then on. */
  start(): void;
  stop(): Promise<void>;
}

interface Deps {
  readonly services: Pick<SlackServices, "executor" | "deletions" | "clock" | "log">;
  readonly web: SlackWeb;
  readonly identity: SlackIdentity;
  readonly users: SlackUsers;
  readonly confirmations: Pick<SlackConfirmations, "post">;
  readonly outbox: Pick<OutboxStore, "listUnsettled" | "setStage">;
  /** Told when an answer was given; has the notices refreshed with whatever else shows it. */
  onChange(): void;
  /** Milliseconds between two looks for notices that are not true any more. */
  readonly tidyEvery?: number | undefined;
}

/** Takes the answers that are given to notices about deletions, and keeps those notices true. */
export function registerDeletions(app: App, deps: Deps): SlackDeletions {
  const { services, web, onChange, tidyEvery: every = 5_000 } = deps;
  const { log } = services;
  const keeper = createDeletionCardKeeper({ ...services, ...deps, web: web.bulk });
  const ticker = createTicker({ every, log, run: keeper.tidy });
  const listeners = createDeletionListeners({
    ...services,
    web: web.interactive,
    answering: createDeletionAnswering({ ...services, ...deps }),
  });

  for (const choice of choices) {
    app.action(actionOf(choice), async ({ body, context }) => {
      await listeners.onClick(body, choice, deliveryContext(context));
      onChange();
    });
  }

  app.view(postponeModal.callbackId, async ({ ack, body, context }) => {
    const close = (errors?: Readonly<Record<string, string>>) =>
      errors ? ack({ response_action: "errors", errors }) : ack();
    await listeners.onPickedTime(body, close, deliveryContext(context));
    onChange();
  });

  return { refresh: ticker.hurry, start: ticker.start, stop: ticker.stop };
}
