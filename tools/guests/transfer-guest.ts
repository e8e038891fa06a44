import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, RefusedError, type Tool } from "#src/actions/tool.ts";
import { plainText } from "#src/plain-text.ts";
import { ownerNameOf, owns, type Principal } from "#src/policy/principal.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestOwnership } from "#src/proxmox/guest-changes.ts";
import { defineInput, z } from "#tools/schema.ts";
import { guestReference } from "./guest-reference.ts";
import { namedPeople, peopleMeant } from "./people.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly ownership: GuestOwnership;
  people(): readonly Principal[];
}

const input = defineInput(
  z.object({
    guest: guestReference,
    to: z.string().describe('Id or name of the new owner; "me"'),
  }),
);

/** Gives a guest to another owner, which changes who may delete it. */
export function transferGuest({ guests, ownership, people }: Deps): Tool {
  return defineTool({
    name: "transfer_guest",
    description: "Give a guest to another owner, which a person has to confirm.",
    effect: "disruptive",
    input,

    async plan({ guest: reference, to }, { principal, signal }) {
      const guest = await guests.find(String(reference), signal);
      const label = guestLabel(guest);
      const target = { guest: guestTarget(guest) };
      const [person, other] = peopleMeant(to, people(), principal);
      if (!person || other) {
        const found = person ? "several people" : "nobody";
        throw new RefusedError(
          `I know ${found} named "${plainText(to, 60)}", so ${label} stays as it is. Known are ${namedPeople(people())}; say the id.`,
          target,
        );
      }
      const newOwner = ownerNameOf(person);
      const name = plainText(person.name, 64);
      if (!ownership.canOwn(newOwner)) {
        throw new RefusedError(
          `"${plainText(newOwner, 64)}" cannot stand in a tag of Proxmox; an administrator can give ${name} an owner's name in the policy file.`,
          target,
        );
      }
      const from = guest.owner ? ` from ${plainText(guest.owner, 64)}` : "";
      return {
        summary: `Give ${label}${from} to ${name} (tag owner-${newOwner}), who may then do with it what its owner may.`,
        target: { ...target, newOwner },
        ...(owns(person, guest.owner) && { unchanged: `${label} is ${name}'s already.` }),
      };
    },

    async apply({ target: { guest, newOwner } }, { signal }) {
      await ownership.setOwner(guest, newOwner, signal);
      return { kind: "done", output: { guest: guestLabel(guest), owner: newOwner } };
    },
  });
}
