import { defineTool, type Tool } from "#src/actions/tool.ts";
import { plainText } from "#src/plain-text.ts";
import { owns, type Principal } from "#src/policy/principal.ts";
import type { Guest, Guests, Inventory, InventoryWithOwners } from "#src/proxmox/guest.ts";
import { defineInput, z } from "#tools/schema.ts";
import { isKnownOwner, peopleMeant } from "./people.ts";

interface Deps {
  readonly guests: Pick<Guests, "list" | "listWithOwners">;
  people(): readonly Principal[];
}

/** 2,000 tokens at most: a guest may cost the model 20 tokens of about four characters. */
const maxRows = 100;
const maxRowLength = 80;

const input = defineInput(
  z.object({
    node: z.string().nullable().describe("Only guests on this node"),
    status: z.enum(["running", "stopped"]).nullable().describe("Only guests in this state"),
    kind: z.enum(["ct", "vm"]).nullable().describe("Only containers (ct) or virtual machines (vm)"),
    tag: z.string().nullable().describe("Only guests with this tag"),
    owner: z
      .string()
      .nullable()
      .describe('Only a person\'s guests: "me", id or name; "none": of nobody who is known'),
    name: z.string().nullable().describe("Only guests with this in their name"),
  }),
);

type Filter = ReturnType<typeof input.parse>;

/** Lists the cluster's guests, one short line each. */
export function listGuests({ guests, people }: Deps): Tool {
  return defineTool({
    name: "list_guests",
    description: "List containers and virtual machines, filtered or all.",
    effect: "read",
    input,
    async run(filter, { principal, signal }) {
      const { owner } = filter;
      const inventory = owner
        ? await guests.listWithOwners(signal)
        : { ...(await guests.list(signal)), ownersUnread: [] };
      const isMeant = owner ? ownerFilter(owner, people(), principal) : () => true;
      const matches = inventory.guests
        .filter((guest) => fits(guest, filter) && isMeant(guest))
        .sort((a, b) => a.vmid - b.vmid);
      return [
        ...table(matches, inventory),
        ...remarks(matches, inventory, filter),
        ...ownerRemarks(matches, inventory, filter),
      ].join("\n");
    },
  });
}

function fits(guest: Guest, { node, status, kind, tag, name }: Filter): boolean {
  return (
    (!node || sameText(guest.node, node)) &&
    (!status || guest.status === status) &&
    (!kind || guest.kind === kind) &&
    (!tag || tagsOf(guest).some((own) => sameText(own, tag))) &&
    (!name || (guest.name ?? "").toLowerCase().includes(name.trim().toLowerCase()))
  );
}

/** Whose guests are meant; an owner whom nobody knows may be named all the same. */
function ownerFilter(
  owner: string,
  people: readonly Principal[],
  principal: Principal,
): (guest: Guest) => boolean {
  if (isNobody(owner)) return (guest) => !guest.owner || !isKnownOwner(guest.owner, people);
  const meant = peopleMeant(owner, people, principal);
  const persons = meant.length > 0 ? meant : [{ id: owner.trim() }];
  return (guest) => persons.some((person) => owns(person, guest.owner));
}

function isNobody(owner: string): boolean {
  return /^(?:none|nobody|no one)$/i.test(owner.trim());
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.trim().toLowerCase();
}

/** With the owner's tag, by which the inventory knows the owner. */
function tagsOf({ tags, owner }: Guest): readonly string[] {
  return owner === undefined ? tags : [...tags, `owner-${owner}`];
}

function table(matches: readonly Guest[], { guests }: Inventory): readonly string[] {
  const count = `${matches.length} of ${guests.length} guests`;
  if (matches.length === 0) return [`${count}.`];
  return [`${count}: vmid kind name node status tags owner`, ...matches.slice(0, maxRows).map(row)];
}

/** Names are data that anybody may have written: short, and nothing but what can be seen. */
function row({ vmid, kind, name = "", node, status, tags, owner = "" }: Guest): string {
  const before = `${vmid} ${kind} ${cell(name, 32)} ${cell(node, 12)} ${status}`;
  const after = cell(owner, 12);
  const room = maxRowLength - before.length - after.length - 2;
  return `${before} ${cell(tags.join(","), Math.max(room, 4))} ${after}`;
}

function cell(text: string, maxLength: number): string {
  return plainText(text, maxLength).replaceAll(" ", "_") || "-";
}

function remarks(matches: readonly Guest[], inventory: Inventory, filter: Filter): string[] {
  const { guests, nameless } = inventory;
  const remarks: string[] = [];
  if (matches.length > maxRows) {
    const more = matches.length - maxRows;
    remarks.push(
      `${more} more are not shown: narrow it down by node, status, kind, tag, owner or name.`,
    );
  }
  if (nameless.length > 0) {
    const vmids = listed(nameless.map(String));
    remarks.push(`Incomplete: the names of ${vmids} are not known at the moment.`);
  }
  if (matches.length === 0 && filter.node) {
    remarks.push(`Guests are on ${listed(guests.map(({ node }) => node))}.`);
  }
  if (matches.length === 0 && filter.tag) {
    remarks.push(`The tags in use are ${listed(guests.flatMap(tagsOf))}.`);
  }
  return remarks;
}

function ownerRemarks(
  matches: readonly Guest[],
  { ownersUnread }: InventoryWithOwners,
  { owner }: Filter,
): string[] {
  const remarks: string[] = [];
  if (owner && isNobody(owner) && matches.length === 0) {
    remarks.push("No guest that fits is without an owner whom the policy knows.");
  }
  const strangers = matches.flatMap((guest) => guest.owner ?? []);
  if (owner && isNobody(owner) && strangers.length > 0) {
    const without = matches.length - strangers.length;
    remarks.push(
      `${without} without an owner; the others belong to people whom the policy does not know: ${listed(strangers)}.`,
    );
  }
  if (ownersUnread.length > 0) {
    remarks.push(
      `Whether notes name an owner of ${listed(ownersUnread.map(String))} is not known.`,
    );
  }
  return remarks;
}

function listed(texts: readonly string[]): string {
  const names = [...new Set(texts)].sort().map((text) => plainText(text, 32));
  const shown = names.slice(0, 30).join(", ");
  return names.length > 30 ? `${shown} and ${names.length - 30} more` : shown || "none";
}
