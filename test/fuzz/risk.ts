import type { Escalations } from "#src/policy/escalations.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import type { Request } from "./rights.ts";
import type { TrueGuest } from "./world.ts";

/** What may take something from somebody, so that what it puts at risk is looked at first. */
export const harmful = ["disruptive", "destructive"];

/** Far above what an idle guest does, far below what `world-risks.ts` calls busy. */
const busyFrom = { cpu: 0.2, network: 100_000, disk: 1_000_000 };

/** How many reasons a person has to look again; all that is not known is one of them. */
export function reasonsToLookAgain(
  escalations: Escalations,
  request: Request,
  effect: string,
): number {
  const { person, guest, risk = {}, isNamed, guests } = request;
  const { tags = [], notOwner, busy, noBackup, moreThan, notNamed } = escalations;
  const isHarmful = harmful.includes(effect);
  const facts = [
    busy && isHarmful ? isBusy(risk) : false,
    noBackup && isHarmful ? hasNoBackup(risk) : false,
    notNamed ? (isNamed === undefined ? undefined : !isNamed) : false,
  ];
  const held = [
    tags.some((tag) => guest?.tags.includes(tag)),
    notOwner && guest?.owner !== person.id,
    guests > (moreThan ?? Infinity),
    ...facts.map((fact) => fact === true),
    facts.includes(undefined),
  ];
  return held.filter(Boolean).length;
}

function isBusy({ status, load }: GuestRisk): boolean | undefined {
  if (status === "stopped") return false;
  if (!load) return undefined;
  const { cpu, network, disk } = busyFrom;
  return load.cpu > cpu || load.network > network || load.disk > disk;
}

function hasNoBackup({ lastBackup }: GuestRisk): boolean | undefined {
  return lastBackup === undefined ? undefined : lastBackup === "none";
}

/** What keeps a guest from being changed in this way, whoever asks. */
export function obstacleTo(request: Request, effect: string): string | undefined {
  const { tool, guest, risk = {} } = request;
  if (effect === "destructive") {
    const { replicas = [], linkedClones = [], lackedPrivileges = [] } = risk;
    if (guest?.toStay) return "it is to stay";
    if (guest && isUndeletable(guest)) return "it must not be deleted";
    if (replicas.length > 0) return "it is replicated";
    if (linkedClones.length > 0) return "others are based on it";
    return lackedPrivileges.includes("VM.Allocate") ? "it could not be deleted" : undefined;
  }
  if (!powerTools.includes(tool)) return undefined;
  if (guest?.template) return "it is a template";
  if (guest?.lock !== undefined) return "it is locked";
  const isAtWork = tool === "stop_guest" && (risk.runningTasks ?? []).length > 0;
  return isAtWork ? "a task works on it" : undefined;
}

const powerTools = ["start_guest", "shutdown_guest", "reboot_guest", "stop_guest"];

function isUndeletable(guest: Readonly<TrueGuest>): boolean {
  const { protection, template, haManaged, lock, tags } = guest;
  return protection || template || haManaged || lock !== undefined || tags.includes("protected");
}
