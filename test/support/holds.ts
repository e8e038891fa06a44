import type { HoldStore } from "#src/holds/hold-store.ts";

/** The holds of a cluster where no guest is on hold, nor can be put on. */
export const noHolds: HoldStore = {
  place: () => Promise.reject(new Error("Nothing is put on hold here.")),
  release: async () => false,
  find: async () => undefined,
  list: async () => [],
};
