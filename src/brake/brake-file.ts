import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { AuditLog } from "#src/audit/audit-log.ts";
import { brakeTools } from "#src/policy/roles.ts";
import { type Brake, stateOfFile } from "./brake.ts";

/** Notices that the file that freezes everything has come or gone. */
export interface BrakeFileWatch {
  look(): Promise<void>;
}

interface Deps {
  readonly file: string;
  readonly brake: Pick<Brake, "state">;
  readonly audit: Pick<AuditLog, "append" | "find">;
}

/**
 * Puts into the audit log that the file has come or gone. The log itself says what is in it already,
 * so that neither a new start nor a second process says it again.
 */
export function watchBrakeFile({ file, brake, audit }: Deps): BrakeFileWatch {
  // Another host has another file by the same name.
  const principal = { id: `FREEZE@${hostname()}`, name: `the file ${file}`, role: "host" };
  let noticed: boolean | undefined;

  async function isRecorded(): Promise<boolean> {
    const last = await audit.find({ person: principal.id, tools: brakeTools, limit: 1 });
    return last.records[0]?.tool === "freeze_changes";
  }

  return {
    async look() {
      const frozen = await stateOfFile(file);
      const isThere = frozen !== undefined;
      if (isThere === noticed) return;
      if (isThere !== (await isRecorded())) {
        const stillHolds = !isThere && (await brake.state()) !== undefined;
        await audit.append({
          actionId: randomUUID(),
          step: stillHolds ? "unchanged" : "succeeded",
          tool: isThere ? "freeze_changes" : "release_changes",
          input: {},
          target: {},
          principal,
          message: isThere ? frozen.reason || undefined : `The file ${file} was removed.`,
        });
      }
      noticed = isThere;
    },
  };
}
