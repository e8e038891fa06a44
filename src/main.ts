import { sayWhyItEnds } from "./app/fatal.ts";
import { configOfProcess } from "./app/process-config.ts";
import { parseCommandLine } from "./command-line.ts";
import type { Config } from "./config.ts";

async function run({ slack, ...config }: Config): Promise<boolean> {
  if (!slack) {
    const { runTerminal } = await import("./app/terminal.ts");
    return runTerminal(config);
  }
  const { runSlack } = await import("./app/slack.ts");
  try {
    await runSlack({ ...config, slack });
    return true;
  } finally {
    // All is closed by then, but for a timer of half a minute that Slack's packages may hold.
    setTimeout(() => process.exit(), 0).unref();
  }
}

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine.kind === "run") {
  try {
    const config = configOfProcess(process.env, commandLine.overrides);
    process.exitCode = (await run(config)) ? 0 : 1;
  } catch (error) {
    sayWhyItEnds(error);
    process.exitCode = 1;
  }
} else {
  const wrong = commandLine.kind === "wrong";
  process[wrong ? "stderr" : "stdout"].write(`${commandLine.text}\n`);
  process.exitCode = wrong ? 2 : 0;
}
