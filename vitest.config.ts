import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

/** How long a test may take at the most: what waits for something gets it, on a busy machine too. */
const patience = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000 } },
};

export default defineConfig({
  test: {
    // Twice as many as there are cores: much of the time tests wait, for sockets and for programs.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...patience,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/bench/**", "test/**/*.{contract,isolated}.test.ts"],
          // What many files import is loaded once; no test may leave anything behind for the next.
          isolate: false,
          // Unit tests first. Counted from 1: Vitest runs group 0 last on a machine of one worker.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...patience,
          // What loads a package under an environment of its own.
          name: "isolated",
          include: ["test/**/*.isolated.test.ts"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...patience,
          // What a store promises, on every database.
          name: "contract",
          include: ["test/**/*.contract.test.ts"],
          isolate: false,
          globalSetup: "test/support/postgres-setup.ts",
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...patience,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
