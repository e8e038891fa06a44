import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "#src/agent/limits.ts";
import { loadPrompt } from "#src/agent/prompt.ts";

/** A directory with these prompts, for one test. */
async function promptDirectory(files: Readonly<Record<string, string>>): Promise<URL> {
  const directory = await mkdtemp(join(tmpdir(), "prompts-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const all = { "system.md": "Be helpful.\n", "last-turn.md": "Answer now.\n", ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(directory, name), text);
  return pathToFileURL(`${directory}/`);
}

describe("loading the prompts", () => {
  it("fills in the project's own", async () => {
    const { instructions, lastTurn, version } = await loadPrompt(defaultLimits);

    expect(instructions).toContain("at most 16");
    expect(lastTurn).toContain("its 8 steps");
    expect(instructions + lastTurn).not.toContain("{{");
    expect(version).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is the same each time, so that a server can cache it", async () => {
    expect(await loadPrompt(defaultLimits)).toEqual(await loadPrompt(defaultLimits));
  });

  it.each(["system.md", "last-turn.md"])("has another version when %s changes", async (file) => {
    const before = await loadPrompt(defaultLimits, await promptDirectory({}));
    const after = await loadPrompt(defaultLimits, await promptDirectory({ [file]: "Be kind." }));

    expect(after.version).not.toBe(before.version);
  });

  it.each(["{{user}}", "{{ constructor }}", "{{}}"])(
    "fails on the unknown placeholder %s and names its file",
    async (placeholder) => {
      const directory = await promptDirectory({ "last-turn.md": `Hello ${placeholder}.` });

      await expect(loadPrompt(defaultLimits, directory)).rejects.toThrow(
        `prompts/last-turn.md: ${placeholder} has no value`,
      );
    },
  );

  it("fails when a file is missing", async () => {
    const directory = await promptDirectory({});
    await rm(new URL("system.md", directory));

    await expect(loadPrompt(defaultLimits, directory)).rejects.toThrow("system.md");
  });
});
