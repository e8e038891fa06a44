import { type Command, CommanderError } from "commander";
import { sayWhyItEnds } from "#src/app/fatal.ts";

/**
 * Parses the command line and runs a command to its exit code: what `main` returns, 1 after a
 * failure, 2 after wrong usage. A person sees one sentence, never a stack.
 */
export async function runCommand(command: Command, main: () => Promise<number>): Promise<void> {
  command
    .name(`npm run ${command.name()} --`)
    .helpOption("-h, --help", "show this text")
    .showHelpAfterError("(--help shows how to use it)")
    .exitOverride();
  try {
    command.parse(process.argv);
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  sayWhyItEnds(error);
  return 1;
}
