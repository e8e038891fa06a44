import { guestLabel } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import { type Deletion, isEndOfLease } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { furthestEnd, type LeaseSpan } from "#src/leases/lease-time.ts";
import type { Leases } from "#src/leases/leases.ts";
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
  readonly span: LeaseSpan;
  readonly end?: Deletion | undefined;
}

/** More are never read out; what ends soonest comes first. */
const maxRows = 50;
const maxName = 64;

const input = defineInput(
  z.object({ guest: guestReference.nullable().describe("Which guest; null: all that have one") }),
);

/** Lists the guests that live for a time only, and until when. */
export function listLeases({ guests, deletions, leases }: Deps): Tool {
  async function listAll(byOwner: boolean, signal: AbortSignal): Promise<readonly Guest[]> {
    const listing = byOwner ? guests.listWithOwners(signal) : guests.list(signal);
    return (await listing).guests;
  }

  async function rowsOf(one: Guest | undefined, signal: AbortSignal): Promise<readonly Row[]> {
    const book = await leases.read();
    const listed = one ? [one] : await listAll(book.byOwner, signal);
    const open = new Map((await deletions.listOpen()).map((one) => [one.guest.vmid, one]));
    const rows = listed.flatMap((guest) => {
      const span = book.of(guest);
      return span ? [{ guest, span, end: open.get(guest.vmid) }] : [];
    });
    const soonness = ({ end }: Row) => end?.dueAt.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    return rows.toSorted((one, other) => soonness(one) - soonness(other) || 0);
  }

  return defineTool({
    name: "list_leases",
    description: "List the leases: until when guests live, and how far that can be extended.",
    effect: "read",
    input,
    async run({ guest: reference }, { principal, askedAt, signal }) {
      const moment = { now: askedAt, timeZone: principal.timeZone };
      const one = reference === null ? undefined : await guests.find(String(reference), signal);
      const rows = await rowsOf(one, signal);
      if (rows.length === 0) {
        return one
          ? `${guestLabel(one)} has no lease: it lives until somebody deletes it.`
          : "No guest has a lease.";
      }
      const lines = rows.slice(0, maxRows).map((row) => describe(row, moment));
      const more = rows.length - lines.length;
      const rest = more > 0 ? [`${more} more are not shown.`] : [];
      return [
        ...lines,
        ...rest,
        "At its end a guest is deleted only if somebody has confirmed that.",
      ].join("\n");
    },
  });
}

function describe({ guest, span, end }: Row, moment: Moment): string {
  const furthest = furthestEnd(span, moment.now);
  const isOver = furthest && end && furthest.epochMilliseconds <= end.dueAt.epochMilliseconds;
  const limit = !furthest
    ? "without a limit"
    : isOver
      ? "that is the latest"
      : `at the latest ${describeInstant(furthest, moment)}`;
  const began = `began ${describeInstant(span.beganAt, moment)}`;
  return `${labelOf(guest)}: ${[describeEnd(guest, end, moment), limit, began].join("; ")}`;
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
