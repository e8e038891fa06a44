import type { Guest, Inventory } from "./guest.ts";
import { labelOf } from "./guest-facts.ts";
import { type GuestReference, parseGuestReference } from "./guest-reference.ts";
import { ProxmoxError } from "./proxmox-error.ts";

/**
 * The one guest of the inventory that the reference means.
 *
 * @throws ProxmoxError `no-such-guest`, `ambiguous-guest` listing the candidates, or
 *   `incomplete-inventory` when a name is asked for while guests are listed without one.
 */
export function resolveGuest(text: string, { guests, nameless }: Inventory): Guest {
  const names = new Set(guests.flatMap(({ name }) => name?.toLowerCase() ?? []));
  const reference = parseGuestReference(text, names);
  const candidates = guests.filter((guest) => isMeant(guest, reference));

  if (reference.vmid === undefined && nameless.length > 0) throw incompleteInventory(nameless);
  const [guest, ...others] = candidates;
  if (!guest) throw noSuchGuest(text, reference, guests);
  if (others.length > 0) throw ambiguousGuest(text, candidates);
  return guest;
}

function isMeant(guest: Guest, reference: GuestReference): boolean {
  const { kind, node, owner } = reference;
  return (
    isCalled(guest, reference) &&
    (kind === undefined || guest.kind === kind) &&
    (node === undefined || isSameWord(guest.node, node)) &&
    (owner === undefined || isSameWord(guest.owner, owner))
  );
}

/** A number is a VMID, or the name of a guest that is called by a number. */
function isCalled(guest: Guest, { vmid, name }: GuestReference): boolean {
  if (vmid === undefined) return isSameWord(guest.name, name);
  if (name !== undefined) return guest.vmid === vmid && isSameWord(guest.name, name);
  return guest.vmid === vmid || guest.name === String(vmid);
}

function isSameWord(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
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
  reference: GuestReference,
  guests: readonly Guest[],
): ProxmoxError {
  const elsewhere = guests.filter((guest) => isCalled(guest, reference));
  const similar = guests.filter(({ name }) => isSimilar(name, reference.name));
  const hint = elsewhere.length > 0 ? `There is ${elsewhere.map(describe).join(" and ")}.` : "";
  const guess =
    similar.length > 0 ? `Did you mean ${similar.slice(0, 3).map(describe).join(" or ")}?` : "";
  return new ProxmoxError(
    "no-such-guest",
    `There is no guest "${text.trim()}" that I may see. ${hint || guess || "List the guests to see their names and VMIDs."}`,
  );
}

/** Names that differ in separators and leading zeros only, or of which one begins the other. */
function isSimilar(name = "", wanted = ""): boolean {
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
