import { type Command, CommanderError } from "commander";
import { sayWhyItEnds } from "#src/app/fatal.ts";
import { type Host, thisProcess } from "./host.ts";

/** A command that was not run yet. */
export interface RunnableCommand {
  readonly command: Command;
  /** Carries out what was parsed, to an exit code. */
  main(): Promise<number>;
}

/** Runs a command as the person asked for it who started this process. */
export async function runCommand(command: Command, main: () => Promise<number>): Promise<void> {
  process.exitCode = await runCommandIn(thisProcess, { command, main }, process.argv.slice(2));
}

/**
 * Parses the words after a command and runs it to its exit code: what `main` returns, 1 after a
 * failure, 2 after wrong usage. A person sees one sentence, never a stack.
 */
export async function runCommandIn(
  { stdout, stderr }: Pick<Host, "stdout" | "stderr">,
  { command, main }: RunnableCommand,
  words: readonly string[],
): Promise<number> {
  command
    .name(`npm run ${command.name()} --`)
    .helpOption("-h, --help", "show this text")
    .showHelpAfterError("(--help shows how to use it)")
    .exitOverride();
  for (const each of [command, ...command.commands]) {
    each.configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    });
  }
  try {
    command.parse(words, { from: "user" });
    return await main();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    sayWhyItEnds(error, stderr);
    return 1;
  }
}
