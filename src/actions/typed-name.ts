import type { Confirmation } from "./confirmation-store.ts";

/** What a person has to type to approve: the name of the guest that would be lost. */
export function nameToType({ call, target }: Confirmation): string | undefined {
  return call.tool === "schedule_deletion" ? target.guest?.name : undefined;
}
