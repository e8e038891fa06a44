import { expect } from "vitest";

/** Expects of what is read again and again, for as long as a busy machine may need. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 20_000 });
}
