import { z } from "zod";
import { runHere } from "./command-here.ts";
import { type Ended, runProgram, type Start } from "./program.ts";

const instant = z.iso.datetime();

const targetSchema = z.strictObject({
  vmid: z.int(),
  kind: z.enum(["ct", "vm"]),
  name: z.string(),
  node: z.string(),
  at: instant.optional(),
});

/** One line of `npm run chat -- --json`, to the letter: one field more or less is a breach. */
const recordSchema = z.strictObject({
  input: z.string(),
  user: z.string(),
  now: instant,
  calls: z.array(
    z.strictObject({
      tool: z.string(),
      args: z.unknown(),
      decision: z.enum(["allow", "confirm", "deny", "error"]),
      target: targetSchema.optional(),
      outcome: z.strictObject({
        kind: z.enum(["done", "unchanged", "awaiting-confirmation", "denied", "failed"]),
        message: z.string().optional(),
        upid: z.string().startsWith("UPID:").optional(),
        confirmationId: z.string().optional(),
      }),
    }),
  ),
  confirmations: z.array(
    z.strictObject({
      id: z.string(),
      tool: z.string(),
      target: targetSchema,
      summary: z.string(),
      state: z.enum(["pending", "approved", "denied", "refused"]),
      expiresAt: instant,
    }),
  ),
  reply: z.string().min(1),
  model: z.string(),
  modelCalls: z.int(),
  usage: z.strictObject({
    inputTokens: z.int(),
    cachedTokens: z.int(),
    outputTokens: z.int(),
    estimated: z.boolean(),
  }),
  ms: z.int(),
});

export type ChatRecord = z.infer<typeof recordSchema>;

interface Answered extends Ended {
  readonly records: readonly ChatRecord[];
}

/**
 * Runs `chat --json` on these lines, in the test's own process.
 *
 * @throws when a line of its stdout is not a record
 */
export async function chatJson(lines: readonly string[], start: Start = {}): Promise<Answered> {
  return answered(await runHere("chat", lines, { ...start, args: asJson(start) }));
}

/** The same by `npm run chat`, in a process of its own. */
export async function chatJsonOfProcess(
  lines: readonly string[],
  start: Start = {},
): Promise<Answered> {
  return answered(await runProgram("chat", lines, { ...start, args: asJson(start) }));
}

const asJson = ({ args = [] }: Start) => ["--json", ...args];

function answered(ended: Ended): Answered {
  const printed = ended.stdout.split("\n").slice(0, -1);
  return { ...ended, records: printed.map((line) => recordSchema.parse(JSON.parse(line))) };
}
