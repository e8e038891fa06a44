import { owns, type Principal } from "./principal.ts";
import type { GuestTarget } from "./target.ts";

/** VMIDs from the first to the last, both included. */
export interface VmidRange {
  readonly from: number;
  readonly to: number;
}

/** What Proxmox takes for a VMID. */
export const vmidLimits: VmidRange = { from: 100, to: 999_999_999 };

/** Guests that one of these names: an empty list is no guest. */
export interface GuestList {
  readonly vmids: readonly VmidRange[];
  readonly tags: readonly string[];
  readonly pools: readonly string[];
}

/** Guests of which everything that is said here holds. Says it nothing, it is no guest. */
export interface GuestSelector {
  readonly vmids?: readonly VmidRange[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly pools?: readonly string[] | undefined;
  readonly nodes?: readonly string[] | undefined;
  /**
   * `self` is whoever asks, `other` is somebody else, `none` is nobody, anything else the NAME of
   * the tag `owner-NAME`.
   */
  readonly owner?: string | undefined;
}

/** What of a guest a selector looks at. */
export type SelectableGuest = Pick<GuestTarget, "vmid" | "node" | "owner" | "pool" | "tags">;

export function isListed(
  list: GuestList,
  { vmid, tags, pool }: Pick<GuestTarget, "vmid" | "tags" | "pool">,
): boolean {
  return (
    includesVmid(list.vmids, vmid) ||
    list.tags.some((tag) => tags.includes(tag)) ||
    (pool !== undefined && list.pools.includes(pool))
  );
}

/** @param principal who is meant by `self`; without one, that is nobody */
export function isSelected(
  selector: GuestSelector,
  guest: SelectableGuest,
  principal?: Principal,
): boolean {
  const { vmids, tags, pools, nodes, owner } = selector;
  const conditions = [
    vmids && includesVmid(vmids, guest.vmid),
    tags?.some((tag) => guest.tags.includes(tag)),
    pools?.some((pool) => pool === guest.pool),
    nodes?.includes(guest.node),
    owner === undefined ? undefined : isOwnedBy(owner, guest, principal),
  ].filter((holds) => holds !== undefined);
  return conditions.length > 0 && conditions.every(Boolean);
}

function isOwnedBy(owner: string, guest: SelectableGuest, principal?: Principal): boolean {
  if (owner === "none") return guest.owner === undefined;
  const isOwn = principal !== undefined && owns(principal, guest.owner);
  if (owner === "self") return isOwn;
  if (owner === "other") return guest.owner !== undefined && !isOwn;
  return owns({ id: owner }, guest.owner);
}

function includesVmid(ranges: readonly VmidRange[], vmid: number): boolean {
  return ranges.some(({ from, to }) => from <= vmid && vmid <= to);
}

/** `104` or `100-199`; undefined for anything else. */
export function toVmidRange(text: string | number): VmidRange | undefined {
  const [, first, last = first] = /^(\d{1,9})(?:\s*-\s*(\d{1,9}))?$/.exec(String(text)) ?? [];
  const range = { from: Number(first), to: Number(last) };
  const isSound = vmidLimits.from <= range.from && range.from <= range.to;
  return isSound ? range : undefined;
}
