import type { Readable, Writable } from "node:stream";
import type { CalendarEditor } from "#src/calendar/local/local-calendar.ts";
import type { Principal, Principals } from "#src/policy/principal.ts";
import type { GuestRisks } from "#src/proxmox/guest-risk.ts";
import { type BrakeServices, runBrakeCommand } from "./brake-commands.ts";
import { createCalendarCommands } from "./calendar-commands.ts";
import {
  type ChatServices,
  exchange,
  isOfTerminal,
  settle,
  terminalConversation,
} from "./exchange.ts";
import { type NoticeServices, openNotices } from "./notices.ts";
import { createPrompter } from "./prompter.ts";
import { createScreen, type ScreenOutput } from "./screen.ts";
import { createTerminalPartner } from "./terminal-partner.ts";

interface Options {
  readonly services: ChatServices & BrakeServices;
  /** Asked what a deletion would lose, when a person is asked about it. */
  readonly risks: GuestRisks;
  readonly principals: Principals;
  readonly principal: Principal;
  /** Where changing who speaks is allowed: in the sandbox only. */
  readonly mayImpersonate: boolean;
  /** The calendar of the deletions, where a person can edit it here. */
  readonly calendar?: CalendarEditor | undefined;
  /** Where the terminal is the only front end. */
  readonly notices?: NoticeServices | undefined;
  readonly input: Readable;
  readonly output: Writable & ScreenOutput;
  /** Stops what is under way, and leaves. */
  readonly signal: AbortSignal;
}

const examples = `Say what you want, for example:
  list the running containers
  shut down web-02 and delete test-runner on friday at 18:00
  what is scheduled for deletion?`;

/** What works here besides words. */
function helpOf({ mayImpersonate, calendar }: Options): string {
  const commands = ["/pending (questions that are still open)"];
  if (calendar) commands.push("/calendar (what is in it, and changing it by hand)");
  commands.push("/freeze WHY (stops every change at once)", "/unfreeze", "/help", "/quit");
  if (mayImpersonate) commands.push("/as USER");
  return `${examples}\nCommands: ${commands.join(", ")}`;
}

/**
 * A conversation with a person at a terminal, until they leave it. Ctrl-C stops what is under way,
 * and leaves where nothing is.
 */
export async function runTerminalChat(options: Options): Promise<void> {
  const { services, risks, principals, mayImpersonate, input, output } = options;
  const screen = createScreen(output);
  const calendar =
    options.calendar &&
    createCalendarCommands({ calendar: options.calendar, clock: services.clock });
  let { principal } = options;
  let running: AbortController | undefined;
  const prompter = createPrompter(input, output, () =>
    running ? running.abort() : prompter.close(),
  );

  function leave() {
    running?.abort();
    prompter.close();
  }
  options.signal.addEventListener("abort", leave, { once: true });

  function contextOf(signal: AbortSignal) {
    return { conversation: terminalConversation(principal), principal, signal };
  }

  function partnerFor(signal: AbortSignal) {
    return createTerminalPartner({ screen, prompter, principal, risks, signal });
  }

  async function askPending(signal: AbortSignal) {
    const partner = partnerFor(signal);
    const open = (await services.executor.openFor(principal)).filter(isOfTerminal);
    if (open.length === 0) screen.say("No question is open.");
    for (const confirmation of open) {
      await settle(services, confirmation, { principal, signal }, partner);
    }
  }

  function become(id: string) {
    const known = principals.known.find((user) => user.id === id);
    if (!known) {
      const ids = principals.known.map((user) => user.id).join(", ");
      return screen.say(`There is no user ${id}; there are ${ids}.`);
    }
    principal = known;
    screen.say(`You are ${known.name} now (${known.role}).`);
  }

  async function handle(text: string, signal: AbortSignal): Promise<void> {
    const [command, argument = ""] = text.split(/\s+/);
    if (command === "/quit" || command === "/exit") return prompter.close();
    if (command === "/help") return screen.say(helpOf(options));
    if (command === "/pending") return askPending(signal);
    if (command === "/as" && mayImpersonate) return become(argument);
    const braked = await runBrakeCommand(services.brake, text, principal);
    if (braked !== undefined) return screen.say(braked);
    const edited = await calendar?.run(text, principal);
    if (edited !== undefined) return screen.say(edited);
    if (command?.startsWith("/")) return screen.say(`There is no command ${command}; try /help.`);
    await exchange(services, { text, ...contextOf(signal) }, partnerFor(signal));
  }

  const notices =
    options.notices &&
    (await openNotices(options.notices, (notice) =>
      prompter.interject(screen.paintNotice(notice, principal.id)),
    ));
  try {
    for (;;) {
      const text = await prompter.nextLine(`\n${principal.id} > `);
      if (text === undefined) return;
      if (text === "") continue;
      running = new AbortController();
      await handle(text, running.signal);
      running = undefined;
    }
  } finally {
    prompter.close();
    await notices?.stop();
  }
}
