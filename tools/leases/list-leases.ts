import { guestLabel } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import { type Deletion, isEndOfLease } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { PublicError } from "#src/errors.ts";
import { furthestEnd, type LeaseSpan } from "#src/leases/lease-time.ts";
import type { BookedLease, LeaseBook, Leases } from "#src/leases/leases.ts";
import { plainText } from "#src/plain-text.ts";
import type { Guest, Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import type { Moment } from "#src/when/moment.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";

interface Deps {
  readonly guests: Pick<Guests, "list" | "listWithOwners" | "find">;
  readonly deletions: Pick<DeletionStore, "listOpen">;
  readonly leases: Leases;
}

/** A guest with its lease, and its open deletion, which is the lease's end as a rule. */
interface Row {
  readonly guest: Guest;
  readonly lease: BookedLease;
  readonly end?: Deletion | undefined;
}

/** More are never read out; what ends soonest comes first. */
const maxRows = 50;
const maxName = 64;

const input = defineInput(
  z.object({ guest: guestReference.nullable().describe("Which guest; null: all that have one") }),
);

/** Lists the guests that live for a time only, and until when. */
export function listLeases(deps: Deps): Tool {
  return defineTool({
    name: "list_leases",
    description: "List the leases: until when guests live, and how far that can be extended.",
    effect: "read",
    input,
    async run({ guest: reference }, { principal, askedAt, signal }) {
      const moment = { now: askedAt, timeZone: principal.timeZone };
      if (reference === null) return describeAll(await listRows(deps, signal), moment);
      const guest = await deps.guests.find(String(reference), signal);
      const [row] = await rowsOf([guest], await deps.leases.read(), deps);
      return row
        ? describeAll([row], moment)
        : `${guestLabel(guest)} has no lease: it lives until somebody deletes it.`;
    },
  });
}

/** Those that have an end, or get one: what ends soonest comes first. */
async function listRows(deps: Deps, signal: AbortSignal): Promise<readonly Row[]> {
  const book = await deps.leases.read();
  const listing = book.byOwner ? deps.guests.listWithOwners(signal) : deps.guests.list(signal);
  const listed = await rowsOf((await listing).guests, book, deps);
  const rows = await Promise.all(listed.map((row) => lookAgain(row, book, deps, signal)));
  const soonness = ({ end }: Row) => end?.dueAt.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  return rows
    .filter(({ guest, lease, end }) => end || guest.hold || lease.obstacle === undefined)
    .toSorted((one, other) => soonness(one) - soonness(other) || 0);
}

async function rowsOf(
  guests: readonly Guest[],
  book: LeaseBook,
  { deletions }: Deps,
): Promise<readonly Row[]> {
  const open = new Map((await deletions.listOpen()).map((one) => [one.guest.vmid, one]));
  return guests.flatMap((guest) => {
    const lease = book.of(guest);
    return lease ? [{ guest, lease, end: open.get(guest.vmid) }] : [];
  });
}

/** A lease that goes without an end: Proxmox may protect its guest, which no listing tells. */
async function lookAgain(
  row: Row,
  book: LeaseBook,
  { guests }: Deps,
  signal: AbortSignal,
): Promise<Row> {
  const { guest, lease, end } = row;
  if (end || lease.obstacle !== undefined || !lease.isNoted) return row;
  try {
    return { guest, lease: book.of(await guests.find(String(guest.vmid), signal)) ?? lease };
  } catch (error) {
    if (!(error instanceof PublicError)) throw error;
    return row;
  }
}

function describeAll(rows: readonly Row[], moment: Moment): string {
  if (rows.length === 0) return "No guest has a lease.";
  const lines = rows.slice(0, maxRows).map((row) => describe(row, moment));
  const more = rows.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [`${more} more are not shown.`] : []),
    "At its end a guest is deleted only if somebody has confirmed that.",
  ].join("\n");
}

function describe(row: Row, moment: Moment): string {
  return `${labelOf(row.guest)}: ${factsOf(row, moment).join("; ")}`;
}

function factsOf({ guest, lease, end }: Row, moment: Moment): readonly string[] {
  const { obstacle, isNoted, beganAt } = lease;
  if (!end && !guest.hold && obstacle !== undefined) return [`no end at present: ${obstacle}`];
  if (!isNoted) {
    const begins = "its lease begins within minutes";
    return end ? [describeEnd(guest, end, moment), begins] : [begins];
  }
  return [
    describeEnd(guest, end, moment),
    describeLimit(lease, end, moment),
    `began ${describeInstant(beganAt, moment)}`,
  ];
}

function describeLimit(span: LeaseSpan, end: Deletion | undefined, moment: Moment): string {
  const furthest = furthestEnd(span, moment.now);
  if (!furthest) return "without a limit";
  const isOver = end && furthest.epochMilliseconds <= end.dueAt.epochMilliseconds;
  return isOver ? "that is the latest" : `at the latest ${describeInstant(furthest, moment)}`;
}

function describeEnd({ hold }: Guest, end: Deletion | undefined, moment: Moment): string {
  if (hold && (!end || isEndOfLease(end))) return "no end while it is on hold";
  if (!end) return "no end at present";
  const { dueAt, confirmedBy, state } = end;
  const when = describeInstant(dueAt, moment);
  if (confirmedBy)
    return `is deleted ${when}, as ${plainText(confirmedBy.name, maxName)} confirmed`;
  return state === "held" ? `waits for somebody to decide, its end being ${when}` : `ends ${when}`;
}

function labelOf({ name = "-", ...guest }: Guest): string {
  return guestLabel({ name, ...guest });
}
