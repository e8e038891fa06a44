import { describe, expect, it } from "vitest";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import { anyInput } from "#test/support/actions.ts";
import { changingTool, readingTool, setUpAgent } from "#test/support/agent.ts";
import {
  calls,
  createScriptedModel,
  type ScriptedCall,
  says,
} from "#test/support/scripted-model.ts";

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Tools that write down when they begin and end, and how many reads were open at most. */
function tracingTools() {
  const trace: string[] = [];
  const state = { reading: 0, mostReading: 0 };
  const traced = async (guest: string) => {
    trace.push(`+${guest}`);
    await pause();
    trace.push(`-${guest}`);
  };
  const read = readingTool(async (guest) => {
    state.mostReading = Math.max(state.mostReading, ++state.reading);
    await traced(guest);
    state.reading--;
    return guest;
  });
  const tools = [
    read,
    changingTool("start_guest", "reversible", traced),
    changingTool("shutdown_guest", "disruptive", traced),
  ];
  return { trace, state, tools };
}

/** Has an agent with these tools make the calls, in one turn. */
async function runCalls(tools: readonly Tool[], ...turn: readonly ScriptedCall[]) {
  const model = createScriptedModel([calls(...turn), says("Done.")]);
  const parts = await setUpAgent({ model, tools });
  return { ...parts, result: await parts.run("go") };
}

const read = (guest: string) => ({ name: "get_guest", args: { guest } });
const start = (guest: string) => ({ name: "start_guest", args: { guest } });
const shutDown = (guest: string) => ({ name: "shutdown_guest", args: { guest } });

describe("the calls of one turn", () => {
  it("read side by side", async () => {
    const { trace, tools } = tracingTools();

    await runCalls(tools, read("a"), read("b"));

    expect(trace).toEqual(["+a", "+b", "-a", "-b"]);
  });

  it("read at most six at once", async () => {
    const { state, tools } = tracingTools();

    await runCalls(tools, ...Array.from({ length: 14 }, (_, index) => read(`g${index}`)));

    expect(state.mostReading).toBe(6);
  });

  it("change one after another, in the model's order", async () => {
    const { trace, tools } = tracingTools();

    await runCalls(tools, start("b"), shutDown("a"), start("c"));

    expect(trace).toEqual(["+b", "-b", "+a", "-a", "+c", "-c"]);
  });

  it("read before a change what comes before it, and after it what comes after", async () => {
    const { trace, tools } = tracingTools();

    const { result } = await runCalls(tools, read("a"), shutDown("b"), read("c"), read("d"));

    expect(trace).toEqual(["+a", "-a", "+b", "-b", "+c", "+d", "-c", "-d"]);
    expect(result.calls.map(({ call }) => call.input)).toEqual(
      ["a", "b", "c", "d"].map((guest) => ({ guest })),
    );
  });

  it("are all judged before the first is carried out", async () => {
    const trace: string[] = [];
    const judged = (name: string) =>
      defineTool({
        name,
        description: name,
        effect: "reversible",
        input: anyInput,
        async plan() {
          trace.push(`plan ${name}`);
          return { summary: name, target: {} };
        },
        async apply() {
          trace.push(`apply ${name}`);
          return { kind: "done", output: {} };
        },
      });

    await runCalls([judged("start_guest"), judged("shutdown_guest")], start("a"), shutDown("b"));

    expect(trace.slice(0, 3)).toEqual([
      "plan start_guest",
      "plan shutdown_guest",
      "apply start_guest",
    ]);
  });

  it("plan a change again that follows another, as it may mean something else by then", async () => {
    const guest = { running: true };
    const power = (name: string, wanted: boolean) =>
      defineTool({
        name,
        description: name,
        effect: "reversible",
        input: anyInput,
        plan: async () => ({ summary: name, target: {}, was: guest.running }),
        async apply({ was }) {
          if (was === wanted) return { kind: "unchanged", message: `${name}: nothing to do` };
          guest.running = wanted;
          return { kind: "done", output: {} };
        },
      });
    const tools = [power("shutdown_guest", false), power("start_guest", true)];

    const { result } = await runCalls(tools, shutDown("a"), start("a"));

    expect(result.calls.map(({ outcome }) => outcome.kind)).toEqual(["done", "done"]);
    expect(guest.running).toBe(true);
  });
});
