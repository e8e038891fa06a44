import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import type { Scope, Seen, Truth } from "./observer.ts";
import { aboutDeletionsAlone, type Demand, demandOf, isMore } from "./rights.ts";
import type { TrueGuest } from "./world.ts";

/** What something is done to. */
export interface Subject {
  readonly fingerprint?: string | undefined;
  readonly deletionId?: string | undefined;
}

/**
 * What it takes at the least, by anything that could be seen of the guest under the scope: what
 * changed meanwhile may have been seen before or after.
 */
export function leastDemand(
  tool: string,
  { fingerprint = "", deletionId = "" }: Subject,
  scope: Scope,
  truth: Truth,
): Demand {
  const { seen, rights } = scope;
  const person = scope.requester;
  const requestedBy = truth.deletions.get(deletionId)?.requestedBy;
  const guests = guestsOf(scope);
  const taken = looksOf(tool, fingerprint, scope).flatMap((look) => {
    const guest = look && { ...look, toStay: isStillHeld(look, truth) ? look.toStay : undefined };
    const isNamed = isNamedIn(tool, guest, scope);
    return risksOf(seen, fingerprint).map((risk) =>
      demandOf(rights, { tool, person, guest, requestedBy, risk, isNamed, guests }),
    );
  });
  return taken.reduce<Demand>((least, one) => (isMore(least, one) ? one : least), "never");
}

/** A hold that has ended since may have been seen as ended. */
function isStillHeld({ vmid, toStay }: Readonly<TrueGuest>, { held, now }: Truth): boolean {
  return toStay !== undefined && held.get(vmid) === toStay && now() < (toStay.until ?? Infinity);
}

/** An approval counts by what was seen last; a message leads to more than one call. */
function looksOf(tool: string, fingerprint: string, { looks, kind }: Scope) {
  const all: readonly (Readonly<TrueGuest> | undefined)[] = looks.get(fingerprint) ?? [];
  if (aboutDeletionsAlone.includes(tool)) return [undefined, ...all];
  return kind === "approval" ? all.slice(-1) : all;
}

function risksOf(seen: Seen | undefined, fingerprint: string): readonly GuestRisk[] {
  return seen?.risks.get(fingerprint) ?? [{}];
}

function guestsOf({ kind, seen, question }: Scope): number {
  return kind === "message" ? (seen?.concerned.size ?? 1) : (question?.fingerprints.length ?? 1);
}

/** Whoever approves a card has it named there; what is gone, its deletion names. */
function isNamedIn(
  tool: string,
  guest: Readonly<TrueGuest> | undefined,
  { kind, seen }: Scope,
): boolean | undefined {
  if (kind !== "message" || !seen || !guest || aboutDeletionsAlone.includes(tool)) return true;
  const all = seen.words.map((text) => text.toLowerCase().split(/[\s,]+/));
  if (all.some((words) => namesVmid(words, String(guest.vmid)))) return true;
  const name = guest.name.toLowerCase();
  if (!all.some((words) => ` ${words.join(" ")} `.includes(` ${name} `))) return false;
  if (seen.listings.length === 0) return undefined;
  return seen.listings.some((names) => names.filter((other) => other === name).length <= 1);
}

/** As a number that stands for itself, and not for so many minutes. */
function namesVmid(words: readonly string[], vmid: string): boolean {
  return words.some((word, index) => word === vmid && words[index + 1] !== "minutes");
}
