import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readFileWithin } from "#src/bounds/read-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bounds-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("reads a file that is as large as it may be, and none that is larger", async () => {
  const path = join(folder, "file");
  await writeFile(path, "é".repeat(512));
  expect(await readFileWithin(path, 1024)).toBe("é".repeat(512));

  await writeFile(path, `${"é".repeat(512)}!`);
  await expect(readFileWithin(path, 1024)).rejects.toThrow("it is larger than 1 KiB");
});

it("reads no more of a file without an end, whose size the system does not know", async () => {
  await expect(readFileWithin("/dev/zero", 100_000)).rejects.toThrow("it is larger than 97 KiB");
});

it("says what the system says of a file that is not there", async () => {
  const reading = readFileWithin(join(folder, "missing"), 1024);
  await expect(reading).rejects.toMatchObject({ code: "ENOENT" });
});
