import { z } from "zod";
import { isTimeZone } from "./clock.ts";
import {
  baseUrl,
  endpoint,
  headerText,
  serviceAccountKey,
  sha256,
  slackToken,
  splitList,
  storageId,
  toHex,
  tokenId,
  vendorAddress,
  wholeNumber,
  withSlash,
} from "./setting-values.ts";

/** What a person has to know to fill a setting in. */
export interface SettingInfo {
  /** What it is for. */
  readonly about: string;
  /** What a valid value looks like, as it follows "expected". */
  readonly expected: string;
  /** Never shown; may also be named by a file, in the variable of this name with `_FILE`. */
  readonly secret?: boolean;
  /** The value names a file, and what counts is the text in it; a secret one is never shown. */
  readonly file?: "public" | "secret";
}

const info = z.registry<SettingInfo>();

function setting<Schema extends z.ZodType>(schema: Schema, about: SettingInfo): Schema {
  info.add(schema, about);
  return schema;
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** The model of OpenAI's own server that is asked when none is named. */
const defaultModel = "gpt-5-mini";

/** The storage of the demo cluster that takes backups. */
export const sandboxBackupStorage = "backup-nfs";

/** Every setting, by the name of its environment variable; all of them may be missing. */
export const settingsSchema = z.object({
  PROXMOX_URL: setting(z.string().transform(splitList).pipe(z.array(endpoint())).optional(), {
    about: "The cluster's API. Name several nodes of one cluster, so that one of them may be down.",
    expected: "https://HOST:8006, several of one cluster separated by commas",
  }),
  PROXMOX_TOKEN_ID: setting(tokenId().optional(), {
    about: "The API token that the program acts with; what the token may not, it cannot do.",
    expected: "USER@REALM!TOKEN, such as agent@pve!main, without the secret",
  }),
  PROXMOX_TOKEN_SECRET: setting(headerText().optional(), {
    about: "The token's secret, as Proxmox showed it when the token was made.",
    expected: "one word, such as 01234567-89ab-cdef-0123-456789abcdef",
    secret: true,
  }),
  PROXMOX_DELETE_TOKEN_ID: setting(tokenId().optional(), {
    about:
      "Another API token, with which guests are deleted, backed up and restored; the first one then needs no right to destroy anything.",
    expected: "USER@REALM!TOKEN, such as agent-delete@pve!main; the default is the first token",
  }),
  PROXMOX_DELETE_TOKEN_SECRET: setting(headerText().optional(), {
    about: "That token's secret.",
    expected: "one word, such as 01234567-89ab-cdef-0123-456789abcdef",
    secret: true,
  }),
  PROXMOX_CA_FILE: setting(z.string().includes("-----BEGIN CERTIFICATE-----").optional(), {
    about:
      "The cluster's own authority, copied from /etc/pve/pve-root-ca.pem: the usual way to know the cluster. Without it, the authorities that the system trusts decide.",
    expected: "a readable file with a certificate in PEM form",
    file: "public",
  }),
  PROXMOX_TLS_FINGERPRINT: setting(z.string().transform(toHex).pipe(sha256()).optional(), {
    about: "Instead of the authority: the one certificate to accept, until the node renews it.",
    expected: "a SHA-256 fingerprint: 32 bytes in hexadecimal, with or without colons",
  }),
  PROXMOX_TLS_INSECURE: setting(z.stringbool().default(false), {
    about: "Accepts any certificate, and says so at each start. For a first try only.",
    expected: "true or false (the default)",
  }),
  OPENAI_API_KEY: setting(headerText().optional(), {
    about:
      "The key for the model's server. Without a key and OPENAI_BASE_URL, the built-in planner reads the requests.",
    expected: "one word, as the server's operator gave it",
    secret: true,
  }),
  OPENAI_BASE_URL: setting(baseUrl().optional(), {
    about:
      "Another server that speaks OpenAI's API (Ollama, vLLM, LM Studio, Azure); it needs no key if the server does not.",
    expected: "an http or https address, such as http://127.0.0.1:11434/v1",
  }),
  OPENAI_MODEL: setting(z.string().default(defaultModel), {
    about: "The model to ask. Has to be named together with OPENAI_BASE_URL.",
    expected: `a name that the server knows; the default is ${defaultModel}`,
  }),
  LLM_API: setting(z.enum(["auto", "chat", "responses"]).default("auto"), {
    about: "Which of the two APIs to use: Chat Completions or Responses.",
    expected: "auto (the default: responses where the server is OpenAI's own), chat or responses",
  }),
  OPENAI_TIMEOUT_SECONDS: setting(wholeNumber(1, 600).default(60), {
    about: "How long one request to the model may take; a model on a slow machine needs more.",
    expected: "whole seconds from 1 to 600; the default is 60",
  }),
  SLACK_BOT_TOKEN: setting(slackToken("xoxb").optional(), {
    about: "The bot token of the Slack app. With it, people talk to the agent in Slack.",
    expected: "xoxb-…, as the page OAuth & Permissions of the app shows it",
    secret: true,
  }),
  SLACK_APP_TOKEN: setting(slackToken("xapp").optional(), {
    about:
      "The app-level token for Socket Mode, the usual way: the program connects to Slack, and nothing has to reach it.",
    expected: "xapp-…, with the scope connections:write",
    secret: true,
  }),
  SLACK_SIGNING_SECRET: setting(headerText().optional(), {
    about:
      "Instead of the app-level token: Slack calls the program over HTTP and signs its calls with this.",
    expected: "the signing secret, as the page Basic Information of the app shows it",
    secret: true,
  }),
  SLACK_PORT: setting(wholeNumber(1, 65_535).default(3000), {
    about: "Where Slack's calls arrive without SLACK_APP_TOKEN, behind whatever ends the TLS.",
    expected: "a port from 1 to 65535; the default is 3000",
  }),
  SLACK_CHANNEL: setting(z.string().default("#proxmox"), {
    about: "The channel that hears of deletions, hard stops and failures.",
    expected: "a channel's id or name; the default is #proxmox",
  }),
  SLACK_EXTERNALS: setting(z.enum(["refuse", "viewer"]).default("refuse"), {
    about: "What guests of the workspace and people of other organizations may do.",
    expected: "refuse (the default) or viewer",
  }),
  SLACK_API_URL: setting(vendorAddress().transform(withSlash).optional(), {
    about: "Another server that speaks Slack's Web API, for tests.",
    expected: "an https address, or an http address on this machine; the default is Slack's own",
  }),
  GOOGLE_CALENDAR_ID: setting(
    z
      .string()
      .regex(/^[^\s/]+$/)
      .optional(),
    {
      about:
        "The Google calendar that says when guests are deleted. Without it, a calendar in the database does.",
      expected: "what the calendar's settings show as its ID, such as …@group.calendar.google.com",
    },
  ),
  GOOGLE_APPLICATION_CREDENTIALS: setting(serviceAccountKey().optional(), {
    about: "The key of the service account with which the calendar is shared.",
    expected: "the path of the JSON file that Google made for the key",
    file: "secret",
  }),
  GOOGLE_SERVICE_ACCOUNT_JSON: setting(serviceAccountKey().optional(), {
    about: "Instead of the file: the key itself.",
    expected: "the JSON that Google made for the key",
    secret: true,
  }),
  GOOGLE_API_ROOT_URL: setting(vendorAddress().transform(withSlash).optional(), {
    about: "Another server that speaks Google Calendar's API, for tests.",
    expected: "an https address, or an http address on this machine; the default is Google's own",
  }),
  GOOGLE_TOKEN_URL: setting(vendorAddress().optional(), {
    about: "Another server that hands out Google's access tokens, for tests.",
    expected: "an https address, or an http address on this machine; the default is Google's own",
  }),
  CALENDAR_POLL_SECONDS: setting(wholeNumber(10, 3600).default(60), {
    about: "How often the calendar is asked what people changed in it, a quarter more or less.",
    expected: "whole seconds from 10 to 3600; the default is 60",
  }),
  CALENDAR_FEED: setting(z.string().optional(), {
    about: "Where the calendar in the database is also written for calendar programs to read.",
    expected: "the path of an .ics file; the default is one beside the database",
  }),
  BACKUP_STORAGE: setting(storageId().optional(), {
    about:
      "Where a guest is backed up before it is deleted. With a cluster and without this, guests are deleted without a backup.",
    expected: `the name of a storage that takes backups; the default in the sandbox is ${sandboxBackupStorage}`,
  }),
  BACKUP_RETENTION: setting(wholeNumber(1, 3650).default(30), {
    about: "For how long the backup of a deleted guest is kept, so that it can be restored.",
    expected: "whole days from 1 to 3650; the default is 30",
  }),
  DELETIONS_PER_HOUR: setting(wholeNumber(1, 10_000).default(5), {
    about: "How many deletions may begin within an hour; the others wait for a person's word.",
    expected: "a whole number from 1 to 10000; the default is 5",
  }),
  SHUTDOWN_MINUTES: setting(wholeNumber(1, 60).default(5), {
    about: "How long a guest may take to shut down before it is deleted; then it is stopped.",
    expected: "whole minutes from 1 to 60; the default is 5",
  }),
  PREPARATION_HOURS: setting(wholeNumber(1, 24).default(6), {
    about:
      "How long shutting down and backing up a guest may take altogether; after that its deletion waits for a person's word.",
    expected: "whole hours from 1 to 24; the default is 6",
  }),
  DELETION_MARK: setting(z.stringbool().default(false), {
    about:
      "Marks a guest whose deletion is scheduled with a tag that people see in Proxmox; who removes the tag stops the deletion.",
    expected: "true or false (the default); the token needs VM.Config.Options for it",
  }),
  POLICY_FILE: setting(z.string().optional(), {
    about:
      "Who may do what. With a cluster and without this file everyone may read and nobody may change anything.",
    expected: "the path of a YAML file",
  }),
  DATABASE_PATH: setting(z.string().optional(), {
    about: "The SQLite database: sessions, confirmations, scheduled deletions and the audit log.",
    expected:
      "the path of a file; the default is data/proxmox-agent.db, and data/sandbox.db in the sandbox",
  }),
  TIMEZONE: setting(z.string().refine(isTimeZone).default("UTC"), {
    about: "The time zone of people whose own is not in the policy file.",
    expected: "an IANA time zone such as Europe/Berlin; the default is UTC",
  }),
  LOG_LEVEL: setting(z.enum(logLevels).default("info"), {
    about: "How much is logged, as JSON lines.",
    expected: `${logLevels.join(", ")}; the default is info`,
  }),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingName = keyof Settings;

export const settingNames = Object.keys(settingsSchema.shape) as readonly SettingName[];

export function settingInfo(name: SettingName): SettingInfo {
  const found = info.get(settingsSchema.shape[name]);
  if (!found) throw new Error(`The setting ${name} is not described.`);
  return found;
}

/** Whether nobody may see what the setting is. */
export function isSecret(name: SettingName): boolean {
  const { secret, file } = settingInfo(name);
  return secret === true || file === "secret";
}
