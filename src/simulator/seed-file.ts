import { z } from "zod";
import { readFileWithin } from "#src/bounds/read-file.ts";
import { PublicError } from "#src/errors.ts";
import { type Seed, seedSchema } from "./seed.ts";

/** The cluster of the demo. */
export const demoSeedFile = new URL("../../data/demo/cluster.json", import.meta.url);

/**
 * Reads a seed.
 *
 * @throws PublicError that lists everything that is wrong with the file
 */
export async function readSeedFile(file: string | URL): Promise<Seed> {
  const name = file instanceof URL ? file.pathname : file;
  const seed = seedSchema.safeParse(await readJson(file, name));
  if (seed.success) return seed.data;
  const problems = z.prettifyError(seed.error);
  throw new PublicError(`The seed ${name} cannot be used:\n${problems}`, { cause: seed.error });
}

async function readJson(file: string | URL, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFileWithin(file));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new PublicError(`The seed ${name} cannot be read as JSON (${reason}).`, { cause });
  }
}
