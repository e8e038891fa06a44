import { createDoctorCommand } from "./doctor/doctor-command.ts";
import { thisProcess } from "./host.ts";
import { runCommand } from "./run-command.ts";

const { command, main } = createDoctorCommand(thisProcess);
await runCommand(command, main);
