import type { SlackConfig } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { silentLogger } from "#src/log.ts";
import type { Check, Finding } from "./finding.ts";

const about = "slack";

/** A scope that the manifest asks for, and what people miss without it. */
interface ScopeUse {
  readonly scope: string;
  readonly without: string;
  /** Whether the program is of use all the same. */
  readonly optional?: true;
}

const scopeUses: readonly ScopeUse[] = [
  { scope: "app_mentions:read", without: "it does not hear who mentions it" },
  {
    scope: "assistant:write",
    without: "nothing is suggested to people who open the conversation",
    optional: true,
  },
  { scope: "channels:history", without: "it does not hear what follows in a channel's thread" },
  { scope: "channels:read", without: "it does not find its channel" },
  { scope: "chat:write", without: "it cannot answer" },
  { scope: "commands", without: "/pve does nothing" },
  {
    scope: "groups:history",
    without: "it does not hear what follows in a private channel's thread",
    optional: true,
  },
  { scope: "groups:read", without: "it does not find its channel by name" },
  { scope: "im:history", without: "it does not hear direct messages" },
  { scope: "im:read", without: "it knows nothing of direct conversations" },
  { scope: "im:write", without: "it cannot write to people first" },
  { scope: "usergroups:read", without: "roles of user groups do not count", optional: true },
  { scope: "users:read", without: "it knows nobody's name and time zone" },
];

const appPage = "# on https://api.slack.com/apps, at the app's page";

/** Slack: both tokens are accepted, the bot may do what it has to, and its channel is there. */
export const checkSlack: Check = async ({ slack: settings }, signal) => {
  if (!settings) {
    const message = "Slack is not configured: people talk to the program at this terminal.";
    return [{ about, level: "ok", message }];
  }
  signal.throwIfAborted();
  const slack = await openSlack(settings);
  const bot = await checkBotToken(slack);
  const transport = await checkTransport(slack);
  const channel = bot[0]?.level === "ok" ? [await checkChannel(slack)] : [];
  return [...bot, transport, ...channel];
};

/** Slack's packages are loaded only where Slack is configured. */
async function openSlack(settings: SlackConfig) {
  const { createWebClients } = await import("#src/slack/web-clients.ts");
  const { slackErrorOf } = await import("#src/slack/slack-error.ts");
  const { resolveChannel } = await import("#src/slack/notices/channel.ts");
  const { apiUrl } = settings;
  const clientOf = (botToken: string) =>
    createWebClients({ botToken, apiUrl }, silentLogger).interactive;
  return { settings, clientOf, slackErrorOf, resolveChannel };
}

type Slack = Awaited<ReturnType<typeof openSlack>>;

async function checkBotToken(slack: Slack): Promise<readonly Finding[]> {
  try {
    const answer = await slack.clientOf(slack.settings.botToken).auth.test();
    const { user, team, bot_id: bot, response_metadata } = answer;
    if (!bot) return [notABot];
    const message = `Slack accepts the bot token: it is @${user} in ${team}.`;
    return [{ about, level: "ok", message }, ...judgeScopes(response_metadata?.scopes)];
  } catch (error) {
    return [describeRefusal(slack, error, "SLACK_BOT_TOKEN", "OAuth & Permissions")];
  }
}

const notABot: Finding = {
  about,
  level: "failure",
  message: "SLACK_BOT_TOKEN is accepted, but it is not the token of a bot.",
  fix: [`${appPage} OAuth & Permissions: copy the Bot User OAuth Token, to .env: SLACK_BOT_TOKEN`],
};

/** What was granted when the app was installed, against what the manifest asks for today. */
function judgeScopes(granted: readonly string[] | undefined): readonly Finding[] {
  if (!granted) {
    return [{ about, level: "note", message: "Slack did not say which scopes were granted." }];
  }
  const missing = scopeUses.filter(({ scope }) => !granted.includes(scope));
  const surplus = granted.filter((name) => !scopeUses.some(({ scope }) => scope === name));
  return [judgeMissing(missing), ...(surplus.length > 0 ? [describeSurplus(surplus)] : [])];
}

function judgeMissing(missing: readonly ScopeUse[]): Finding {
  if (missing.length === 0) {
    return { about, level: "ok", message: "Every scope that the program needs was granted." };
  }
  return {
    about,
    level: missing.every(({ optional }) => optional) ? "warning" : "failure",
    message: "The bot token lacks scopes that the manifest asks for:",
    details: missing.map(({ scope, without }) => `${scope}: without it ${without}`),
    fix: [
      `${appPage} App Manifest: paste data/slack/manifest.json and save; then, under Install App, install it again`,
    ],
  };
}

function describeSurplus(scopes: readonly string[]): Finding {
  const message = `The bot token may do more than the program ever does: ${scopes.join(", ")}. Whoever gets hold of it may as well.`;
  const fix = [`${appPage} OAuth & Permissions: remove these scopes, and install the app again`];
  return { about, level: "note", message, fix };
}

async function checkTransport(slack: Slack): Promise<Finding> {
  const { transport } = slack.settings;
  if (transport.kind === "http") {
    const message = `Slack's calls are awaited at port ${transport.port} and held against the signing secret; whether Slack reaches it is for Slack to say.`;
    const fix = [`${appPage} Event Subscriptions: the Request URL has to be verified`];
    return { about, level: "note", message, fix };
  }
  try {
    await slack.clientOf(transport.appToken).apps.connections.open({});
    return { about, level: "ok", message: "The app-level token opens connections (Socket Mode)." };
  } catch (error) {
    const where = "Basic Information, App-Level Tokens (with the scope connections:write)";
    return describeRefusal(slack, error, "SLACK_APP_TOKEN", where);
  }
}

async function checkChannel({ settings, clientOf, ...slack }: Slack): Promise<Finding> {
  const { channel, botToken } = settings;
  try {
    const id = await slack.resolveChannel(clientOf(botToken), channel);
    return { about, level: "ok", message: `The channel ${channel} (${id}) hears of everything.` };
  } catch (error) {
    if (error instanceof PublicError) {
      const fix = [
        "# in Slack, in the channel that is to hear of deletions and failures:",
        "/invite @proxmox-agent",
        "# or in .env another one: SLACK_CHANNEL",
      ];
      return { about, level: "failure", message: error.message, fix };
    }
    const reason = slack.slackErrorOf(error) ?? String(error);
    const message = `The channel ${channel} could not be looked up: ${reason}.`;
    return { about, level: "failure", message };
  }
}

function describeRefusal(
  { slackErrorOf }: Slack,
  error: unknown,
  setting: string,
  where: string,
): Finding {
  const code = slackErrorOf(error);
  if (code !== undefined) {
    const message = `Slack refuses ${setting}: ${code}.`;
    const fix = [`${appPage} ${where}: copy the token again, to .env: ${setting}`];
    return { about, level: "failure", message, fix };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    about,
    level: "failure",
    message: `Slack cannot be reached (${reason}).`,
    fix: [
      "# is there a way out from this machine? This should answer:",
      "curl https://slack.com/api/api.test",
    ],
  };
}
