import { guestLabel, guestTarget, lastKnownGuest } from "#src/actions/guest-target.ts";
import { defineTool, type Tool, ToolError, type ToolResult } from "#src/actions/tool.ts";
import type { Clock } from "#src/clock.ts";
import type { Effect } from "#src/policy/policy.ts";
import type { BeginOptions, Begun, GuestPreparation } from "#src/proxmox/guest-changes.ts";
import type { DeletionSettings } from "./decide.ts";
import type { Claim, PreparationTask } from "./deletion.ts";
import type { DeletionStore } from "./deletion-store.ts";
import { claimInput, findClaim, inspect, scheduleTarget } from "./inspect.ts";
import { refuseWhenLate, refuseWithoutLease } from "./lateness.ts";
import type { WorldDeps } from "./read-world.ts";

export interface PreparationDeps extends WorldDeps {
  readonly preparation: Omit<GuestPreparation, "look" | "findBackup">;
  readonly deletions: Pick<DeletionStore, "find" | "advance">;
  readonly settings: DeletionSettings & { readonly shutdownSeconds: number };
  readonly clock: Clock;
}

interface Step {
  readonly name: string;
  readonly effect: Effect;
  /** What is done to the guest, as a sentence's beginning. */
  readonly verb: string;
  readonly step: PreparationTask["step"];
  begin(claim: Claim, options: BeginOptions): Promise<Begun>;
}

/**
 * What is done to a guest before it is destroyed, each step by itself: it begins a task of Proxmox
 * and writes down which. No model gets these.
 */
export function createPreparationTools(deps: PreparationDeps): readonly Tool[] {
  const { preparation, settings } = deps;
  const steps: readonly Step[] = [
    {
      name: "shut_down_before_deletion",
      effect: "disruptive",
      verb: "Shut down",
      step: "shutdown",
      begin: ({ guest }, options) =>
        preparation.beginShutdown(guest, settings.shutdownSeconds, options),
    },
    {
      name: "cut_power_before_deletion",
      effect: "disruptive",
      verb: "Switch off",
      step: "stop",
      begin: ({ guest }, options) => preparation.beginStop(guest, options),
    },
    {
      name: "back_up_before_deletion",
      effect: "reversible",
      verb: "Back up",
      step: "backup",
      async begin({ guest, id }, { signal }) {
        const storage = settings.backup?.storage;
        if (!storage) throw new ToolError("No storage for backups is configured (BACKUP_STORAGE).");
        const { upid } = await preparation.beginBackup(guest, storage, id, signal);
        return { kind: "begun", upid };
      },
    },
  ];
  return [...steps.map((step) => preparationTool(step, deps)), startAgainTool(deps)];
}

function preparationTool({ name, effect, verb, step, begin }: Step, deps: PreparationDeps): Tool {
  const { deletions } = deps;
  return defineTool({
    name,
    description: `${verb} a guest whose deletion is due.`,
    effect,
    input: claimInput(name),

    async plan(input, { signal }) {
      const claim = await findClaim(input, deletions, "preparing");
      const { guest } = await inspect(claim, deps, signal);
      const target = { guest: guestTarget(guest), ...scheduleTarget(claim) };
      return { summary: `${verb} ${guestLabel(guest)} before it is deleted.`, target, claim };
    },

    async apply({ claim }, { signal }) {
      const intent = step === "backup" ? {} : { stoppedByUs: true, attempts: claim.attempts + 1 };
      // Written first: after a crash nobody else knows that the guest is stopped because of us.
      const held = await deletions.advance(claim, intent);
      if (!held) throw hasChanged(claim);
      // By the lease under which all was looked at, which nothing that was done since prolongs.
      const guard = () => refuseWhenLate(claim, deps);
      return recordBegun(held, step, await begin(held, { signal, guard }), deletions);
    },
  });
}

/** A guest that we stopped and that is not to be deleted after all. */
function startAgainTool({ deletions, preparation, clock }: PreparationDeps): Tool {
  const name = "start_again_after_veto";
  return defineTool({
    name,
    description: "Start a guest again whose deletion was called off after it was shut down.",
    effect: "reversible",
    input: claimInput(name),

    async plan(input) {
      const claim = await findClaim(input, deletions, "inserting", "planned", "held", "cancelled");
      const guest = lastKnownGuest(claim.guest);
      const summary = `Start ${guestLabel(guest)} again, which is not deleted after all.`;
      return { summary, target: { guest, ...scheduleTarget(claim) }, claim };
    },

    async apply({ claim }, { signal }) {
      const guard = () => refuseWithoutLease(claim, { clock });
      const begun = await preparation.beginStart(claim.guest, { signal, guard });
      return recordBegun(claim, "start", begun, deletions);
    },
  });
}

async function recordBegun(
  claim: Claim,
  step: PreparationTask["step"],
  begun: Begun,
  deletions: Pick<DeletionStore, "advance">,
): Promise<ToolResult> {
  if (begun.kind === "unchanged") {
    await deletions.advance(claim, { task: null, ...(step === "start" && { stoppedByUs: false }) });
    return { kind: "unchanged", message: `${guestLabel(claim.guest)} is so already.` };
  }
  const { upid } = begun;
  // Begun by a worker that lost its claim to the veto before it could write it down.
  const task = begun.kind === "stopping" ? "shutdown" : step;
  if (!(await deletions.advance(claim, { task: { step: task, upid } }))) throw hasChanged(claim);
  if (begun.kind === "stopping") {
    return { kind: "unchanged", message: `${guestLabel(claim.guest)} has to go down first.` };
  }
  return { kind: "done", output: { began: step, upid }, upid };
}

function hasChanged({ guest }: Claim): ToolError {
  return new ToolError(`The deletion of ${guestLabel(guest)} has changed meanwhile.`);
}
