import { thisProcess } from "./host.ts";
import { createPolicyCommand } from "./policy/policy-command.ts";
import { runCommand } from "./run-command.ts";

const { command, main } = createPolicyCommand(thisProcess);
await runCommand(command, main);
