import type { BrakeLever } from "#src/brake/brake-lever.ts";
import type { Principal } from "#src/policy/principal.ts";

/** What the commands need of the application. */
export interface BrakeServices {
  readonly brake: BrakeLever;
}

/**
 * `/freeze WHY` and `/unfreeze`: stops every change at once, and lets changes go on again.
 *
 * @returns what to show; undefined where the line says something else
 */
export async function runBrakeCommand(
  brake: BrakeLever,
  line: string,
  by: Principal,
): Promise<string | undefined> {
  const [command, ...reason] = line.split(/\s+/);
  if (command === "/freeze") return brake.freeze({ by }, reason.join(" "));
  if (command === "/unfreeze") return brake.release({ by });
  return undefined;
}
