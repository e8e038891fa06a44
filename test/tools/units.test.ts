import { expect, it } from "vitest";
import { formatBytes, formatDuration, formatShare } from "#tools/units.ts";

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1.5 * 1024 ** 3, "1.5 GiB"],
  [5000 * 1024 ** 4, "5000 TiB"],
])("shows %d bytes as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
  [0, "0 seconds"],
  [1, "1 second"],
  [119, "1 minute"],
  [7200, "2 hours"],
  [86_400 * 3.9, "3 days"],
])("shows %d seconds as %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

it("shows a share as a percentage", () => expect(formatShare(0.256)).toBe("26%"));
