import type { Confirmation } from "./confirmation-store.ts";

/**
 * What a person has to type to approve: the name of the guest that would be lost. Of what people are
 * asked to confirm, only deletions have a time of their own.
 */
export function nameToType({ target }: Confirmation): string | undefined {
  return target.at ? target.guest?.name : undefined;
}
