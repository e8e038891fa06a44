import { defaultLimits } from "../../../src/agent/limits.ts";
import { loadPrompt } from "../../../src/agent/prompt.ts";

/** One tool of the workload; all of them take {@link parameters}. */
export interface WorkloadTool {
  readonly name: string;
  readonly description: string;
}

export interface ToolArguments {
  readonly guest: string;
  readonly node: string | null;
  readonly since: string | null;
  readonly lines: number | null;
}

export const toolCount = 20;
export const callsPerTurn = 2;

/** What everybody tells the model: the program's own instructions. */
export const prompt = await loadPrompt(defaultLimits);
export const { instructions } = prompt;

export const tools: readonly WorkloadTool[] = Array.from({ length: toolCount }, (_, index) => ({
  name: `read_report_${index + 1}`,
  description: `Read report ${index + 1} of a guest: what was measured, when, and what is unusual.`,
}));

export const descriptions = {
  guest: "The guest: its VMID or its exact name",
  node: "Only what was measured on this node",
  since: "Only what is newer than this, ISO 8601",
  lines: "How many lines to return at most",
} as const;

/** The arguments as JSON Schema, for whoever has no schema language of their own. */
export const parameters = {
  type: "object",
  properties: {
    guest: { type: "string", description: descriptions.guest },
    node: { type: ["string", "null"], description: descriptions.node },
    since: { type: ["string", "null"], description: descriptions.since },
    lines: { type: ["integer", "null"], description: descriptions.lines },
  },
  required: ["guest", "node", "since", "lines"],
  additionalProperties: false,
};

const reportLine = "2026-11-21T03:00:00Z cpu=0.12 mem=0.43 disk=0.51 net=12.4kB/s ok";

/** What each tool returns: about 1.2 kB, without any work. */
export function readReport(tool: string, { guest }: ToolArguments): string {
  return `${tool} of ${guest}\n${`${reportLine}\n`.repeat(17)}`;
}

/** A request that takes so many turns of tool calls before it is answered. */
export function question(turns: number): string {
  return `Read the guests' reports in ${turns} steps, then say what is unusual.`;
}

export function turnsIn(text: string): number {
  return Number(/in (\d+) steps/.exec(text)?.[1]);
}

/** The calls of one turn. */
export function callsOf(turn: number) {
  return Array.from({ length: callsPerTurn }, (_, index) => {
    const call = turn * callsPerTurn + index;
    const args: ToolArguments = { guest: String(100 + call), node: null, since: null, lines: 50 };
    const name = tools[call % toolCount]?.name ?? "";
    return { id: `call_${call}`, name, argumentsJson: JSON.stringify(args) };
  });
}

/** What the model says after the last turn. */
export function answer(turns: number): string {
  return `I read ${turns * callsPerTurn} reports. Nothing is unusual: every guest is well within its limits.`;
}
