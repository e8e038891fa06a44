import { join, parse } from "node:path";
import { type Environment, hasCluster, readSettings, withoutCluster } from "./read-settings.ts";
import { privateKeyIn } from "./setting-values.ts";
import { isSecret, type Settings, sandboxBackupStorage, settingNames } from "./settings.ts";

export type LogLevel = Settings["LOG_LEVEL"];

/** Which cluster to work on. */
export type ProxmoxConfig = { readonly kind: "sandbox" } | ClusterConfig;

/** An API token of Proxmox. */
export interface ProxmoxToken {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

export interface ClusterConfig extends ProxmoxToken {
  readonly kind: "cluster";
  /** Origins such as `https://pve1.example:8006`, all of one cluster; at least one. */
  readonly endpoints: readonly string[];
  /** What deletions are carried out with; absent where the one token does everything. */
  readonly deletionToken?: ProxmoxToken | undefined;
  readonly tls:
    | { readonly kind: "system" }
    | { readonly kind: "ca"; readonly pem: string }
    | { readonly kind: "fingerprint"; readonly sha256: string }
    | { readonly kind: "insecure" };
}

/** Which model reads the requests; offline is the built-in planner. */
export type ModelConfig = { readonly kind: "offline" } | OpenAiConfig;

export interface OpenAiConfig {
  readonly kind: "openai";
  readonly apiKey?: string | undefined;
  /** Without a slash at its end; OpenAI's own server when absent. */
  readonly baseUrl?: string | undefined;
  readonly model: string;
  readonly api: Settings["LLM_API"];
  readonly timeoutSeconds: number;
}

/** The workspace in which people talk to the agent. */
export interface SlackConfig {
  readonly botToken: string;
  /** How Slack's events arrive. */
  readonly transport:
    | { readonly kind: "socket"; readonly appToken: string }
    | { readonly kind: "http"; readonly signingSecret: string; readonly port: number };
  /** With a slash at its end; Slack's own when absent. */
  readonly apiUrl?: string | undefined;
  /** An id or a name. */
  readonly channel: string;
  /** What guests and people of other organizations may do. */
  readonly externals: Settings["SLACK_EXTERNALS"];
}

/** The calendar that says when guests are deleted; the local one is in the database. */
export type CalendarConfig =
  | GoogleCalendarConfig
  | {
      readonly kind: "local";
      /** The .ics file that shows it to calendar programs; none where nothing is kept. */
      readonly feedPath?: string | undefined;
    };

export interface GoogleCalendarConfig {
  readonly kind: "google";
  readonly calendarId: string;
  /** The service account's key: JSON, as Google made it. */
  readonly key: string;
  /** With a slash at its end; Google's own when absent. */
  readonly apiRootUrl?: string | undefined;
  /** Google's own when absent. */
  readonly tokenUrl?: string | undefined;
}

/** How deletions are carried out. */
export interface DeletionsConfig {
  /** How often the calendar is read. */
  readonly pollSeconds: number;
  /** Where guests are backed up before they are deleted; absent where they are not. */
  readonly backupStorage?: string | undefined;
  readonly backupRetentionDays: number;
  /** How many may begin within an hour. */
  readonly perHour: number;
  /** How long a guest may take to shut down before it is stopped. */
  readonly shutdownMinutes: number;
  /** How long shutdown and backup may take together. */
  readonly preparationHours: number;
  /** Whether the guest itself is marked. */
  readonly mark: boolean;
}

export interface Config {
  readonly proxmox: ProxmoxConfig;
  readonly model: ModelConfig;
  /** Absent where people talk to the agent at the terminal. */
  readonly slack?: SlackConfig | undefined;
  readonly calendar: CalendarConfig;
  readonly deletions: DeletionsConfig;
  readonly databasePath: string;
  readonly timeZone: string;
  readonly policyFile?: string | undefined;
  readonly logLevel: LogLevel;
  /** Sentences that a person has to see at each start. */
  readonly warnings: readonly string[];
  /** The secrets in this configuration; nothing that leaves the program may show one. */
  readonly secrets: readonly string[];
}

/** What the command line decides, whatever the environment says. */
export interface ConfigOverrides {
  /** Leaves a configured cluster, and its database, alone. */
  readonly sandbox?: boolean | undefined;
  readonly logLevel?: LogLevel | undefined;
}

/**
 * The configuration that the environment describes, and the files that it names.
 *
 * @throws ConfigError when anything is missing or wrong.
 */
export function loadConfig(env: Environment, overrides: ConfigOverrides = {}): Config {
  const abandonsCluster = overrides.sandbox === true && hasCluster(env);
  const settings = readSettings(abandonsCluster ? withoutCluster(env) : env);
  const proxmox = toProxmoxConfig(settings);
  const isSandbox = proxmox.kind === "sandbox";
  const databasePath =
    settings.DATABASE_PATH ?? (isSandbox ? "data/sandbox.db" : "data/proxmox-agent.db");
  // A sandbox on somebody's machine must not take the events of the program that is in use.
  const isApart = overrides.sandbox === true;
  return {
    proxmox,
    model: toModelConfig(settings),
    slack: isApart ? undefined : toSlackConfig(settings),
    calendar:
      (isApart ? undefined : toGoogleCalendarConfig(settings)) ??
      toLocalCalendarConfig(settings, databasePath),
    deletions: toDeletionsConfig(settings, isSandbox),
    databasePath,
    timeZone: settings.TIMEZONE,
    policyFile: settings.POLICY_FILE,
    logLevel: overrides.logLevel ?? settings.LOG_LEVEL,
    warnings: findWarnings(proxmox, settings, abandonsCluster),
    secrets: secretsOf(settings),
  };
}

function secretsOf(settings: Settings): string[] {
  const values = settingNames.filter(isSecret).map((name) => settings[name]);
  const secrets = values.filter((value) => typeof value === "string");
  return secrets.map((text) => privateKeyIn(text) ?? text);
}

function toProxmoxConfig(settings: Settings): ProxmoxConfig {
  const { PROXMOX_URL, PROXMOX_TOKEN_ID, PROXMOX_TOKEN_SECRET } = settings;
  if (!PROXMOX_URL || !PROXMOX_TOKEN_ID || !PROXMOX_TOKEN_SECRET) return { kind: "sandbox" };
  return {
    kind: "cluster",
    endpoints: PROXMOX_URL,
    tokenId: PROXMOX_TOKEN_ID,
    tokenSecret: PROXMOX_TOKEN_SECRET,
    deletionToken: toDeletionToken(settings),
    tls: toTls(settings),
  };
}

function toDeletionToken(settings: Settings): ProxmoxToken | undefined {
  const { PROXMOX_DELETE_TOKEN_ID: tokenId, PROXMOX_DELETE_TOKEN_SECRET: tokenSecret } = settings;
  return tokenId && tokenSecret ? { tokenId, tokenSecret } : undefined;
}

function toTls(settings: Settings): ClusterConfig["tls"] {
  const { PROXMOX_CA_FILE, PROXMOX_TLS_FINGERPRINT, PROXMOX_TLS_INSECURE } = settings;
  if (PROXMOX_CA_FILE) return { kind: "ca", pem: PROXMOX_CA_FILE };
  if (PROXMOX_TLS_FINGERPRINT) return { kind: "fingerprint", sha256: PROXMOX_TLS_FINGERPRINT };
  return PROXMOX_TLS_INSECURE ? { kind: "insecure" } : { kind: "system" };
}

function toModelConfig(settings: Settings): ModelConfig {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = settings;
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return { kind: "offline" };
  return {
    kind: "openai",
    apiKey: OPENAI_API_KEY,
    baseUrl: OPENAI_BASE_URL,
    model: settings.OPENAI_MODEL,
    api: settings.LLM_API,
    timeoutSeconds: settings.OPENAI_TIMEOUT_SECONDS,
  };
}

function toSlackConfig(settings: Settings): SlackConfig | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken } = settings;
  const { SLACK_SIGNING_SECRET: signingSecret, SLACK_PORT: port } = settings;
  if (!botToken) return undefined;
  const common = {
    botToken,
    apiUrl: settings.SLACK_API_URL,
    channel: settings.SLACK_CHANNEL,
    externals: settings.SLACK_EXTERNALS,
  };
  if (appToken) return { ...common, transport: { kind: "socket", appToken } };
  if (signingSecret) return { ...common, transport: { kind: "http", signingSecret, port } };
  return undefined;
}

