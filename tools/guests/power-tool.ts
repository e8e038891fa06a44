import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, RefusedError, type Tool } from "#src/actions/tool.ts";
import type { GuestDetail, GuestIdentity, Guests } from "#src/proxmox/guest.ts";
import type { ChangeOutcome, FollowOptions } from "#src/proxmox/guest-changes.ts";
import { defineInput, z } from "#tools/schema.ts";
import { guestReference } from "./guest-reference.ts";

/** What tells the power tools apart. */
interface PowerAct {
  readonly name: string;
  readonly description: string;
  readonly effect: "reversible" | "disruptive";
  /** The guest's state afterwards. */
  readonly wanted: "running" | "stopped";
  summary(label: string): string;
  /** Why this guest cannot be, on top of what no guest can. */
  objection?(guest: GuestDetail): string | undefined;
  /** False where a guest in the wanted state is acted on all the same. */
  readonly idempotent: boolean;
  act(guest: GuestIdentity, options: FollowOptions): Promise<ChangeOutcome>;
}

const input = defineInput(z.object({ guest: guestReference }));

/** A tool that changes whether one guest runs. */
export function powerTool(guests: Pick<Guests, "find">, power: PowerAct): Tool {
  const { name, description, effect, wanted } = power;
  return defineTool({
    name,
    description,
    effect,
    input,

    async plan({ guest: reference }, { signal }) {
      const guest = await guests.find(String(reference), signal);
      const label = guestLabel(guest);
      const target = { guest: guestTarget(guest) };
      const summary = power.summary(label);
      if (power.idempotent && guest.status === wanted) {
        return { summary, target, unchanged: `${label} is already ${wanted}.` };
      }

      const objection = objectionTo(guest) ?? power.objection?.(guest);
      if (objection) throw new RefusedError(`${label} ${objection}`, target);
      return { summary, target };
    },

    async apply({ target, summary }, { signal, onProgress }) {
      onProgress?.(summary);
      const outcome = await power.act(target.guest, {
        signal,
        onProgress: (message) => onProgress?.(`${target.guest.name}: ${message}`),
      });
      if (outcome.kind === "unchanged") return outcome;
      const { upid, warnings } = outcome;
      return { kind: "done", output: { status: wanted, warnings }, upid };
    },
  });
}

function objectionTo({ template, lock }: GuestDetail): string | undefined {
  if (template) return "is a template, which cannot run; clone it instead.";
  if (lock) return `is locked (${lock}); try again when that has finished.`;
  return undefined;
}
