import type { GuestMarks } from "./guest-changes.ts";
import { createGuestTags, type GuestTagsDeps } from "./guest-tags.ts";

/** What Proxmox takes for a tag, in lower case because it compares them so. */
const tagPattern = /^[a-z0-9][a-z0-9-]*$/;

export function createGuestMarks(deps: GuestTagsDeps): GuestMarks {
  const change = createGuestTags(deps);
  const demandTag = (tag: string) => {
    if (!tagPattern.test(tag)) throw new TypeError(`Not a tag: ${tag}`);
  };

  return {
    async set(guest, tag, signal) {
      demandTag(tag);
      await change(guest, (tags) => (tags.includes(tag) ? tags : [...tags, tag]), signal);
    },
    async clear(guest, tag, signal) {
      demandTag(tag);
      await change(guest, (tags) => tags.filter((other) => other !== tag), signal);
    },
  };
}
