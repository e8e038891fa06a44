import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { Preview } from "#src/actions/preview.ts";
import { defineTool, type Tool, type ToolContext, ToolError } from "#src/actions/tool.ts";
import { plainText } from "#src/plain-text.ts";
import type { Decision } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import { defineInput, z } from "#tools/schema.ts";

interface Deps {
  readonly preview: ActionExecutor["preview"];
  /** The people whom the policy names. */
  people(): readonly Principal[];
}

const name = "preview_action";

/**
 * A dry run: says what another tool's call would do and what the policy would say to it.
 *
 * @param tools whose calls can be tried; no others
 */
export function previewAction({ preview, people }: Deps, tools: readonly Tool[]): Tool {
  const names = tools.map((tool) => tool.name);
  const input = defineInput(
    z.object({
      tool: z.string().describe("Its name"),
      input: z.string().describe("Its arguments as JSON"),
      person: z.string().nullable().describe("Id or name of somebody else who would ask"),
    }),
  );

  return defineTool({
    name,
    description:
      "Dry run of a call: what it would do, and whether it would be allowed. Changes nothing.",
    effect: "read",
    input,
    async run({ tool, input: json, person }, context) {
      if (!names.includes(tool)) {
        throw new ToolError(`A dry run is there for: ${names.join(", ")}.`);
      }
      const principal =
        person === null ? context.principal : personCalled(person, context, people());
      const asOther = { ...context, principal };
      const found = await preview({ tool, input: parseJson(json) }, asOther);
      const who = principal.id === context.principal.id ? undefined : plainText(principal.name, 64);
      return `Dry run: ${sentenceOf(found, who)} Nothing was done.`;
    },
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ToolError('The input has to be JSON, such as {"guest": 103}.');
  }
}

/** The person with this id or name, whose words are read where whoever asks is. */
function personCalled(
  person: string,
  { principal }: ToolContext,
  people: readonly Principal[],
): Principal {
  const wanted = person
    .trim()
    .replace(/^<?@|>$/g, "")
    .toLowerCase();
  const isMeant = ({ id, name: called }: Principal) =>
    id.toLowerCase() === wanted || called.toLowerCase() === wanted;
  const [found, other] = [principal, ...people.filter(({ id }) => id !== principal.id)].filter(
    isMeant,
  );
  if (found && !other) return { ...found, timeZone: principal.timeZone };
  const asked = plainText(person, 64);
  throw new ToolError(
    found
      ? `Several people are called ${asked}; say the id.`
      : `The policy names nobody called ${asked}, so what they may do is not known here.`,
  );
}

/** @param who somebody else than whoever asks */
function sentenceOf(preview: Preview, who: string | undefined): string {
  if (preview.kind === "impossible") return `it could not be done: ${ended(preview.message)}`;
  const { effect, summary, unchanged, decision } = preview;
  const [subject, them] = who === undefined ? ["you", "you"] : [who, who];
  if (decision.kind === "deny") {
    return `${ended(summary)} It would be denied to ${them}: ${ended(decision.reason)}`;
  }
  if (effect === "read") return `that only looks something up, and ${subject} may.`;
  if (unchanged !== undefined) return `${ended(unchanged)} There would be nothing to do.`;
  return `${ended(summary)} ${verdictOf(decision, subject)}`;
}

function verdictOf(decision: Exclude<Decision, { kind: "deny" }>, subject: string): string {
  const start = subject === "you" ? "You" : subject;
  if (decision.kind === "allow") {
    return `${start} would be allowed to do that, and it would be done at once.`;
  }
  const { by, reasons } = decision;
  const because = reasons.length > 0 ? ` Why: ${reasons.map(ended).join(" ")}` : "";
  return `${start} would be allowed to ask for that; ${confirmers(subject)[by]} would have to confirm it first.${because}`;
}

function confirmers(subject: string) {
  return {
    requester: subject === "you" ? "you yourself" : subject,
    approver: "an approver",
    "two-persons": `${subject} and a second person`,
  };
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
