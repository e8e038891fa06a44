import type { ClusterRates } from "./fake-cluster.ts";
import type { Random } from "./random.ts";
import type { FaultRates } from "./simulation.ts";

/** How rough a run is; each seed draws its own, so that rare things are common somewhere. */
export interface Profile {
  readonly faults: FaultRates;
  readonly cluster: ClusterRates;
  readonly deletions: number;
  /** Whether many of them are due at the same moment. */
  readonly isBurst: boolean;
  /** How many may begin within an hour. */
  readonly limit: number;
  /** Whether guests are backed up before, and marked with a tag. */
  readonly backup: boolean;
  readonly mark: boolean;
  /** How many acts of people there are for each deletion. */
  readonly acts: number;
  /** How often a person does something in the very moment in which we look or act. */
  readonly meddling: number;
  readonly outages: number;
  /** How often the calendar forgets its tokens. */
  readonly expiries: number;
  readonly replicas: number;
  /** Slack finds again what it was told, but for this share. */
  readonly findFails: number;
}

export function drawProfile(random: Random): Profile {
  const isBurst = random.chance(0.2);
  const sometimes = (...rates: number[]) => random.pick(rates);
  return {
    faults: {
      lostRequest: sometimes(0, 0.005, 0.03),
      lostAnswer: sometimes(0, 0.005, 0.03),
      slow: sometimes(0, 0.01, 0.05),
      crash: sometimes(0, 0.002, 0.01, 0.02),
      suspend: sometimes(0, 0.001, 0.005, 0.01),
      critical: sometimes(0, 0, 0.02, 0.1),
    },
    cluster: {
      stubborn: sometimes(0, 0.3),
      taskFails: sometimes(0, 0.03, 0.15),
      destroyFails: sometimes(0, 0.1),
      longBackup: sometimes(0, 0, 0.3),
    },
    deletions: isBurst ? random.between(4, 9) : random.between(2, 5),
    isBurst,
    limit: sometimes(2, 5, 5),
    backup: random.chance(0.6),
    mark: random.chance(0.3),
    acts: sometimes(0, 1, 2, 3),
    meddling: sometimes(0, 0.01, 0.05, 0.15),
    outages: sometimes(0, 1, 3),
    expiries: isBurst ? 3 : sometimes(0, 1, 3),
    replicas: random.chance(0.8) ? 2 : 1,
    findFails: sometimes(0, 0, 0.2),
  };
}
