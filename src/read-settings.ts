import { readFileSync } from "node:fs";
import { PublicError } from "./errors.ts";
import { maskSecrets } from "./log.ts";
import {
  type SettingName,
  type Settings,
  settingInfo,
  settingNames,
  settingsSchema,
} from "./settings.ts";

/** A configuration that cannot be used; the message lists everything that is wrong with it. */
export class ConfigError extends PublicError {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["The configuration is not valid:", ...problems].join("\n- "));
    this.problems = problems;
  }
}

/** Variables by their names, as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
/** The settings that are set, as text; what a file holds is already read. */
type Values = Partial<Record<SettingName, string>>;

/**
 * The settings in the environment, and in the files that it names.
 *
 * @throws ConfigError when anything is missing or wrong.
 */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const parsed = settingsSchema.safeParse(readValues(env, problems));
  const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0] as SettingName));
  for (const name of wrong) problems.push(describeWrong(name, env[name] ?? ""));
  problems.push(...findMissing(env), ...findContradictions(env));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

/** Whether a setting is there at all, right or wrong. */
function has(env: Environment, name: SettingName): boolean {
  return isSet(env[name]) || (settingInfo(name).secret === true && isSet(env[`${name}_FILE`]));
}

function clusterSettings(): SettingName[] {
  return settingNames.filter((name) => name.startsWith("PROXMOX_"));
}

/** What a sandbox beside the cluster must not touch, or would not find. */
function settingsOfCluster(): SettingName[] {
  return [...clusterSettings(), "DATABASE_PATH", "CALENDAR_FEED", "BACKUP_STORAGE"];
}

/** Whether anything asks for a cluster. */
export function hasCluster(env: Environment): boolean {
  return clusterSettings().some((name) => has(env, name));
}

/** The environment with neither the cluster nor what was set for it. */
export function withoutCluster(env: Environment): Environment {
  const left = settingsOfCluster().flatMap((name) => [name, `${name}_FILE`]);
  return { ...env, ...Object.fromEntries(left.map((name) => [name, ""])) };
}

function readValues(env: Environment, problems: string[]): Values {
  const values: Values = {};
  for (const name of settingNames) {
    const value = readValue(name, env, problems);
    if (isSet(value)) values[name] = value.trim();
  }
  return values;
}

function readValue(name: SettingName, env: Environment, problems: string[]): string | undefined {
  const { secret, file } = settingInfo(name);
  const direct = env[name];
  if (file) return isSet(direct) ? readText(name, direct, problems) : undefined;
  const path = secret ? env[`${name}_FILE`] : undefined;
  if (!isSet(path)) return direct;
  if (isSet(direct)) problems.push(`${name} and ${name}_FILE are both set; expected one of them.`);
  return readText(`${name}_FILE`, path, problems);
}

function readText(variable: string, path: string, problems: string[]): string | undefined {
  try {
    const text = readFileSync(path.trim(), "utf8");
    if (!isSet(text)) problems.push(`${variable} is "${path}"; expected a file that is not empty.`);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push(`${variable} is "${path}"; expected a file that can be read (${code}).`);
    return undefined;
  }
}

function describeWrong(name: SettingName, value: string): string {
  const { secret, expected } = settingInfo(name);
  const got = secret ? "a secret that is not shown" : `"${maskSecrets(value.trim())}"`;
  return `${name} is ${got}; expected ${expected}.`;
}

function findMissing(env: Environment): string[] {
  return [
    ...missingCluster(env),
    ...missingDeletionToken(env),
    ...missingModel(env),
    ...missingSlack(env),
    ...missingGoogle(env),
  ];
}

function missing(name: SettingName, reason: string): string {
  return `${name} is not set; expected ${settingInfo(name).expected}, because ${reason}.`;
}

function missingCluster(env: Environment): string[] {
  const cause = clusterSettings().find((name) => has(env, name));
  if (!cause) return [];
  const needed = ["PROXMOX_URL", "PROXMOX_TOKEN_ID", "PROXMOX_TOKEN_SECRET"] as const;
  const absent = needed.filter((name) => !has(env, name));
  return absent.map((name) => missing(name, `${cause} asks for a cluster`));
}

