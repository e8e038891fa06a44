import { createAftercareTools } from "#src/deletions/aftercare-tools.ts";
import { deleteGuest } from "#src/deletions/delete-guest.ts";
import { finishDeletion } from "#src/deletions/finish-deletion.ts";
import { createPreparationTools } from "#src/deletions/preparation-tools.ts";

type Deps = Parameters<typeof createPreparationTools>[0] &
  Parameters<typeof deleteGuest>[0] &
  Parameters<typeof finishDeletion>[0] &
  Parameters<typeof createAftercareTools>[0];

/** Only their names are asked for, so that nothing that they would work on has to be there. */
const nothing = {} as Deps;

/** The tools that carry deletions out, as their own executor has them; no model may reach one. */
export const forbiddenTools: readonly string[] = [
  ...createPreparationTools(nothing),
  deleteGuest(nothing),
  finishDeletion(nothing),
  ...createAftercareTools(nothing),
].map(({ name }) => name);
