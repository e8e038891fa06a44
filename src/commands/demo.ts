import { Command } from "commander";
import { Temporal } from "temporal-polyfill";
import { createApp } from "#src/app/app.ts";
import { createScreen } from "#src/chat/screen.ts";
import { clockStartingAt } from "#src/clock.ts";
import { loadConfig } from "#src/config.ts";
import { silentLogger } from "#src/log.ts";
import { takeTour } from "./demo/tour.ts";
import { runCommand } from "./run-command.ts";

/** A Tuesday noon in Berlin. */
const start = Temporal.Instant.from("2026-11-24T11:00:00Z");

const command = new Command("demo")
  .description("A guided tour on a simulated cluster, which it really changes.")
  .option("--fast", "without the pauses in which a person reads");

await runCommand(command, async () => {
  const { fast } = command.opts<{ fast?: true }>();
  const config = loadConfig({ DATABASE_PATH: ":memory:" });
  const clock = clockStartingAt(start);
  const app = await createApp(config, silentLogger, { clock, pace: fast ? 0.02 : 0.5 });
  const screen = createScreen(process.stdout);
  const write = (text: string) => process.stdout.write(text);
  const unhurried = !fast && process.stdout.isTTY;
  try {
    await takeTour({ app, clock, screen, write, unhurried });
    screen.say("\nThat was all of it, and each step did what it showed. `npm start` is yours.");
    return 0;
  } finally {
    await app.stop();
  }
});
