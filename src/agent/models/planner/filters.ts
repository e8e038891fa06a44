import type { GuestLine } from "#src/agent/model.ts";

/** Which guests a description fits; an empty list leaves that side open. */
export interface Filter {
  readonly kinds: readonly ("ct" | "vm")[];
  readonly statuses: readonly ("running" | "stopped")[];
  readonly nodes: readonly string[];
  readonly tags: readonly string[];
  readonly owners: readonly string[];
  readonly names: readonly string[];
}

/** Whether anything narrows the description down. */
export function hasDimension({ kinds, statuses, nodes, tags, owners, names }: Filter): boolean {
  return [kinds, statuses, nodes, tags, owners, names].some((side) => side.length > 0);
}

/** The guests that the description fits. */
export function matching(guests: readonly GuestLine[], filter: Filter): readonly GuestLine[] {
  const any = <T>(wanted: readonly T[], fits: (one: T) => boolean) =>
    wanted.length === 0 || wanted.some(fits);
  return guests.filter(
    (guest) =>
      any(filter.kinds, (kind) => guest.kind === kind) &&
      any(filter.statuses, (status) => guest.status === status) &&
      any(filter.nodes, (node) => guest.node.toLowerCase() === node) &&
      any(filter.tags, (tag) => guest.tags.some((own) => own.toLowerCase() === tag)) &&
      any(filter.owners, (owner) => guest.owner?.toLowerCase() === owner) &&
      any(filter.names, (name) => guest.name?.toLowerCase().includes(name) ?? false),
  );
}
