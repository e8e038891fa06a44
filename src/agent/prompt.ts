import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { RunLimits } from "./limits.ts";

/** What the model is told, whoever asks and whatever for. */
export interface Prompt {
  /** The same bytes in every request, so that servers can cache it. */
  readonly instructions: string;
  /** Said on the last turn of a run. */
  readonly lastTurn: string;
  /** Changes whenever a word of the above does; the audit log keeps it. */
  readonly version: string;
}

const promptDirectory = new URL("../../prompts/", import.meta.url);

/**
 * Reads the prompts and fills in their {{placeholders}}.
 *
 * @throws Error when a file is missing or names a placeholder that has no value.
 */
export async function loadPrompt(
  values: Pick<RunLimits, "turns" | "callsPerTurn">,
  directory: URL = promptDirectory,
): Promise<Prompt> {
  const load = async (name: string) => {
    const template = await readFile(new URL(name, directory), "utf8");
    return fillIn(template.trim(), { ...values }, name);
  };
  const [instructions, lastTurn] = await Promise.all([load("system.md"), load("last-turn.md")]);
  const version = createHash("sha256")
    .update(JSON.stringify([instructions, lastTurn]))
    .digest("hex");
  return { instructions, lastTurn, version };
}

function fillIn(template: string, values: Readonly<Record<string, number>>, file: string): string {
  return template.replace(/\{\{(.*?)\}\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name.trim()) ? values[name.trim()] : undefined;
    if (value === undefined) throw new Error(`prompts/${file}: ${placeholder} has no value.`);
    return String(value);
  });
}
