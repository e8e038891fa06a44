import type { RequestTargets } from "#src/actions/tool.ts";
import type { Admission } from "./call-admission.ts";

/** Counts the guests of a run's changes: as the model names them, and as they are found to be. */
export interface TargetCount extends RequestTargets {
  /** Counts what a call names, before anything is looked up, so that all of a turn's calls count. */
  expect(admission: Admission): void;
}

export function createTargetCount(): TargetCount {
  const named = new Set<string>();
  const found = new Set<string>();
  return {
    expect(admission) {
      if (!admission.admitted || admission.effect === "read") return;
      const { input } = admission.call;
      const guest = typeof input === "object" && input && "guest" in input ? input.guest : input;
      named.add(typeof guest === "object" ? JSON.stringify(guest) : String(guest).toLowerCase());
    },
    add(guests) {
      for (const { fingerprint } of guests) found.add(fingerprint);
      return Math.max(named.size, found.size);
    },
  };
}
