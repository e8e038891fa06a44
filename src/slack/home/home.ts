import type { App } from "@slack/bolt";
import type { HomeView } from "@slack/types";
import { z } from "zod";
import { createTicker } from "#src/scheduler/ticker.ts";
import { maybeText } from "#src/slack/maybe-text.ts";
import type { SlackWeb } from "#src/slack/services.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { type HomeSources, readHomeFacts } from "./home-facts.ts";
import { homeView } from "./home-view.ts";

/** The Home tabs that people have open. */
export interface SlackHome {
  /** Has the Homes shown anew where what they show has changed. */
  refresh(): void;
  start(): void;
  stop(): Promise<void>;
}

interface Deps extends HomeSources {
  readonly web: SlackWeb;
  readonly users: SlackUsers;
  /** Milliseconds between two looks for changes. */
  readonly refreshEvery?: number | undefined;
}

/** Somebody who opened Home, when, and what was shown there last. */
interface Viewer {
  readonly openedAt: number;
  readonly shown: string;
}

const openedSchema = z.object({ user: z.string(), tab: maybeText });

/** How long a Home is kept up to date after it was opened, and how many are. */
const watchTime = { hours: 1 } as const;
const maxViewers = 50;

/** Shows everybody who opens the Home tab what waits, what comes, what runs and what is theirs. */
export function registerHome(app: App, deps: Deps): SlackHome {
  const { services, web, users, refreshEvery: every = 30_000 } = deps;
  const { clock, log } = services;
  const viewers = new Map<string, Viewer>();

  async function viewFor(userId: string): Promise<HomeView> {
    return homeView(await readHomeFacts(deps, await users.principalOf(userId)));
  }

  /** Those who opened it last come last. */
  function watch(userId: string, shown: string): void {
    viewers.delete(userId);
    viewers.set(userId, { openedAt: clock.now().epochMilliseconds, shown });
    const [first] = viewers.keys();
    if (viewers.size > maxViewers && first) viewers.delete(first);
  }

  async function refresh(): Promise<void> {
    const since = clock.now().subtract(watchTime).epochMilliseconds;
    for (const [userId, { openedAt, shown }] of [...viewers]) {
      if (openedAt < since) viewers.delete(userId);
      else await republish(userId, openedAt, shown).catch((error) => leaveAlone(userId, error));
    }
  }

  /** One whom Slack shows nothing any more must not keep the others from seeing what is new. */
  function leaveAlone(userId: string, error: unknown): void {
    viewers.delete(userId);
    log.info({ err: error, userId }, "a home is not kept up to date any more");
  }

  async function republish(userId: string, openedAt: number, shown: string): Promise<void> {
    const view = await viewFor(userId);
    const now = JSON.stringify(view);
    if (now === shown) return;
    await web.bulk.views.publish({ user_id: userId, view });
    viewers.set(userId, { openedAt, shown: now });
  }

  const ticker = createTicker({ every, log, run: refresh });

  app.event("app_home_opened", async ({ event }) => {
    const { user, tab } = openedSchema.parse(event);
    if (tab !== "home") return;
    const view = await viewFor(user);
    await web.interactive.views.publish({ user_id: user, view });
    watch(user, JSON.stringify(view));
  });

  return { refresh: ticker.hurry, start: ticker.start, stop: ticker.stop };
}
