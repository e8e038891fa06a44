import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { nameToType } from "#src/actions/typed-name.ts";
import type { Answer, ChatPartner } from "./exchange.ts";
import type { Prompter } from "./prompter.ts";
import type { Screen } from "./screen.ts";

interface Deps {
  readonly screen: Screen;
  readonly prompter: Pick<Prompter, "ask">;
  /** In which a confirmation's times are shown. */
  readonly timeZone: string;
  /** Stops the message that this partner is for. */
  readonly signal: AbortSignal;
}

/** The person at the terminal, while one message of theirs is worked on. */
export function createTerminalPartner({ screen, prompter, timeZone, signal }: Deps): ChatPartner {
  function leaveOpen(): Answer {
    screen.say("\n  Left open; /pending asks again.");
    return "leave";
  }

  async function answer(confirmation: Confirmation): Promise<Answer> {
    // Ctrl-C is no answer to one question, and to none that would follow it.
    if (signal.aborted) return "leave";
    screen.showCard(confirmation, timeZone);
    const reply = await prompter.ask("  Do it? [y/N] ");
    if (reply === undefined) return leaveOpen();
    if (!/^y(es)?$/i.test(reply)) return "decline";

    const name = nameToType(confirmation);
    if (name === undefined) return "approve";
    const typed = await prompter.ask(`  Type the guest's name, ${name}, to confirm: `);
    if (typed === undefined) return leaveOpen();
    if (typed === name) return "approve";
    screen.say("  That is not its name.");
    return "decline";
  }

  return {
    onEvent: screen.showEvent,
    onProgress: screen.showProgress,
    onResult: screen.showResult,
    onAnswered: (sentence) => screen.say(`  ${sentence}`),
    answer,
  };
}
