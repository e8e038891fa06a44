import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const manifest = z
  .object({
    display_information: z.object({ description: z.string().max(140) }),
    features: z.object({
      agent_view: z.object({
        agent_description: z.string().max(300),
        suggested_prompts: z.array(z.object({ title: z.string(), message: z.string() })).max(4),
      }),
      slash_commands: z.array(z.object({ command: z.string() })),
    }),
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
      interactivity: z.object({ is_enabled: z.literal(true) }),
      socket_mode_enabled: z.literal(true),
    }),
  })
  .parse(JSON.parse(readFileSync("data/slack/manifest.json", "utf8")));

/** What each method of the Web API asks of the bot token, as its page in Slack's reference says. */
const scopesOfMethods: Readonly<Record<string, readonly string[]>> = {
  "agents.sessions.setStatus": ["chat:write"],
  "assistant.threads.setStatus": ["chat:write"],
  "assistant.threads.setSuggestedPrompts": ["assistant:write"],
  "auth.test": [],
  "chat.appendStream": ["chat:write"],
  "chat.getPermalink": [],
  "chat.postEphemeral": ["chat:write"],
  "chat.postMessage": ["chat:write"],
  "chat.startStream": ["chat:write"],
  "chat.stopStream": ["chat:write"],
  "chat.update": ["chat:write"],
  "conversations.history": ["channels:history", "groups:history", "im:history"],
  "conversations.info": ["channels:read", "groups:read", "im:read"],
  "conversations.list": ["channels:read", "groups:read"],
  "conversations.open": ["im:write"],
  "conversations.replies": ["channels:history", "groups:history", "im:history"],
  "usergroups.users.list": ["usergroups:read"],
  "users.info": ["users:read"],
  "views.open": [],
  "views.publish": [],
};

/** The subscriptions by which an event comes, and the scope that each asks for. */
const subscriptionsOfEvents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  agent_session_stopped: { agent_session_stopped: "chat:write" },
  app_home_opened: { app_home_opened: "chat:write" },
  app_mention: { app_mention: "app_mentions:read" },
  message: {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
  },
};

const sources = globSync("src/slack/**/*.ts")
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");
const calls =
  /\b((?:auth|chat|views|conversations|users|usergroups\.users|assistant\.threads|agents\.sessions)\.(?!principalOf)[a-zA-Z]+)\(/g;
const methods = new Set([...sources.matchAll(calls)].map(([, method = ""]) => method));
const events = [...sources.matchAll(/\bapp\.event\("(\w+)"/g)].map(([, event = ""]) => event);

const { scopes } = manifest.oauth_config;
const subscribed = manifest.settings.event_subscriptions.bot_events;

describe("the Slack manifest", () => {
  it("covers methods and events that the sources really use", () => {
    expect(methods.size).toBeGreaterThan(10);
    expect(events).toContain("app_mention");
    expect([...methods].filter((method) => !Object.hasOwn(scopesOfMethods, method))).toEqual([]);
  });

  it("asks for the scopes of everything that is used, and for no others", () => {
    const needed = [
      ...[...methods].flatMap((method) => scopesOfMethods[method] ?? []),
      ...events.flatMap((event) => Object.values(subscriptionsOfEvents[event] ?? {})),
      ...(sources.includes("app.command(") ? ["commands"] : []),
    ];

    expect(scopes.bot.toSorted()).toEqual([...new Set(needed)].sort());
  });

  it("subscribes to the events that are listened to, and to no others", () => {
    const needed = events.flatMap((event) => Object.keys(subscriptionsOfEvents[event] ?? {}));

    expect(subscribed.toSorted()).toEqual([...new Set(needed)].sort());
  });

  it("declares the commands that are listened to", () => {
    const commands = [...sources.matchAll(/\bapp\.command\("?([/\w]+)/g)].map(([, name]) => name);

    expect(manifest.features.slash_commands).toHaveLength(commands.length);
  });
});
