import { Temporal } from "temporal-polyfill";
import { ToolError } from "#src/actions/tool.ts";
import type { Deletion, KeptBackup } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { plainText } from "#src/plain-text.ts";
import type { Vmids } from "#src/proxmox/guest-changes.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import type { Moment } from "#src/when/moment.ts";
import { readPastDays } from "#src/when/past-days.ts";

/** A deletion of which a backup is kept. */
export type Restorable = Deletion & { readonly backup: KeptBackup };

interface Deps {
  readonly deletions: Pick<DeletionStore, "listRestorable">;
  readonly vmids: Pick<Vmids, "isFree">;
}

/**
 * What can be restored, the latest deletion first. A guest that was brought back is not among it
 * while the VMID that it got is in use: there would be two of it, with the same addresses.
 */
export async function listRestorable(
  deps: Deps,
  signal: AbortSignal,
): Promise<readonly Restorable[]> {
  return (await readRestorable(deps, signal)).gone;
}

async function readRestorable({ deletions, vmids }: Deps, signal: AbortSignal) {
  const gone: Restorable[] = [];
  const back: Restorable[] = [];
  for (const row of await deletions.listRestorable()) {
    const { backup, restoredAs } = row;
    if (!backup) continue;
    const isBack = restoredAs !== undefined && !(await vmids.isFree(restoredAs, signal));
    (isBack ? back : gone).push({ ...row, backup });
  }
  return { gone, back };
}

/** When the guest was destroyed, or was about to be. */
export function deletedAt({ committedAt, dueAt }: Deletion) {
  return committedAt ?? dueAt;
}

/** How a sentence calls a guest that is gone: `test-runner (CT 103)`. */
export function formerLabel({ guest: { name, kind, vmid } }: Deletion): string {
  return `${plainText(name, 64)} (${kind.toUpperCase()} ${vmid})`;
}

/**
 * The deleted guest that is meant by its name or VMID, and by the day of its deletion where there
 * were several.
 *
 * @throws ToolError that lists what can be restored when none is meant, or more than one.
 */
export async function findRestorable(
  reference: string,
  when: string | null,
  deps: Deps,
  { signal, ...moment }: Moment & { readonly signal: AbortSignal },
): Promise<Restorable> {
  const { gone: all, back } = await readRestorable(deps, signal);
  const named = reference.trim().toLowerCase();
  const isNamed = ({ guest }: Restorable) =>
    String(guest.vmid) === named || guest.name.toLowerCase() === named;
  const ofGuest = all.filter(isNamed);
  if (ofGuest.length === 0) {
    const restored = back.find(isNamed);
    throw new ToolError(restored ? whyNotAgain(restored) : noneOf(reference, all, moment));
  }
  const matches = when === null ? ofGuest : deletedThen(ofGuest, when, moment);
  const [only, second] = matches;
  if (only && !second) return only;
  const which = only
    ? "Which one is meant? Say its VMID, or the day it was deleted."
    : `None of these was deleted then (${plainText(when ?? "", 60)}). Which one is meant?`;
  throw new ToolError([which, ...linesOf(only ? matches : ofGuest, moment)].join("\n"));
}

function deletedThen(
  rows: readonly Restorable[],
  when: string,
  moment: Moment,
): readonly Restorable[] {
  const days = readPastDays(when, moment);
  if (!days) {
    throw new ToolError(
      `I do not understand "${plainText(when, 60)}" as a day in the past. On which day was it deleted?`,
    );
  }
  const { compare } = Temporal.PlainDate;
  return rows.filter((row) => {
    const date = deletedAt(row).toZonedDateTimeISO(moment.timeZone).toPlainDate();
    return compare(date, days.first) >= 0 && compare(date, days.last) <= 0;
  });
}

function whyNotAgain(row: Restorable): string {
  return `${formerLabel(row)} was restored already, as VMID ${row.restoredAs}. It can be restored again when that guest is gone.`;
}

function noneOf(reference: string, all: readonly Restorable[], moment: Moment): string {
  const none = `No backup of a deleted guest ${plainText(reference, 60)} is kept.`;
  if (all.length === 0) return `${none} Nothing can be restored at present.`;
  return [`${none} These can be restored:`, ...linesOf(all, moment)].join("\n");
}

/** More are never read out. */
const maxLines = 20;

/** One line for each of the first twenty, and how many more there are. */
export function linesOf(rows: readonly Restorable[], moment: Moment): readonly string[] {
  const lines = rows.slice(0, maxLines).map((row) => describeRestorable(row, moment));
  const more = rows.length - lines.length;
  return [...lines, ...(more > 0 ? [`${more} earlier ones are not shown.`] : [])];
}

function describeRestorable(row: Restorable, moment: Moment): string {
  const { state, requestedBy, backup } = row;
  return [
    `${formerLabel(row)}, deleted ${describeInstant(deletedAt(row), moment)}`,
    `requested by ${plainText(requestedBy.name, 64)}`,
    ...(state === "failed" ? ["its deletion did not end well"] : []),
    backup.until
      ? `backup kept until ${describeInstant(backup.until, moment)}`
      : "backup kept for now",
  ].join(", ");
}
