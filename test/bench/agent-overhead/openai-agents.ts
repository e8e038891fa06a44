import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";
import { type Batch, baseUrl, contend } from "./contender.ts";
import { descriptions, instructions, question, readReport, tools } from "./workload.ts";

setTracingDisabled(true);

const parameters = z.object({
  guest: z.string().describe(descriptions.guest),
  node: z.string().nullable().describe(descriptions.node),
  since: z.string().nullable().describe(descriptions.since),
  lines: z.number().nullable().describe(descriptions.lines),
});

const client = new OpenAI({ apiKey: "none", baseURL: baseUrl, maxRetries: 0 });
const agent = new Agent({
  name: "assistant",
  instructions,
  model: new OpenAIChatCompletionsModel(client, "scripted"),
  modelSettings: { parallelToolCalls: true },
  tools: tools.map(({ name, description }) =>
    tool({ name, description, parameters, execute: async (args) => readReport(name, args) }),
  ),
});

async function loop({ turns, stream }: Batch): Promise<string> {
  const maxTurns = turns + 1;
  if (!stream) {
    const { finalOutput } = await run(agent, question(turns), { maxTurns });
    return String(finalOutput);
  }
  const result = await run(agent, question(turns), { maxTurns, stream: true });
  for await (const _ of result) {
    // A front end would show the events; here they are only taken.
  }
  await result.completed;
  return String(result.finalOutput);
}

contend(loop);
