import { userInfo } from "node:os";
import { parse } from "node:path";
import { runChat } from "#src/chat/chat.ts";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { createLogger, type Logger, logFile } from "#src/log.ts";
import type { Principal, Principals } from "#src/policy/principal.ts";
import { createApp, type Overrides } from "./app.ts";
import { greetingOf } from "./greeting.ts";
import { runSchedule } from "./terminal-schedule.ts";

/** Who speaks in the sandbox unless somebody else is named. */
const sandboxUser = "alice";

/**
 * Who is at the terminal: in the sandbox whoever is asked for, else the operating system's user,
 * as the policy knows them.
 *
 * @throws PublicError when the sandbox has no such user.
 */
export function terminalPrincipal(
  principals: Principals,
  { proxmox }: Pick<Config, "proxmox">,
  user?: string,
): Principal {
  if (proxmox.kind === "cluster") return principals.find(userInfo().username);
  const wanted = user ?? sandboxUser;
  const known = principals.known.find(({ id }) => id === wanted);
  const found = known ?? (user === undefined ? principals.known[0] : undefined);
  if (found) return found;
  const ids = principals.known.map(({ id }) => id).join(", ");
  throw new PublicError(`There is no user ${wanted}; there are ${ids || "none"}.`);
}

/**
 * The log of a conversation at the terminal: in a file beside the database, because its lines
 * would come between the words. Where nothing is kept, only what
 * ends the program, on standard error.
 */
export function openTerminalLog({ databasePath, logLevel: level, secrets }: Config): Logger {
  if (databasePath === ":memory:") return createLogger({ level: "fatal", secrets });
  const { dir, name } = parse(databasePath);
  const destination = logFile(`${dir || "."}/${name}.log`);
  return createLogger({ level, secrets, destination });
}

/**
 * Runs the conversation at the terminal until it ends, and the schedule of deletions meanwhile.
 *
 * @returns whether every line got an answer
 */
export async function runTerminal(
  config: Config,
  overrides: Overrides & { readonly user?: string | undefined } = {},
): Promise<boolean> {
  const log = openTerminalLog(config);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  // Whoever read along has left.
  process.stdout.on("error", stop);

  await using running = new AsyncDisposableStack();
  const app = running.adopt(await createApp(config, log, overrides), (opened) => opened.stop());
  const { notices, calendar } = running.use(runSchedule(app, config, log));
  return await runChat({
    services: app,
    risks: app.risks,
    principals: app.principals,
    principal: terminalPrincipal(app.principals, config, overrides.user),
    mayImpersonate: config.proxmox.kind === "sandbox",
    calendar,
    notices,
    greeting: greetingOf(config),
    input: process.stdin,
    output: process.stdout,
    signal: stopping.signal,
  });
}
