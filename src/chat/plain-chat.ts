import type { Readable } from "node:stream";
import type { CalendarEditor } from "#src/calendar/local/local-calendar.ts";
import type { Principal } from "#src/policy/principal.ts";
import { type BrakeServices, runBrakeCommand } from "./brake-commands.ts";
import { createCalendarCommands } from "./calendar-commands.ts";
import {
  type Answer,
  type ChatServices,
  type Exchange,
  exchange,
  isOfTerminal,
  terminalConversation,
} from "./exchange.ts";
import { linesOf } from "./lines.ts";
import { type NoticeServices, openNotices } from "./notices.ts";
import { createScreen } from "./screen.ts";

interface Options {
  readonly services: ChatServices & BrakeServices;
  readonly principal: Principal;
  readonly input: Readable;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
  /** Given to every confirmation; a pipe is no person, so nothing but the sandbox may approve. */
  readonly answer: Answer;
  /** The calendar of the deletions, where a person can edit it here. */
  readonly calendar?: CalendarEditor | undefined;
  /** Where the terminal is the only front end. */
  readonly notices?: NoticeServices | undefined;
}

/** Whether an exchange ended in an answer; a refusal is one. */
export function gotAnswer({ result }: Exchange): boolean {
  return result.status === "completed" || result.status === "limit";
}

/**
 * Answers each line of an input that is no terminal.
 *
 * @returns whether every line got an answer
 */
export async function runPlainChat(options: Options): Promise<boolean> {
  const { services, principal, input, write, signal, answer } = options;
  const screen = createScreen({ write });
  const calendar =
    options.calendar &&
    createCalendarCommands({ calendar: options.calendar, clock: services.clock });
  const notices =
    options.notices &&
    (await openNotices(options.notices, async (notice) => {
      screen.say(screen.paintNotice(notice, principal.id));
      return true;
    }));

  async function describePending(): Promise<string> {
    const open = (await services.executor.openFor(principal)).filter(isOfTerminal);
    if (open.length === 0) return "No question is open.";
    const lines = open.map(({ summary }) => `- ${summary}`);
    return ["Open, and answered at a terminal by /pending:", ...lines].join("\n");
  }

  async function respond(text: string): Promise<boolean> {
    const ran =
      (text === "/pending" ? await describePending() : undefined) ??
      (await runBrakeCommand(services.brake, text, principal)) ??
      (await calendar?.run(text, principal));
    if (ran !== undefined) {
      screen.say(ran);
      return true;
    }
    const message = { text, conversation: terminalConversation(principal), principal, signal };
    const done = await exchange(services, message, { answer: async () => answer });
    screen.say(done.reply);
    return gotAnswer(done);
  }

  let answered = true;
  try {
    for await (const text of linesOf(input, signal)) {
      answered = (await respond(text)) && answered;
      await notices?.sayDue();
    }
  } finally {
    await notices?.stop();
  }
  return answered;
}
