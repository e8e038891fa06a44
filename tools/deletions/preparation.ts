import { RefusedError } from "#src/actions/tool.ts";
import type { Target } from "#src/policy/target.ts";
import { z } from "#tools/schema.ts";

/** What is done with a guest before it is deleted. */
export interface Preparation {
  /** How long it has to shut down before its power is cut. */
  readonly shutdownMinutes: number;
  /** Where backups go, and for how many days they are kept; absent where there is no such storage. */
  readonly backup?: { readonly storage: string; readonly days: number } | undefined;
}

export const backupChoice = z
  .enum(["first", "none"])
  .nullable()
  .describe(`"none" only if the user wants no backup; null: as usual here`);

type Choice = "first" | "none" | null;

/**
 * Whether a deletion goes without a backup: as asked, or else as it is `usual`.
 *
 * @throws RefusedError when a backup is wanted, and there is no storage for it.
 */
export function planWithoutBackup(
  choice: Choice,
  usual: boolean,
  { backup }: Preparation,
  target: Target,
): boolean {
  const without = choice === null ? usual : choice === "none";
  if (without || backup) return without;
  const message =
    "No storage for backups is configured, so nothing can be backed up first. " +
    "Ask for the deletion without a backup if that is what you want.";
  throw new RefusedError(message, target);
}

/** What happens before a guest is deleted, as a person confirms it. */
export function describePreparation(
  withoutBackup: boolean,
  { shutdownMinutes, backup }: Preparation,
  subject: "It" | "Each" = "It",
): string {
  const patience = counted(shutdownMinutes, "minute");
  const shutdown = `${subject} is shut down first, and switched off if it does not do so within ${patience}`;
  if (withoutBackup || !backup) return `${shutdown}. No backup is made.`;
  return `${shutdown}; a backup is made before and kept for ${counted(backup.days, "day")}.`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** The backup's part of a target. */
export function backupTarget(withoutBackup: boolean): Pick<Target, "withoutBackup"> {
  return withoutBackup ? { withoutBackup } : {};
}
