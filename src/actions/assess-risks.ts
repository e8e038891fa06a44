import type { Effect, RiskFacts } from "#src/policy/policy.ts";
import { type GuestTarget, guestsIn, type Target } from "#src/policy/target.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestRisk, GuestRisks } from "#src/proxmox/guest-risk.ts";
import { guestLabel } from "./guest-target.ts";
import { namesGuest } from "./names-guest.ts";
import type { ToolContext } from "./tool.ts";

/** A change that was planned and not decided yet. */
export interface PlannedChange {
  readonly tool: string;
  readonly effect: Effect;
  readonly target: Target;
}

/** What was found out about the guests of a change, at this moment. */
export interface Assessment {
  readonly facts: RiskFacts;
  /** Why the change could not succeed in the end; a sentence. */
  readonly obstacle?: string | undefined;
}

/** Looks at the guests of a change. What cannot be read is absent; never rejects because of it. */
export type AssessRisks = (
  change: PlannedChange,
  context: Pick<ToolContext, "signal" | "words">,
) => Promise<Assessment>;

interface Deps {
  readonly risks: GuestRisks;
  readonly guests: Pick<Guests, "list">;
}

/** A guest, and what is known of it. */
interface Assessed {
  readonly guest: GuestTarget;
  readonly risk: GuestRisk;
}

/**
 * From such a load on a guest is being used: what an idle one does by itself is less. A share of its
 * CPUs, and bytes a second; data/policy.example.yaml names them.
 */
export const busyFrom = { cpu: 0.05, network: 20_000, disk: 200_000 };

export function createAssessRisks({ risks, guests }: Deps): AssessRisks {
  async function isNamed(target: Target, context: Pick<ToolContext, "signal" | "words">) {
    const { words, signal } = context;
    if (words === undefined) return undefined;
    const inventory = await guests.list(signal).catch(() => undefined);
    return worst(
      guestsIn(target).map((guest) => namesGuest(words, guest, inventory)),
      false,
    );
  }

  return async ({ tool, effect, target }, context) => {
    if (effect === "read" || guestsIn(target).length === 0) return { facts: {} };
    const naming = isNamed(target, context);
    // What can be taken back does no harm to what is running or stored.
    if (effect === "reversible") return { facts: { namedByRequester: await naming } };
    const assessed = await Promise.all(
      guestsIn(target).map(async (guest) => ({
        guest,
        risk: await risks.read(guest, context.signal),
      })),
    );
    const objections = assessed.flatMap((one) =>
      effect === "destructive" ? obstaclesToDeletion(one, target) : obstaclesToPower(one, tool),
    );
    return {
      facts: { ...factsOf(assessed), namedByRequester: await naming },
      obstacle: objections.length > 0 ? objections.join(" ") : undefined,
    };
  };
}

function factsOf(assessed: readonly Assessed[]): RiskFacts {
  const each = <T>(fact: (risk: GuestRisk) => T) => assessed.map(({ risk }) => fact(risk));
  const clones = each(({ linkedClones }) => linkedClones?.length);
  return {
    hasBackup: worst(
      each(({ lastBackup }) => lastBackup && lastBackup !== "none"),
      false,
    ),
    busy: worst(each(isBusy), true),
    replicated: worst(
      each(({ replicas }) => replicas && replicas.length > 0),
      true,
    ),
    linkedClones: clones.includes(undefined)
      ? undefined
      : clones.reduce<number>((sum, count = 0) => sum + count, 0),
  };
}

function isBusy({ status, load }: GuestRisk): boolean | undefined {
  if (status === "stopped") return false;
  if (!load) return undefined;
  const { cpu, network, disk } = busyFrom;
  return load.cpu >= cpu || load.network >= network || load.disk >= disk;
}

/** The worst of several; what is not known is worse than what is good. */
function worst(values: readonly (boolean | undefined)[], bad: boolean): boolean | undefined {
  if (values.includes(bad)) return bad;
  return values.includes(undefined) ? undefined : !bad;
}

/** What the policy does not look at, and what would have the deletion fail when it is due. */
function obstaclesToDeletion({ guest, risk }: Assessed, { withoutBackup }: Target): string[] {
  const label = guestLabel(guest);
  const { status, replicas = [], linkedClones = [], lackedPrivileges = [] } = risk;
  const unneeded = new Set([
    ...(status === "stopped" ? ["VM.PowerMgmt"] : []),
    ...(withoutBackup ? ["VM.Backup"] : []),
  ]);
  const lacked = lackedPrivileges.filter((privilege) => !unneeded.has(privilege));
  const objections: readonly (readonly [boolean, string])[] = [
    [
      replicas.length > 0,
      `${label} is replicated to ${replicas.join(", ")}; remove the replication job in Proxmox first.`,
    ],
    [
      linkedClones.length > 0,
      `The disks of ${linkedClones.join(", ")} are based on those of ${label}; delete those guests first.`,
    ],
    [
      lacked.length > 0,
      `${label} could not be deleted when it is due: the API token lacks ${lacked.join(", ")} on /vms/${guest.vmid}. An administrator can grant that.`,
    ],
  ];
  return objections.flatMap(([holds, sentence]) => (holds ? [sentence] : []));
}

/** Only cutting the power cannot wait for what works on the guest; the others do. */
function obstaclesToPower({ guest, risk }: Assessed, tool: string): string[] {
  if (tool !== "stop_guest") return [];
  const label = guestLabel(guest);
  if (guest.template) return [`${label} is a template, which does not run.`];
  if (guest.lock) return [`${label} is locked (${guest.lock}); try again when that has ended.`];
  const { runningTasks = [] } = risk;
  if (runningTasks.length === 0) return [];
  const tasks = runningTasks.join(", ");
  return [`A task is working on ${label} (${tasks}); try again when that has ended.`];
}
