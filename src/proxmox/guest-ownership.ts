import type { GuestOwnership } from "./guest-changes.ts";
import { isOwnerTag, ownerTagOf } from "./guest-facts.ts";
import { createGuestTags, type GuestTagsDeps } from "./guest-tags.ts";
import type { InventoryReader } from "./inventory.ts";

interface Deps extends GuestTagsDeps {
  readonly inventory: Pick<InventoryReader, "invalidate">;
}

export function createGuestOwnership({ inventory, ...deps }: Deps): GuestOwnership {
  const change = createGuestTags(deps);
  return {
    canOwn: (name) => ownerTagOf(name) !== undefined,
    async setOwner(guest, name, signal) {
      const tag = ownerTagOf(name);
      if (tag === undefined) throw new TypeError(`Not the name of an owner: ${name}`);
      const edit = (tags: readonly string[]) => [...tags.filter((one) => !isOwnerTag(one)), tag];
      await change(guest, edit, signal).finally(() => inventory.invalidate());
    },
  };
}
