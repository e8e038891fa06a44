import type { GuestKind } from "./guest.ts";

/** One thing that a reference says of the guest it means. */
export type GuestTrait =
  | { readonly vmid: number }
  /** Exact, but for upper and lower case, which host names do not tell apart. */
  | { readonly name: string }
  | { readonly kind: GuestKind }
  | { readonly node: string }
  | { readonly owner: string };

const kindWords: Readonly<Record<string, GuestKind>> = {
  ct: "ct",
  lxc: "ct",
  container: "ct",
  vm: "vm",
  qemu: "vm",
  "virtual machine": "vm",
};
const kindPattern = Object.keys(kindWords).join("|");

/** One way of saying more than a name; the pattern's group `rest` is read on. */
interface Form {
  readonly pattern: RegExp;
  read(
    groups: Readonly<Record<string, string | undefined>>,
    names: KnownNames,
  ): readonly GuestTrait[];
}

/** The names of the guests there are, in lower case: what is a name is never taken apart. */
type KnownNames = ReadonlySet<string>;

const forms: readonly Form[] = [
  { pattern: /^the\s+(?<rest>.+)$/i, read: () => [] },
  {
    pattern: /^(?<rest>.+?)\s*\((?<inner>[^()]+)\)$/,
    read: ({ inner = "" }, names) => readBrackets(inner.trim(), names),
  },
  {
    pattern: /^(?<rest>.+?),?\s+(?:owned by|of)\s+(?<owner>[\w.@-]+)$/i,
    read: ({ owner = "" }) => [{ owner }],
  },
  {
    pattern: /^(?<rest>.+?),?\s+on\s+(?:node\s+)?(?<node>[\w.-]+)$/i,
    read: ({ node = "" }) => [{ node }],
  },
  {
    pattern: /^(?<owner>[\w.@-]+)['’]s?\s+(?<rest>.+)$/i,
    read: ({ owner = "" }) => [{ owner }],
  },
  {
    pattern: new RegExp(`^(?<kind>${kindPattern})(?:\\s*[/:#]\\s*|\\s+)(?<rest>.+)$`, "i"),
    read: ({ kind = "" }) => readKind(kind),
  },
  {
    pattern: new RegExp(`^(?<rest>.+?)\\s+(?<kind>${kindPattern})$`, "i"),
    read: ({ kind = "" }) => readKind(kind),
  },
  { pattern: /^(?<kind>ct|vm)(?<rest>\d+)$/i, read: ({ kind = "" }) => readKind(kind) },
  { pattern: /^(?:(?:vmid|id|guest)\s+|#\s*)(?<rest>.+)$/i, read: () => [] },
];

/**
 * Reads a reference: "103", "CT staging", "vm/210", "staging on pve3", "bob's staging (CT 110)".
 * The guest that is meant has all of the traits; 101 never means 1010.
 */
export function parseGuestReference(text: string, names: KnownNames): readonly GuestTrait[] {
  const trimmed = text.trim().replaceAll(/^["'`“”#\s]+|["'`“”.,!?\s]+$/g, "");
  if (/^[1-9]\d*$/.test(trimmed)) return [{ vmid: Number(trimmed) }];
  if (names.has(trimmed.toLowerCase())) return [{ name: trimmed }];
  for (const { pattern, read } of forms) {
    const groups = pattern.exec(trimmed)?.groups;
    if (groups?.rest) return [...parseGuestReference(groups.rest, names), ...read(groups, names)];
  }
  return [{ name: trimmed }];
}

function readKind(word: string): readonly GuestTrait[] {
  const kind = kindWords[word.toLowerCase()];
  return kind ? [{ kind }] : [];
}

/** Brackets after a name hold a kind, a place, or another way of saying which guest. */
function readBrackets(inner: string, names: KnownNames): readonly GuestTrait[] {
  const kind = kindWords[inner.toLowerCase()];
  if (kind) return [{ kind }];
  const node = /^on\s+(?:node\s+)?([\w.-]+)$/i.exec(inner)?.[1];
  return node ? [{ node }] : parseGuestReference(inner, names);
}
