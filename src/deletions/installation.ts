import { randomBytes, randomUUID } from "node:crypto";
import type { Database } from "#src/storage/database.ts";

/** Tells what this installation made from what another one made in the same calendar. */
export interface Installation {
  /** A new event id: Google takes the digits and the letters from a to v, and no id twice. */
  mintId(): string;
  /** Whether another installation of this program made the event. */
  isOfAnother(eventId: string): boolean;
}

/** Reads who this installation is out of its database, which says it once and for all. */
export async function openInstallation(db: Database): Promise<Installation> {
  await db
    .insertInto("installation")
    .values({ slot: 1, id: randomBytes(4).toString("hex") })
    .onConflict((conflict) => conflict.column("slot").doNothing())
    .execute();
  const { id } = await db.selectFrom("installation").select("id").executeTakeFirstOrThrow();
  return installationOf(id);
}

/** The installation with this id, eight hexadecimal digits. */
export function installationOf(id: string): Installation {
  const prefix = `pve${id}`;
  return {
    mintId: () => `${prefix}${randomUUID().replaceAll("-", "")}`,
    isOfAnother: (eventId) => /^pve[0-9a-f]{40}$/.test(eventId) && !eventId.startsWith(prefix),
  };
}
