import type { WebClient } from "@slack/web-api";
import type { Clock } from "#src/clock.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Logger } from "#src/log.ts";
import type { OutboxStore, SaidNotice } from "#src/outbox/outbox-store.ts";
import { messageAt } from "#src/slack/place.ts";
import { isUneditable, isUnreachable } from "#src/slack/slack-error.ts";
import { closedCard } from "./deletion-card.ts";
import { type Standing, standingOf } from "./standing.ts";

/** Keeps what was said of deletions in step with what becomes of them. */
export interface DeletionCardKeeper {
  /** Takes the buttons from what cannot be answered any more, and says there how it ended. */
  tidy(): Promise<void>;
}

interface Deps {
  readonly web: WebClient;
  readonly deletions: Pick<DeletionStore, "find">;
  readonly outbox: Pick<OutboxStore, "listUnsettled" | "setStage">;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createDeletionCardKeeper(deps: Deps): DeletionCardKeeper {
  const { web, deletions, outbox, clock, log } = deps;
  /** The last text of those that show no buttons and not yet how it ended. */
  const shown = new Map<string, string>();

  async function bringUpToDate(notice: SaidNotice, standing: Standing): Promise<void> {
    const { key, message, place, stage } = notice;
    // Once its buttons are gone they stay away: what is to be asked again is asked anew.
    if (stage === "open" && standing.kind === "open") return;
    const { text, blocks } = closedCard(message, standing);
    if (shown.get(key) === text) return;
    const isLast = standing.kind === "over";
    await web.chat
      .update({ ...messageAt(place), text, blocks: [...blocks] })
      .catch(ignoreUneditable);
    await outbox.setStage(key, isLast ? "over" : "closed");
    if (isLast) shown.delete(key);
    else shown.set(key, text);
  }

  return {
    async tidy() {
      for (const notice of await outbox.listUnsettled()) {
        const { key, about } = notice;
        const deletion = await deletions.find(about.deletion);
        const standing = standingOf(deletion, about.revision, clock.now());
        await bringUpToDate(notice, standing).catch((error: unknown) =>
          log.warn({ err: error, key }, "a notice could not be brought up to date"),
        );
      }
    },
  };
}

/** What stays as it is for good need not be tried again. */
function ignoreUneditable(error: unknown): void {
  if (!isUneditable(error) && !isUnreachable(error)) throw error;
}
