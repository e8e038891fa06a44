import { readFileSync } from "node:fs";
import { z } from "zod";

const manifest = z
  .object({
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL("../../../data/slack/manifest.json", import.meta.url), "utf8")),
  );

/** What an app that is made from our manifest is granted. */
export const DEFAULT_SCOPES: readonly string[] = manifest.oauth_config.scopes.bot;

/** Which events it is told of. */
export const DEFAULT_SUBSCRIPTIONS: readonly string[] =
  manifest.settings.event_subscriptions.bot_events;
