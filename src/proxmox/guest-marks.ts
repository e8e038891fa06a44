import type { GuestIdentity } from "./guest.ts";
import type { GuestMarks } from "./guest-changes.ts";
import { guestPath, type LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind } from "./proxmox-error.ts";
import { nothing } from "./responses.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "put">;
  readonly live: Pick<LiveGuests, "readIdentified">;
}

/** What Proxmox takes for a tag, in lower case because it compares them so. */
const tagPattern = /^[a-z0-9][a-z0-9-]*$/;

/** Changes the tags as they were just read: a configuration that was changed since is read anew. */
export function createGuestMarks({ client, live }: Deps): GuestMarks {
  async function change(
    guest: GuestIdentity,
    tag: string,
    edit: (tags: readonly string[]) => readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    if (!tagPattern.test(tag)) throw new TypeError(`Not a tag: ${tag}`);
    const { listed, config } = await live.readIdentified(guest, signal);
    const before = (config.tags ?? "").split(/[;,\s]+/).filter(Boolean);
    const after = edit(before);
    if (after.length === before.length) return;
    const tags = after.length > 0 ? { tags: after.join(";") } : { delete: "tags" };
    const parameters = { ...tags, digest: config.digest };
    await client.put(`${guestPath(listed)}/config`, nothing, { parameters, signal });
  }

  /** The digest makes a repetition harmless: what was changed meanwhile is not overwritten. */
  async function changeWithOneRetry(...call: Parameters<typeof change>): Promise<void> {
    try {
      await change(...call);
    } catch (error) {
      if (!isKind(error, "modified") && !isKind(error, "outcome-unknown")) throw error;
      await change(...call);
    }
  }

  return {
    set: (guest, tag, signal) =>
      changeWithOneRetry(
        guest,
        tag,
        (tags) => (tags.includes(tag) ? tags : [...tags, tag]),
        signal,
      ),
    clear: (guest, tag, signal) =>
      changeWithOneRetry(guest, tag, (tags) => tags.filter((other) => other !== tag), signal),
  };
}
