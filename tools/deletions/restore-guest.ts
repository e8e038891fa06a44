import { guestLabel, lastKnownGuest } from "#src/actions/guest-target.ts";
import {
  defineTool,
  type PlannedCall,
  RefusedError,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
} from "#src/actions/tool.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { PublicError } from "#src/errors.ts";
import type { Target } from "#src/policy/target.ts";
import type { Cluster, ClusterStatus } from "#src/proxmox/cluster-status.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestBackups, GuestMarks, Vmids } from "#src/proxmox/guest-changes.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";
import { deletedAt, findRestorable, type Restorable } from "./find-restorable.ts";

interface Deps {
  readonly deletions: Pick<DeletionStore, "listRestorable" | "markRestored">;
  readonly backups: Pick<GuestBackups, "restore">;
  readonly guests: Pick<Guests, "find">;
  readonly marks: Pick<GuestMarks, "clear">;
  readonly vmids: Vmids;
  readonly cluster: Pick<Cluster, "status">;
}

const input = defineInput(
  z.object({
    guest: guestReference,
    when: z
      .string()
      .nullable()
      .describe(`The user's words for the day it was deleted ("last friday"); null: not said`),
  }),
);

type Input = ReturnType<typeof input.parse>;

interface PlannedRestore extends PlannedCall {
  readonly row: Restorable;
  readonly place: {
    readonly vmid: number;
    readonly node: string;
    readonly pool?: string | undefined;
  };
  readonly label: string;
}

/**
 * Brings a deleted guest back from the backup that was made before: under its VMID where that is
 * free, on its node where that is online. Overwrites nothing and starts nothing.
 */
export function restoreGuest(deps: Deps): Tool {
  return defineTool({
    name: "restore_guest",
    description: "Bring a deleted guest back from its backup, stopped; a person has to confirm.",
    effect: "disruptive",
    input,
    plan: (said, context) => plan(said, context, deps),
    apply: (planned, context) => apply(planned, context, deps),
  });
}

async function plan(
  { guest: reference, when }: Input,
  { principal, askedAt, signal }: ToolContext,
  deps: Deps,
): Promise<PlannedRestore> {
  const moment = { now: askedAt, timeZone: principal.timeZone };
  const row = await findRestorable(String(reference), when, deps, { ...moment, signal });
  const place = await placeFor(row, deps, signal);
  const target = targetOf(row, place.vmid, place.node);
  const label = guestLabel(target.guest);
  const then = describeInstant(deletedAt(row), moment);
  const summary = [
    `Restore ${label} as it was before it was deleted, ${then}.`,
    ...moves(row, place),
    "It is not started.",
  ].join(" ");
  return { summary, target, label, place: { ...place, pool: row.guest.pool }, row };
}

async function placeFor(row: Restorable, { vmids, cluster }: Deps, signal: AbortSignal) {
  const { vmid, node } = row.guest;
  const [isFree, status] = await Promise.all([vmids.isFree(vmid, signal), cluster.status(signal)]);
  return {
    vmid: isFree ? vmid : await vmids.next(signal),
    node: nodeFor(node, status, targetOf(row, vmid, node)),
  };
}

async function apply(
  { row, place, label }: PlannedRestore,
  { signal, onProgress }: ToolContext,
  deps: Deps,
): Promise<ToolResult> {
  const { vmid, node } = place;
  // Before it is back: whoever looks next must not find it as something to bring back.
  if (!(await deps.deletions.markRestored(row.id, row.restoredAs, vmid))) {
    throw new ToolError(`${label} is being restored already.`);
  }
  const archive = { volume: row.backup.volume, kind: row.guest.kind };
  const { upid } = await deps.backups.restore(archive, place, { signal, onProgress });
  const left = await clearMark(row, vmid, deps, signal);
  const output = { restored: label, vmid, node, state: "stopped; it is not started" };
  const note = left && { note: `The tag ${left} is still on it; take it off in Proxmox.` };
  return { kind: "done", output: { ...output, ...note }, upid };
}

/**
 * The backup was made of a guest that was to go; what comes back is to stay.
 *
 * @returns the tag that could not be taken off; the guest is back all the same.
 */
async function clearMark(
  { mark }: Restorable,
  vmid: number,
  { guests, marks }: Pick<Deps, "guests" | "marks">,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (mark === undefined) return undefined;
  try {
    await marks.clear(await guests.find(String(vmid), signal), mark, signal);
    return undefined;
  } catch (error) {
    if (error instanceof PublicError) return mark;
    throw error;
  }
}

function targetOf({ id, guest, requestedBy, dueAt }: Restorable, vmid: number, node: string) {
  return {
    guest: lastKnownGuest({ ...guest, vmid, node }),
    deletion: { id, requestedBy: requestedBy.id, dueAt: dueAt.toString() },
  };
}

/** Where it was, if that node is online; else the first that is. */
function nodeFor(own: string, { quorate, nodes }: ClusterStatus, target: Target): string {
  const online = nodes.filter((node) => node.online).map(({ name }) => name);
  const node = online.includes(own) ? own : online[0];
  if (quorate && node !== undefined) return node;
  const message = "The cluster has no quorum, so nothing can be restored at present.";
  throw new RefusedError(message, target);
}

/** What is not as it was. */
function moves({ guest }: Restorable, { vmid, node }: { vmid: number; node: string }) {
  return [
    ...(vmid === guest.vmid ? [] : [`VMID ${guest.vmid} is in use, so it gets VMID ${vmid}.`]),
    ...(node === guest.node ? [] : [`${guest.node} is not online, so it comes to ${node}.`]),
  ];
}
