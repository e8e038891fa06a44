import type { Clock } from "#src/clock.ts";
import { type Decision, type Policy, type PolicyRequest, stricter } from "#src/policy/policy.ts";
import type { ToolCall } from "./action-report.ts";
import type { AssessRisks } from "./assess-risks.ts";
import { countTargets } from "./guest-target.ts";
import { type Plan, type Tool, type ToolContext, ToolError } from "./tool.ts";

/** A call's plan, and what the policy says of it. */
export interface Judged {
  readonly tool: Tool;
  readonly plan: Plan;
  /** What the policy was asked. */
  readonly request: PolicyRequest;
  readonly decided: Decision;
}

/**
 * Plans a call, looks at what it puts at risk, and asks the policy. Changes nothing.
 *
 * @param approved whether people have approved it already
 * @throws ToolError or PublicError when it cannot be planned
 */
export type Judge = (call: ToolCall, context: ToolContext, approved?: boolean) => Promise<Judged>;

interface Deps {
  readonly tools: readonly Tool[];
  readonly policy: Policy;
  /** Looks at the guests of a change before it is decided; without it, nothing is known of them. */
  readonly assessRisks?: AssessRisks | undefined;
  readonly clock: Clock;
}

export function createJudge({ tools, policy, assessRisks, clock }: Deps): Judge {
  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));

  return async function judge(call, context, approved) {
    const tool = toolsByName.get(call.tool);
    if (!tool) {
      const names = [...toolsByName.keys()].join(", ");
      throw new ToolError(`There is no tool named ${call.tool}. The tools are: ${names}.`);
    }
    const plan = await tool.plan(call.input, context);
    const { target } = plan;
    const { name, effect } = tool;
    const { principal } = context;
    const change = { tool: name, effect, target };
    const { facts, obstacle } = (await assessRisks?.(change, context)) ?? {};
    const targets = effect === "read" ? 0 : countTargets(context, target);
    const request = { ...change, principal, now: clock.now(), targets, facts, approved };
    const decided = await policy.evaluate(request);
    // What is done already meets no obstacle.
    if (obstacle === undefined || plan.unchanged !== undefined) {
      return { tool, plan, request, decided };
    }
    const refused = stricter(decided, { kind: "deny", reason: obstacle });
    return { tool, plan, request, decided: refused };
  };
}
