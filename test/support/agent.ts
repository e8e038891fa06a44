import { defineTool, type Tool, type ToolContext } from "#src/actions/tool.ts";
import { createAgent, type RunEvent, type RunRequest } from "#src/agent/agent.ts";
import type { ReadInventory } from "#src/agent/inventory.ts";
import type { RunLimits } from "#src/agent/limits.ts";
import type { Item, Model } from "#src/agent/model.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { silentLogger } from "#src/log.ts";
import { defineInput, z } from "#tools/schema.ts";
import { aTarget, setUpExecutor } from "./actions.ts";
import { testDatabase } from "./database.ts";
import { alice } from "./people.ts";

/** Limits under which a test of what hangs ends soon. */
export const hasty: Partial<RunLimits> = {
  modelTime: 60,
  readTime: 60,
  changeTime: 60,
  inventoryTime: 60,
  graceTime: 10,
};

interface Options {
  readonly model: Model;
  readonly tools?: readonly Tool[];
  readonly limits?: Partial<RunLimits>;
  readonly inventory?: ReadInventory;
}

/** An agent on a real executor, policy, audit log and session store, and on the model of a test. */
export async function setUpAgent({ model, tools = [], limits = {}, inventory }: Options) {
  const db = await testDatabase();
  const { executor, audit, clock } = setUpExecutor(db, tools);
  const sessions = createSessionStore({ db, clock });
  const prompt = { instructions: "Be helpful.", lastTurn: "Answer now.", version: "prompt-1" };
  const log = silentLogger;
  const agent = createAgent({ model, executor, sessions, prompt, inventory, clock, log, limits });

  const events: RunEvent[] = [];
  const run = (text: string, request: Partial<RunRequest> = {}) =>
    agent.run({
      conversation: "test",
      text,
      principal: alice,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      ...request,
    });
  const history = (conversation = "test") => sessions.load(conversation, Number.MAX_SAFE_INTEGER);
  return { agent, run, events, history, sessions, audit, clock, db };
}

const input = defineInput(
  z.object({ guest: z.union([z.string(), z.number()]).describe("The guest") }),
);

/** A tool that reads, and answers what `run` returns. */
export function readingTool(
  run: (guest: string, context: ToolContext) => Promise<unknown>,
  name = "get_guest",
): Tool {
  return defineTool({
    name,
    description: name,
    effect: "read",
    input,
    run: ({ guest }, context) => run(String(guest), context),
  });
}

/** A tool without arguments. */
export function listingTool(output: unknown = "101 ct web-01", name = "list_guests"): Tool {
  return defineTool({
    name,
    description: name,
    effect: "read",
    input: defineInput(z.object({})),
    run: async () => output,
  });
}

/** A tool that changes a guest by what `apply` does. */
export function changingTool(
  name: string,
  effect: "reversible" | "disruptive" | "destructive",
  apply: (guest: string, context: ToolContext) => Promise<void> = async () => {},
): Tool {
  return defineTool({
    name,
    description: name,
    effect,
    input,
    plan: async ({ guest }) => ({
      summary: `${name} ${guest}.`,
      target: { guest: aTarget({ name: String(guest) }) },
      guest: String(guest),
    }),
    async apply({ guest }, context) {
      await apply(guest, context);
      return { kind: "done", output: { guest }, upid: `UPID:${guest}` };
    },
  });
}

/** What a model was told of its calls' outcomes, in order. */
export function resultsIn(items: readonly Item[]): readonly string[] {
  return items.flatMap((item) => (item.type === "tool-result" ? [item.output] : []));
}

/** The text that a front end has on its screen in the end. */
export function shownText(events: readonly RunEvent[]): string {
  return events.reduce((shown, event) => {
    if (event.type === "turn-ended") return "";
    return event.type === "text" ? shown + event.delta : shown;
  }, "");
}
