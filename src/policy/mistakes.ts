import { z } from "zod";
import { PublicError } from "#src/errors.ts";

/** A mistake in a file, and where it is. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** All mistakes in a file, one a line, each with its path. */
export function mistakesError(heading: string, mistakes: readonly Mistake[]): PublicError {
  const lines = mistakes.map(
    ({ path, message }) => `- ${z.core.toDotPath([...path]) || "the whole file"}: ${message}`,
  );
  return new PublicError([heading, ...lines].join("\n"));
}
