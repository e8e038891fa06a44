import type { Guest, Inventory } from "./guest.ts";
import { labelOf } from "./guest-facts.ts";
import { type GuestTrait, parseGuestReference } from "./guest-reference.ts";
import { ProxmoxError } from "./proxmox-error.ts";

/** More than any name, kind, node and owner together. */
const longestReference = 300;

/**
 * The one guest of the inventory that the reference means.
 *
 * @throws ProxmoxError `no-such-guest`, `ambiguous-guest` listing the candidates, or
 *   `incomplete-inventory` when a name is asked for while guests are listed without one.
 */
export function resolveGuest(text: string, { guests, nameless }: Inventory): Guest {
  if (text.length > longestReference) {
    throw new ProxmoxError("no-such-guest", "That is no guest's name or VMID; list the guests.");
  }
  const names = new Set(guests.flatMap(({ name }) => name?.toLowerCase() ?? []));
  const traits = parseGuestReference(text, names);
  const candidates = guests.filter((guest) => traits.every((trait) => hasTrait(guest, trait)));

  const isByVmid = traits.some((trait) => "vmid" in trait);
  if (!isByVmid && nameless.length > 0) throw incompleteInventory(nameless);
  const [guest, ...others] = candidates;
  if (!guest) throw noSuchGuest(text, traits, guests);
  if (others.length > 0) throw ambiguousGuest(text, candidates);
  return guest;
}

function hasTrait(guest: Guest, trait: GuestTrait): boolean {
  if ("kind" in trait) return guest.kind === trait.kind;
  if ("node" in trait) return isSameWord(guest.node, trait.node);
  if ("owner" in trait) return isSameWord(guest.owner, trait.owner);
  if ("name" in trait) return isSameWord(guest.name, trait.name);
  // A number is a VMID, or the name of a guest that is called by a number.
  return guest.vmid === trait.vmid || guest.name === String(trait.vmid);
}

function isSameWord(a: string | undefined, b: string): boolean {
  return a !== undefined && a.toLowerCase() === b.toLowerCase();
}

/** A guest with everything that tells it from its namesakes. */
function describe(guest: Guest): string {
  const name = guest.name ? ` ${guest.name}` : "";
  const owner = guest.owner ? `, owner ${guest.owner}` : "";
  return `${labelOf(guest)}${name} (on ${guest.node}${owner})`;
}

function incompleteInventory(nameless: readonly number[]): ProxmoxError {
  const which =
    nameless.length === 1 ? `Guest ${nameless[0]} is` : `Guests ${listed(nameless)} are`;
  return new ProxmoxError(
    "incomplete-inventory",
    `${which} listed without a name at the moment (just created, or on a node that is away), so a name may mean another guest; use the VMID.`,
  );
}

function ambiguousGuest(text: string, candidates: readonly Guest[]): ProxmoxError {
  const list = candidates.map(describe).join(" and ");
  return new ProxmoxError(
    "ambiguous-guest",
    `"${text.trim()}" means ${candidates.length} guests: ${list}; say which by its VMID.`,
  );
}

function noSuchGuest(
  text: string,
  traits: readonly GuestTrait[],
  guests: readonly Guest[],
): ProxmoxError {
  const calls = traits.filter((trait) => "vmid" in trait || "name" in trait);
  const elsewhere = guests.filter((guest) => calls.every((trait) => hasTrait(guest, trait)));
  const similar = guests.filter(({ name }) =>
    calls.some((trait) => "name" in trait && isSimilar(name, trait.name)),
  );
  const hint = elsewhere.length > 0 ? `There is ${listOf(elsewhere, " and ")}.` : "";
  const guess = similar.length > 0 ? `Did you mean ${listOf(similar, " or ")}?` : "";
  return new ProxmoxError(
    "no-such-guest",
    `There is no guest "${text.trim()}" that I may see. ${hint || guess || "List the guests to see their names and VMIDs."}`,
  );
}

function listOf(guests: readonly Guest[], conjunction: string): string {
  return guests.slice(0, 3).map(describe).join(conjunction);
}

/** Names that differ in separators and leading zeros only, or of which one begins the other. */
function isSimilar(name = "", wanted: string): boolean {
  const [a, b] = [name, wanted].map((text) =>
    text.toLowerCase().replaceAll(/[^a-z0-9]|(?<!\d)0+(?=\d)/g, ""),
  );
  if (!a || !b) return false;
  return a === b || (Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a)));
}

function listed(vmids: readonly number[]): string {
  const shown = vmids.slice(0, 5).join(", ");
  return vmids.length > 5 ? `${shown} and ${vmids.length - 5} more` : shown;
}
