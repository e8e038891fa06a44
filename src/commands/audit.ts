import { createAuditCommand } from "./audit/audit-command.ts";
import { thisProcess } from "./host.ts";
import { runCommand } from "./run-command.ts";

const { command, main } = createAuditCommand(thisProcess);
await runCommand(command, main);