function missingDeletionToken(env: Environment): string[] {
  const parts = ["PROXMOX_DELETE_TOKEN_ID", "PROXMOX_DELETE_TOKEN_SECRET"] as const;
  const [given] = parts.filter((name) => has(env, name));
  const absent = parts.filter((name) => given && !has(env, name));
  return absent.map((name) => missing(name, `${given} asks for another token for deletions`));
}

function missingModel(env: Environment): string[] {
  const hasServer = has(env, "OPENAI_BASE_URL");
  const isNamed = has(env, "OPENAI_MODEL");
  if (hasServer && !isNamed) {
    return [missing("OPENAI_MODEL", "OPENAI_BASE_URL names a server of its own")];
  }
  if (isNamed && !hasServer && !has(env, "OPENAI_API_KEY")) {
    return [missing("OPENAI_API_KEY", "OPENAI_MODEL is and OPENAI_BASE_URL is not")];
  }
  return [];
}

function missingSlack(env: Environment): string[] {
  const ways = ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"] as const;
  const way = ways.find((name) => has(env, name));
  const hasBot = has(env, "SLACK_BOT_TOKEN");
  if (way && !hasBot) return [missing("SLACK_BOT_TOKEN", `${way} asks for Slack`)];
  if (way || !hasBot) return [];
  const reason = "SLACK_BOT_TOKEN asks for Slack, and SLACK_SIGNING_SECRET is not set either";
  return [missing("SLACK_APP_TOKEN", reason)];
}

/** The two ways to give the key of Google's service account. */
const googleKeys = ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT_JSON"] as const;

function missingGoogle(env: Environment): string[] {
  const key = googleKeys.find((name) => has(env, name));
  const hasId = has(env, "GOOGLE_CALENDAR_ID");
  if (key && !hasId) return [missing("GOOGLE_CALENDAR_ID", `${key} asks for Google Calendar`)];
  if (key || !hasId) return [];
  const [file, text] = googleKeys;
  const reason = `GOOGLE_CALENDAR_ID asks for Google Calendar, and ${text} is not set either`;
  return [missing(file, reason)];
}

/** Of each row one at most may be used. */
const alternatives: readonly (readonly SettingName[])[] = [
  ["PROXMOX_CA_FILE", "PROXMOX_TLS_FINGERPRINT", "PROXMOX_TLS_INSECURE"],
  googleKeys,
  ["GOOGLE_CALENDAR_ID", "CALENDAR_FEED"],
];

function findContradictions(env: Environment): string[] {
  const isUsed = (name: SettingName) =>
    has(env, name) && settingsSchema.shape[name].safeParse(env[name]).data !== false;
  const doubled = alternatives
    .map((names) => names.filter(isUsed))
    .filter((used) => used.length > 1)
    .map((used) => `${used.join(" and ")} are set; expected one of them.`);
  return [...doubled, ...findSameToken(env), ...findForgetful(env)];
}

/** The events would stay in the calendar, and nobody would know any more what they are. */
function findForgetful(env: Environment): string[] {
  const forgets = env.DATABASE_PATH?.trim() === ":memory:";
  if (!forgets || !hasCluster(env) || !has(env, "GOOGLE_CALENDAR_ID")) return [];
  return [
    "DATABASE_PATH is :memory:, as npm run chat has it where it is not set, and Google's calendar would keep events that nobody knows afterwards; expected the path of the program's database.",
  ];
}

/** One token under two names would look like a protection and be none. */
function findSameToken(env: Environment): string[] {
  const [first, second] = [env.PROXMOX_TOKEN_ID, env.PROXMOX_DELETE_TOKEN_ID];
  if (!isSet(first) || first.trim() !== second?.trim()) return [];
  return ["PROXMOX_DELETE_TOKEN_ID names the token of PROXMOX_TOKEN_ID; expected another one."];
}
