import type { GuestIdentity } from "./guest.ts";
import { guestPath, type LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind } from "./proxmox-error.ts";
import { nothing } from "./responses.ts";

/** Replaces a guest's tags, by what they are at that moment. */
export type ChangeTags = (
  guest: GuestIdentity,
  edit: (tags: readonly string[]) => readonly string[],
  signal: AbortSignal,
) => Promise<void>;

export interface GuestTagsDeps {
  readonly client: Pick<ProxmoxClient, "put">;
  readonly live: Pick<LiveGuests, "readIdentified">;
}

/** Changes the tags as they were just read: a configuration that was changed since is read anew. */
export function createGuestTags({ client, live }: GuestTagsDeps): ChangeTags {
  const change: ChangeTags = async (guest, edit, signal) => {
    const { listed, config } = await live.readIdentified(guest, signal);
    const before = (config.tags ?? "").split(/[;,\s]+/).filter(Boolean);
    const after = edit(before);
    if (after.join(";") === before.join(";")) return;
    const tags = after.length > 0 ? { tags: after.join(";") } : { delete: "tags" };
    const parameters = { ...tags, digest: config.digest };
    await client.put(`${guestPath(listed)}/config`, nothing, { parameters, signal });
  };

  /** The digest makes a repetition harmless: what was changed meanwhile is not overwritten. */
  return async (...call) => {
    try {
      await change(...call);
    } catch (error) {
      if (!isKind(error, "modified") && !isKind(error, "outcome-unknown")) throw error;
      await change(...call);
    }
  };
}
