import { Temporal } from "temporal-polyfill";
import type { NewDeletion } from "#src/deletions/deletion.ts";

/** Friday 27 November 2026, 18:00 in Berlin. */
export const friday = Temporal.Instant.from("2026-11-27T17:00:00Z");

/** The deletion of test-runner on {@link friday}, requested by bob and confirmed by alice. */
export function aNewDeletion(facts: Partial<NewDeletion> = {}): NewDeletion {
  return {
    guest: { vmid: 103, kind: "ct", name: "test-runner", node: "pve1", fingerprint: "fp-103" },
    dueAt: friday,
    timeZone: "Europe/Berlin",
    requestedBy: { id: "bob", name: "Bob" },
    confirmedBy: { id: "alice", name: "Alice" },
    ...facts,
  };
}
