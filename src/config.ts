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

export type LogLevel = Settings["LOG_LEVEL"];

/** Which cluster to work on. */
export type ProxmoxConfig = { readonly kind: "sandbox" } | ClusterConfig;

export interface ClusterConfig {
  readonly kind: "cluster";
  /** Origins such as `https://pve1.example:8006`, all of one cluster; at least one. */
  readonly endpoints: readonly string[];
  readonly tokenId: string;
  readonly tokenSecret: string;
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

export interface Config {
  readonly proxmox: ProxmoxConfig;
  readonly model: ModelConfig;
  /** Absent where people talk to the agent at the terminal. */
  readonly slack?: SlackConfig | undefined;
  readonly databasePath: string;
  readonly timeZone: string;
  readonly policyFile?: string | undefined;
  readonly logLevel: LogLevel;
  /** Sentences that a person has to see at each start. */
  readonly warnings: readonly string[];
  /** The secrets in this configuration, for the log to keep out. */
  readonly secrets: readonly string[];
}

/** What the command line decides, whatever the environment says. */
export interface ConfigOverrides {
  /** Leaves a configured cluster, and its database, alone. */
  readonly sandbox?: boolean | undefined;
  readonly logLevel?: LogLevel | undefined;
}

/** A configuration that cannot be used; the message lists everything that is wrong with it. */
export class ConfigError extends PublicError {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["The configuration is not valid:", ...problems].join("\n- "));
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
/** The settings that are set, as text; what a file holds is already read. */
type Values = Partial<Record<SettingName, string>>;

/**
 * The configuration that the environment describes, and the files that it names.
 *
 * @throws ConfigError when anything is missing or wrong.
 */
export function loadConfig(env: Environment, overrides: ConfigOverrides = {}): Config {
  const abandonsCluster = overrides.sandbox === true && hasCluster(env);
  const considered = abandonsCluster ? withoutCluster(env) : env;

  const problems: string[] = [];
  const values = readValues(considered, problems);
  const parsed = settingsSchema.safeParse(values);
  const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0] as SettingName));
  for (const name of wrong) problems.push(describeWrong(name, considered[name] ?? ""));
  problems.push(...findMissing(considered), ...findContradictions(considered));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const settings = parsed.data;
  const proxmox = toProxmoxConfig(settings);
  return {
    proxmox,
    model: toModelConfig(settings),
    // A sandbox on somebody's machine must not take the events of the program that is in use.
    slack: overrides.sandbox ? undefined : toSlackConfig(settings),
    databasePath:
      settings.DATABASE_PATH ??
      (proxmox.kind === "sandbox" ? "data/sandbox.db" : "data/proxmox-agent.db"),
    timeZone: settings.TIMEZONE,
    policyFile: settings.POLICY_FILE,
    logLevel: overrides.logLevel ?? settings.LOG_LEVEL,
    warnings: findWarnings(proxmox, settings, abandonsCluster),
    secrets: secretsOf(settings),
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

function secretsOf(settings: Settings): string[] {
  const names = settingNames.filter((name) => settingInfo(name).secret);
  return names.map((name) => settings[name]).filter((value) => typeof value === "string");
}

/** Whether a setting is there at all, right or wrong. */
function has(env: Environment, name: SettingName): boolean {
  return isSet(env[name]) || (settingInfo(name).secret === true && isSet(env[`${name}_FILE`]));
}

function clusterSettings(): SettingName[] {
  return settingNames.filter((name) => name.startsWith("PROXMOX_"));
}

function hasCluster(env: Environment): boolean {
  return clusterSettings().some((name) => has(env, name));
}

function withoutCluster(env: Environment): Environment {
  const left = clusterSettings().flatMap((name) => [name, `${name}_FILE`]);
  return { ...env, ...Object.fromEntries([...left, "DATABASE_PATH"].map((name) => [name, ""])) };
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
  const describe = (name: SettingName, reason: string) =>
    `${name} is not set; expected ${settingInfo(name).expected}, because ${reason}.`;

  const missing: string[] = [];
  const cause = clusterSettings().find((name) => has(env, name));
  if (cause) {
    const needed = ["PROXMOX_URL", "PROXMOX_TOKEN_ID", "PROXMOX_TOKEN_SECRET"] as const;
    const absent = needed.filter((name) => !has(env, name));
    missing.push(...absent.map((name) => describe(name, `${cause} asks for a cluster`)));
  }
  if (has(env, "OPENAI_BASE_URL") && !has(env, "OPENAI_MODEL")) {
    missing.push(describe("OPENAI_MODEL", "OPENAI_BASE_URL names a server of its own"));
  }
  if (has(env, "OPENAI_MODEL") && !has(env, "OPENAI_BASE_URL") && !has(env, "OPENAI_API_KEY")) {
    missing.push(describe("OPENAI_API_KEY", "OPENAI_MODEL is and OPENAI_BASE_URL is not"));
  }
  const ways = ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"] as const;
  const way = ways.find((name) => has(env, name));
  if (way && !has(env, "SLACK_BOT_TOKEN")) {
    missing.push(describe("SLACK_BOT_TOKEN", `${way} asks for Slack`));
  }
  if (has(env, "SLACK_BOT_TOKEN") && !way) {
    const reason = "SLACK_BOT_TOKEN asks for Slack, and SLACK_SIGNING_SECRET is not set either";
    missing.push(describe("SLACK_APP_TOKEN", reason));
  }
  return missing;
}

function findContradictions(env: Environment): string[] {
  const tls = ["PROXMOX_CA_FILE", "PROXMOX_TLS_FINGERPRINT", "PROXMOX_TLS_INSECURE"] as const;
  const isUsed = (name: SettingName) =>
    has(env, name) && settingsSchema.shape[name].safeParse(env[name]).data !== false;
  const used = tls.filter(isUsed);
  return used.length > 1 ? [`${used.join(" and ")} are set; expected one of them.`] : [];
}

function toProxmoxConfig(settings: Settings): ProxmoxConfig {
  const { PROXMOX_URL, PROXMOX_TOKEN_ID, PROXMOX_TOKEN_SECRET } = settings;
  if (!PROXMOX_URL || !PROXMOX_TOKEN_ID || !PROXMOX_TOKEN_SECRET) return { kind: "sandbox" };
  return {
    kind: "cluster",
    endpoints: PROXMOX_URL,
    tokenId: PROXMOX_TOKEN_ID,
    tokenSecret: PROXMOX_TOKEN_SECRET,
    tls: toTls(settings),
  };
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
  return warnings;
}
