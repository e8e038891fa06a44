import { apiPath } from "./api-path.ts";
import { readQuorum } from "./cluster.ts";
import type { FollowOptions, Guest, GuestDestroyer, GuestIdentity } from "./guest.ts";
import { labelOf } from "./guest-facts.ts";
import type { InventoryReader } from "./inventory.ts";
import { guestPath, type LiveGuest, type LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError, type ProxmoxErrorKind } from "./proxmox-error.ts";
import { nodeStorages, nothing, replicationJobs, storageContent, taskStart } from "./responses.ts";
import type { TaskEnd, Tasks } from "./tasks.ts";

/** Freeing large disks on slow storage takes minutes. */
const destroyDeadline = 15 * 60_000;

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "delete">;
  readonly inventory: Pick<InventoryReader, "invalidate">;
  readonly live: LiveGuests;
  readonly tasks: Tasks;
}

/** The one place from which Proxmox is asked to destroy a guest. */
export function createGuestDestroyer({ client, inventory, live, tasks }: Deps): GuestDestroyer {
  /** Everything that forbids it, read in the moment before: the call itself takes no condition. */
  async function readIfDestroyable(
    identity: GuestIdentity,
    signal: AbortSignal,
  ): Promise<LiveGuest> {
    const [guest, { quorate }, jobs] = await Promise.all([
      live.readIdentified(identity, signal),
      readQuorum(client, signal),
      client.get("/cluster/replication", replicationJobs, { signal }),
    ]);
    const isReplicated = jobs.some((job) => job.guest === identity.vmid);
    const refusal = refusalOf(guest, { quorate, isReplicated });
    if (refusal) throw refusal;
    return guest;
  }

  async function runTask(listed: Guest, options: FollowOptions): Promise<TaskEnd> {
    const { signal } = options;
    const parameters = { purge: true };
    const upid = await tasks.start(
      {
        node: listed.node,
        vmid: listed.vmid,
        types: [listed.kind === "ct" ? "vzdestroy" : "qmdestroy"],
        send: () => client.delete(guestPath(listed), taskStart, { parameters, signal }),
      },
      signal,
    );
    return tasks.follow(upid, destroyDeadline, options).catch((error) => {
      throw destroyFailed(listed, error);
    });
  }

  /** Proxmox refuses to hand out a VMID that is in use; any token may ask. */
  async function requireGone(listed: Guest, upid: string, signal: AbortSignal): Promise<void> {
    const parameters = { vmid: listed.vmid };
    const label = labelOf(listed);
    const failure = await client.get("/cluster/nextid", nothing, { parameters, signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (failure instanceof ProxmoxError && failure.kind === "bad-parameter") {
      const message = `The task ended well, but ${label} is still there; its disks may be gone: ${upid}`;
      throw new ProxmoxError("destroy-failed", message, { upid, cause: failure });
    }
    const message = `The task that destroys ${label} ended well, but whether it is gone could not be checked: ${upid}`;
    throw new ProxmoxError("outcome-unknown", message, { upid, cause: failure });
  }

  /** The guest's volumes on one storage; backups are not its disks. */
  async function volumesOn(storage: string, { node, vmid }: Guest, signal: AbortSignal) {
    const path = apiPath`/nodes/${node}/storage/${storage}/content`;
    const content = await client.get(path, storageContent, { parameters: { vmid }, signal });
    return content.filter((volume) => volume.content !== "backup").map(({ volid }) => volid);
  }

  /** The guest is gone whatever comes of this, so what cannot be listed is told, not thrown. */
  async function leftoverVolumes(
    listed: Guest,
    { signal, onProgress }: FollowOptions,
  ): Promise<readonly string[]> {
    const tell = (place: string) => {
      onProgress?.(`could not look for leftover volumes on ${place}`);
      return [];
    };
    const path = apiPath`/nodes/${listed.node}/storage`;
    const storages = await client
      .get(path, nodeStorages, { signal })
      .catch(() => tell(listed.node));
    const volumes = storages
      .filter(({ active, content }) => active && /images|rootdir/.test(content))
      .map(({ storage }) => volumesOn(storage, listed, signal).catch(() => tell(storage)));
    return (await Promise.all(volumes)).flat();
  }

  return {
    async destroy(identity, options) {
      const { listed } = await readIfDestroyable(identity, options.signal);
      try {
        const { upid } = await runTask(listed, options);
        await requireGone(listed, upid, options.signal);
        return { upid, leftoverVolumes: await leftoverVolumes(listed, options) };
      } finally {
        inventory.invalidate();
      }
    },
  };
}

interface Circumstances {
  readonly quorate: boolean;
  readonly isReplicated: boolean;
}

function refusalOf(guest: LiveGuest, circumstances: Circumstances): ProxmoxError | undefined {
  const { listed, config, current, status } = guest;
  const label = labelOf(listed);
  const refuse = (kind: ProxmoxErrorKind, sentence: string) => new ProxmoxError(kind, sentence);

  if (!circumstances.quorate) {
    return refuse("no-quorum", `The cluster has no quorum, so ${label} was not touched.`);
  }
  if (config.template === "1") return refuse("template", `${label} is a template.`);
  if (config.protection === "1") {
    return refuse("protected", `${label} is protected; switch that off in Proxmox first.`);
  }
  if (config.lock)
    return refuse("locked", `${label} is locked (${config.lock}); wait for its end.`);
  if (current.ha?.managed) {
    return refuse("ha-managed", `HA manages ${label}; remove it from HA in Proxmox first.`);
  }
  if (circumstances.isReplicated) {
    return refuse("replicated", `${label} has a replication job; remove that in Proxmox first.`);
  }
  if (status !== "stopped")
    return refuse("wrong-state", `${label} is ${status}; shut it down first.`);
  return undefined;
}

/** A task that failed may have removed disks first; one that still runs is told as such. */
function destroyFailed(listed: Guest, error: unknown): unknown {
  if (!(error instanceof ProxmoxError) || error.kind === "still-running") return error;
  const message = `Destroying ${labelOf(listed)} failed, and some of its disks may be gone already: ${error.message}`;
  return new ProxmoxError("destroy-failed", message, { upid: error.upid, cause: error });
}
