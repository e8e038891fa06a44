import { z } from "zod";
import { apiPath } from "#src/proxmox/api-path.ts";
import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { nodes as nodesSchema } from "#src/proxmox/responses.ts";
import type { Finding } from "./finding.ts";
import type { Permissions } from "./permissions.ts";

const about = "backups";

const flag = z.coerce.number().default(0).transform(Boolean);
const storagesSchema = z.array(
  z.object({
    storage: z.string(),
    content: z.string().default(""),
    enabled: flag,
    active: flag,
    avail: z.coerce.number().optional(),
  }),
);
type ListedStorage = z.infer<typeof storagesSchema>[number];

/** How one node sees the storage. */
interface View {
  readonly node: string;
  /** Absent where the node does not have it. */
  readonly storage: ListedStorage | undefined;
}

interface Wish {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly permissions: Permissions;
  /** Where guests are to be backed up before they are deleted, if anywhere. */
  readonly storage: string | undefined;
}

/** Whether each node can back its guests up to the storage before they are deleted. */
export async function checkBackupStorage(
  { client, permissions, storage }: Wish,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (storage === undefined) return deletesAtAll(permissions) ? [noStorage] : [];
  // That the token may do neither has been told.
  const path = `/storage/${storage}`;
  const seesIt = ["Datastore.Audit", "Datastore.AllocateSpace"].some((one) =>
    permissions.has(path, one),
  );
  if (!seesIt) return [];

  const listed = await client.get("/nodes", nodesSchema, { signal });
  const online = listed.filter(({ status }) => status === "online").map(({ node }) => node);
  const views = await Promise.all(
    online.sort().map(async (node) => {
      const options = { parameters: { storage }, signal };
      const found = await client.get(apiPath`/nodes/${node}/storage`, storagesSchema, options);
      return { node, storage: found.find((one) => one.storage === storage) };
    }),
  );
  return judge(storage, views);
}

function deletesAtAll({ paths, has }: Permissions): boolean {
  return paths.some((path) => has(path, "VM.Allocate"));
}

const noStorage: Finding = {
  about,
  level: "warning",
  message:
    "BACKUP_STORAGE is not set: guests are deleted without a backup, and none can be restored.",
  fix: [
    "# as root on any node of the cluster, which storages take backups:",
    "pvesm status --content backup",
    "# then in .env: BACKUP_STORAGE with one of them, best one that all nodes share",
  ],
};

function judge(name: string, views: readonly View[]): readonly Finding[] {
  const having = views.filter((view) => view.storage?.enabled);
  const [first] = having;
  if (!first?.storage) return [absent(name, views)];
  if (!first.storage.content.split(",").includes("backup")) {
    return [takesNoBackups(name, first.storage.content)];
  }
  const working = having.filter((view) => view.storage?.active);
  const away = namesOf(views.filter((view) => !working.includes(view)));
  if (working.length === 0) return [{ ...asleep(name, away), level: "failure" }];
  const free = Math.min(...working.map((view) => view.storage?.avail ?? Number.NaN));
  const room = Number.isNaN(free) ? "" : `, ${Math.floor(free / 2 ** 30)} GiB free`;
  const message = `Guests are backed up to ${name} before they are deleted, from ${namesOf(working)}${room}.`;
  return [{ about, level: "ok", message }, ...(away === "" ? [] : [asleep(name, away)])];
}

function absent(name: string, views: readonly View[]): Finding {
  const isDisabled = views.some((view) => view.storage);
  return {
    about,
    level: "failure",
    message: isDisabled
      ? `The storage ${name} is disabled: no guest can be backed up, and so none is deleted.`
      : `No node has a storage ${name}, which BACKUP_STORAGE names: no guest can be backed up, and so none is deleted.`,
    fix: isDisabled
      ? ["# as root on any node of the cluster:", `pvesm set ${name} --disable 0`]
      : noStorage.fix,
  };
}

function takesNoBackups(name: string, content: string): Finding {
  return {
    about,
    level: "failure",
    message: `The storage ${name} takes no backups, only ${content || "nothing"}: no guest can be backed up, and so none is deleted.`,
    fix: [
      "# as root on any node of the cluster, or in .env BACKUP_STORAGE with another one:",
      `pvesm set ${name} --content ${[content, "backup"].filter(Boolean).join(",")}`,
    ],
  };
}

function asleep(name: string, nodes: string): Finding {
  return {
    about,
    level: "warning",
    message: `The storage ${name} cannot be used on ${nodes}: the guests there cannot be backed up, and so are not deleted.`,
    fix: ["# as root on that node, to see whether it is there and active:", "pvesm status"],
  };
}

function namesOf(views: readonly View[]): string {
  return views.map(({ node }) => node).join(", ");
}
