import { greetingOf } from "#src/app/greeting.ts";
import { type Config, loadConfig } from "#src/config.ts";
import { maskSecrets } from "#src/log.ts";
import { ConfigError } from "#src/read-settings.ts";
import { checkCalendar } from "./calendar.ts";
import { checkDatabase } from "./database.ts";
import type { Check, Finding } from "./finding.ts";
import { checkModel } from "./model.ts";
import { checkPeople } from "./people.ts";
import { checkProxmox } from "./proxmox.ts";
import { checkSlack } from "./slack.ts";

/** What is looked at, in order; nothing here depends on what was found before. */
const checks: Readonly<Record<string, Check>> = {
  proxmox: checkProxmox,
  model: checkModel,
  database: checkDatabase,
  calendar: checkCalendar,
  people: checkPeople,
  slack: checkSlack,
};

/**
 * Checks the configuration that the environment describes against the live systems, and tells each
 * finding as it is made. No finding shows a secret.
 */
export async function* diagnose(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const config = readConfig(env);
  if (config instanceof ConfigError) return yield describeProblems(config);

  const about = "configuration";
  yield { about, level: "ok", message: greetingOf(config)[0] ?? "It is valid." };
  for (const [name, check] of Object.entries(checks)) {
    const findings = await check(config, signal).catch((error: unknown) => [broken(name, error)]);
    for (const finding of findings) yield masked(finding, config.secrets);
  }
}

function readConfig(env: Parameters<typeof loadConfig>[0]): Config | ConfigError {
  try {
    return loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function describeProblems({ problems: details }: ConfigError): Finding {
  return {
    about: "configuration",
    level: "failure",
    message: "The configuration is not valid, so nothing else was checked:",
    details,
    fix: ["# in .env; .env.example explains each setting"],
  };
}

/** One check that breaks must not keep the others' findings back. */
function broken(about: string, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return { about, level: "failure", message: `This could not be checked: ${reason}` };
}

function masked({ message, details, fix, ...rest }: Finding, secrets: readonly string[]): Finding {
  const mask = (text: string) => maskSecrets(text, secrets);
  return { ...rest, message: mask(message), details: details?.map(mask), fix: fix?.map(mask) };
}
