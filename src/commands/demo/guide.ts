import { setTimeout as sleep } from "node:timers/promises";
import type { Temporal } from "temporal-polyfill";
import { readLosses } from "#src/actions/blast-radius.ts";
import { nameToType } from "#src/actions/typed-name.ts";
import type { App } from "#src/app/app.ts";
import { type ChatPartner, type Exchange, exchange } from "#src/chat/exchange.ts";
import type { TerminalNotice } from "#src/chat/notices.ts";
import type { Screen } from "#src/chat/screen.ts";
import type { AdjustableClock } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";

/** Leads through the tour: speaks for its people, and sees to it that what is shown is true. */
export interface Guide {
  readonly app: App;
  /** Announces a step. */
  announce(title: string, text: string): Promise<void>;
  /** Has a person of the sandbox say something, and confirm what it leads to. */
  say(user: string, text: string): Promise<Exchange>;
  /** Puts the clock forward to a moment in the zone of whoever speaks. */
  waitUntil(instant: Temporal.Instant, comment: string): Promise<void>;
  show(text: string): Promise<void>;
  /** Waits until the channel was told this, which it is without having asked. */
  hear(text: string): Promise<void>;
  /** Waits until there is something, or it is true. */
  until<T>(find: () => Promise<T>, what: string): Promise<NonNullable<T>>;
  /** @throws PublicError that ends the demo when a step did not do what it shows. */
  expect(condition: boolean, what: string): void;
}

interface Options {
  readonly app: App;
  readonly clock: AdjustableClock;
  readonly screen: Screen;
  readonly write: (text: string) => void;
  /** What people were told so far without having asked. */
  readonly heard: readonly TerminalNotice[];
  /** Whether somebody is reading along, who needs time. */
  readonly unhurried: boolean;
}

/** The longest that anything takes in the tour, in milliseconds. */
const patience = 60_000;

/** A guide through the application that the demo runs on. */
export function createGuide({ app, clock, screen, write, heard, unhurried }: Options): Guide {
  const { signal } = new AbortController();
  const pause = (milliseconds: number) => (unhurried ? sleep(milliseconds) : Promise.resolve());

  async function type(prompt: string, text: string): Promise<void> {
    write(prompt);
    for (const character of text) {
      write(character);
      await pause(25);
    }
    write("\n");
    await pause(400);
  }

  async function until<T>(find: () => Promise<T>, what: string): Promise<NonNullable<T>> {
    for (const deadline = performance.now() + patience; performance.now() < deadline; ) {
      const found = await find();
      if (found) return found;
      await sleep(50);
    }
    throw new PublicError(`The demo did not do what it shows: ${what}`);
  }

  let listenedTo = 0;

  function partnerOf(timeZone: string): ChatPartner {
    return {
      onEvent: screen.showEvent,
      onProgress: screen.showProgress,
      onResult: screen.showResult,
      onAnswered: (sentence) => screen.say(`  ${sentence}`),
      async answer(confirmation) {
        screen.showCard(confirmation, timeZone, await readLosses(confirmation, app.risks, signal));
        await pause(2_500);
        await type("  Do it? [y/N] ", "y");
        const name = nameToType(confirmation);
        if (name) await type(`  To confirm, type ${name}: `, name);
        return "approve";
      },
    };
  }

  return {
    app,
    async announce(title, text) {
      screen.say(`\n── ${title} ──\n${text}\n`);
      await pause(1_800);
    },
    async say(user, text) {
      const principal = app.principals.find(user);
      await type(`${user} > `, text);
      const message = { text, conversation: `demo:${user}`, principal, signal };
      const done = await exchange(app, message, partnerOf(principal.timeZone));
      await pause(1_500);
      return done;
    },
    async waitUntil(instant, comment) {
      clock.set(instant);
      screen.say(`\n⏩ ${comment}`);
      await pause(1_200);
    },
    async show(text) {
      screen.say(text);
      await pause(1_200);
    },
    until,
    async hear(text) {
      const isIt = ({ addressee, message }: TerminalNotice) => !addressee && message.includes(text);
      const find = async () => heard.slice(listenedTo).find(isIt);
      listenedTo = heard.indexOf(await until(find, `"${text}" in the channel`)) + 1;
      await pause(1_500);
    },
    expect(condition, what) {
      if (!condition) throw new PublicError(`The demo did not do what it shows: ${what}`);
    },
  };
}
