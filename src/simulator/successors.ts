import { disksOf } from "./guest-config.ts";
import { freshIdentifiers } from "./identity.ts";
import { kinds } from "./kinds.ts";
import type { SeedGuest } from "./seed.ts";
import type { Tasks } from "./tasks.ts";
import { putGuest, type World } from "./world.ts";

interface Place {
  readonly world: World;
  readonly tasks: Pick<Tasks, "start">;
  readonly now: () => number;
}

const administrator = { user: "root@pam" };

/** Somebody at the node removes the guest, and its disks with it. */
export function removeByHand({ world, tasks }: Place, vmid: number): void {
  const guest = world.guests.get(vmid);
  if (!guest) return;
  for (const { volume } of disksOf(guest.config)) world.volumes.delete(volume);
  world.guests.delete(vmid);
  const { node, kind } = guest;
  const type = `${kinds[kind].taskPrefix}destroy`;
  tasks.start({ node, type, id: String(vmid), caller: administrator, work: () => undefined });
}

/** Somebody at the node makes another guest under a VMID that is free: nothing of the old one. */
export function createByHand({ world, tasks, now }: Place, guest: SeedGuest): void {
  putGuest(world, guest, freshIdentifiers(now()), now());
  const { node, kind, vmid } = guest;
  const type = `${kinds[kind].taskPrefix}create`;
  tasks.start({ node, type, id: String(vmid), caller: administrator, work: () => undefined });
}
