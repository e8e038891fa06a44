import { runTerminal } from "#src/app/terminal.ts";
import { createChatCommand } from "./chat/chat-command.ts";
import { thisProcess } from "./host.ts";
import { runCommand } from "./run-command.ts";

const { command, main } = createChatCommand(thisProcess, runTerminal);
await runCommand(command, main);
