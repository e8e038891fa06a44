import type { Temporal } from "temporal-polyfill";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { HistoryVerdict } from "#src/proxmox/guest.ts";
import type { TaskState } from "#src/proxmox/guest-changes.ts";

/** What could not be read, and why. */
interface Unread {
  readonly kind: "unread";
  readonly reason: string;
}

/** The guest that a deletion is for, as it is found under its VMID. */
export type GuestView =
  | Unread
  /** The VMID is free. */
  | { readonly kind: "gone" }
  /** The VMID is in use, and we may not see by whom: missing is not deleted. */
  | { readonly kind: "hidden" }
  /** Another guest has the VMID. */
  | { readonly kind: "replaced"; readonly by: string }
  | {
      readonly kind: "there";
      readonly guest: GuestTarget;
      readonly running: boolean;
      /** Whether it carries the deletion's mark. */
      readonly marked: boolean;
      /** When the latest hold on it ended. */
      readonly holdEndedAt?: Temporal.Instant | undefined;
      /** What happened to the VMID since the deletion was asked for. */
      readonly history: HistoryVerdict;
    };

export type EventView =
  | Unread
  | { readonly kind: "absent" }
  | { readonly kind: "there"; readonly event: CalendarEvent };

/** All that a decision about one deletion rests on, besides its row and the time. */
export interface World {
  /** Why nothing can be judged now: the clock is in doubt, nobody could reach us, no quorum. */
  readonly blind?: string | undefined;
  readonly event: EventView;
  readonly guest: GuestView;
  /** Whether anybody was told of this revision. */
  readonly told: boolean;
}

/** What was seen so far, on the way to a decision. */
export interface Seen {
  readonly world?: World | undefined;
  /** How the task stands that the deletion waits for. */
  readonly task?: TaskState | undefined;
}