function toGoogleCalendarConfig(settings: Settings): GoogleCalendarConfig | undefined {
  const { GOOGLE_CALENDAR_ID: calendarId } = settings;
  const key = settings.GOOGLE_APPLICATION_CREDENTIALS ?? settings.GOOGLE_SERVICE_ACCOUNT_JSON;
  if (!calendarId || !key) return undefined;
  const { GOOGLE_API_ROOT_URL: apiRootUrl, GOOGLE_TOKEN_URL: tokenUrl } = settings;
  return { kind: "google", calendarId, key, apiRootUrl, tokenUrl };
}

function toLocalCalendarConfig(settings: Settings, databasePath: string): CalendarConfig {
  const { dir, name } = parse(databasePath);
  const beside = databasePath === ":memory:" ? undefined : join(dir, `${name}.ics`);
  return { kind: "local", feedPath: settings.CALENDAR_FEED ?? beside };
}

function toDeletionsConfig(settings: Settings, isSandbox: boolean): DeletionsConfig {
  return {
    pollSeconds: settings.CALENDAR_POLL_SECONDS,
    backupStorage: settings.BACKUP_STORAGE ?? (isSandbox ? sandboxBackupStorage : undefined),
    backupRetentionDays: settings.BACKUP_RETENTION,
    perHour: settings.DELETIONS_PER_HOUR,
    shutdownMinutes: settings.SHUTDOWN_MINUTES,
    preparationHours: settings.PREPARATION_HOURS,
    mark: settings.DELETION_MARK,
  };
}

function findWarnings(
  proxmox: ProxmoxConfig,
  settings: Settings,
  abandonsCluster: boolean,
): string[] {
  const warnings: string[] = [];
  if (abandonsCluster) {
    warnings.push("The sandbox was asked for: the configured cluster and its database stay alone.");
  }
  if (proxmox.kind === "cluster" && proxmox.tls.kind === "insecure") {
    warnings.push(
      "The cluster's certificate is not checked (PROXMOX_TLS_INSECURE): whoever is on the way can read the token and act with it.",
    );
  }
  if (proxmox.kind === "cluster" && !settings.POLICY_FILE) {
    warnings.push("There is no POLICY_FILE: everyone may read, nobody may change anything.");
  }
  if (proxmox.kind === "cluster" && settings.POLICY_FILE && !settings.BACKUP_STORAGE) {
    warnings.push(
      "There is no BACKUP_STORAGE: guests are deleted without a backup and cannot be restored.",
    );
  }
  return warnings;
}
