import { Temporal } from "temporal-polyfill";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import type { DeletionSettings } from "#src/deletions/decide.ts";
import type { Claim } from "#src/deletions/deletion.ts";
import type { World } from "#src/deletions/world.ts";
import { aTarget } from "./actions.ts";
import { friday } from "./deletions.ts";

const instant = (text: string) => Temporal.Instant.from(text);

export const settings: DeletionSettings = {
  preparationTime: { hours: 6 },
  backup: { storage: "backup-nfs", days: 30 },
  mark: false,
};

/** The deletion of test-runner on friday: in the calendar, confirmed, and people were reminded. */
export function aDeletion(facts: Partial<Claim> = {}): Claim {
  return {
    id: `pve0badcafe${"0".repeat(32)}`,
    state: "planned",
    revision: 1,
    guest: { vmid: 103, kind: "ct", name: "test-runner", node: "pve1", fingerprint: "fp-103" },
    dueAt: friday,
    timeZone: "Europe/Berlin",
    requestedBy: { id: "bob", name: "Bob" },
    requestedAt: instant("2026-11-24T12:00:00Z"),
    ofLease: false,
    confirmedBy: { id: "bob", name: "Bob" },
    confirmedAt: instant("2026-11-24T12:00:00Z"),
    withoutBackup: false,
    beyondLimit: false,
    event: { etag: '"1"', startsAt: friday },
    eventGone: false,
    remindedRevision: 1,
    attempts: 0,
    stoppedByUs: false,
    fence: 1,
    leaseUntil: friday.add({ minutes: 5 }),
    ...facts,
  };
}

/** Its event as it was written. */
export function anEvent(facts: Partial<CalendarEvent> = {}): CalendarEvent {
  return {
    id: aDeletion().id,
    etag: '"1"',
    cancelled: false,
    startsAt: friday,
    recurring: false,
    title: "Delete test-runner (CT 103 on pve1)",
    creator: "agent@example.iam.gserviceaccount.com",
    marks: { at: String(friday.epochMilliseconds) },
    ...facts,
  };
}

/** A world in which nothing speaks against the deletion; the guest is stopped. */
export function aWorld(facts: Partial<World> = {}): World {
  return { event: { kind: "there", event: anEvent() }, guest: aView(), told: true, ...facts };
}

/** The guest as it is found. */
export function aView(facts: Partial<Extract<World["guest"], { kind: "there" }>> = {}) {
  const guest = aTarget();
  const history = { kind: "unchanged" } as const;
  return { kind: "there", guest, running: false, marked: false, history, ...facts } as const;
}
