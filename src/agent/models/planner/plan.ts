import { defaultLimits } from "#src/agent/limits.ts";

/** A call of a tool that the planner decided on. */
export interface PlannedCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
}

/** What a message, or a part of it, comes to. */
export type Plan =
  | { readonly kind: "calls"; readonly calls: readonly PlannedCall[] }
  /** Guests must be listed first; the changes follow from that list. */
  | { readonly kind: "list-first"; readonly tool: string; readonly calls: readonly PlannedCall[] }
  /** A sentence instead of any act: a question, a refusal, or an answer that needs no tool. */
  | { readonly kind: "say"; readonly text: string };

/** The plan that does nothing and says this. */
export function say(text: string): Plan {
  return { kind: "say", text };
}

/** The plan, or a question where it has more calls than one step of a run carries out. */
export function inOneStep(plan: Plan): Plan {
  const most = defaultLimits.callsPerTurn;
  if (plan.kind !== "calls" || plan.calls.length <= most) return plan;
  return say(
    `That means ${plan.calls.length} guests, and I act on ${most} at once at the most, so I did nothing. Which of them? Name a node, a tag or the guests.`,
  );
}

/** A call of the tool; one without arguments if none are given. */
export function call(tool: string, args: PlannedCall["args"] = {}): PlannedCall {
  return { tool, args };
}

/** The answer to a "yes" in a message. */
export const confirmationNote =
  "A message approves nothing: a confirmation is given at the prompt or with the button that comes with it. If none is open, please say what to do and with which guest.";

/** What a person can ask for, by example. */
export const helpText = `I can look after the cluster's containers and virtual machines. For example:
- list the running containers on pve1
- is web-02 up?
- restart web-02
- shut down web-01 and web-02
- delete test-runner on friday at 18:00
- what is scheduled for deletion?
- keep test-runner after all
- what can I still restore?
- which guests have no owner?
- hold test-runner until january 10 because bob is on vacation
- give dev-bob to carol
- extend the lease of test-runner by a week`;
