import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, isStepCount, streamText, tool } from "ai";
import { z } from "zod";
import { type Batch, baseUrl, contend } from "./contender.ts";
import { descriptions, instructions, question, readReport, tools } from "./workload.ts";

const inputSchema = z.object({
  guest: z.string().describe(descriptions.guest),
  node: z.string().nullable().describe(descriptions.node),
  since: z.string().nullable().describe(descriptions.since),
  lines: z.number().nullable().describe(descriptions.lines),
});

const provider = createOpenAICompatible({
  name: "scripted",
  baseURL: baseUrl,
  apiKey: "none",
  includeUsage: true,
});
const toolSet = Object.fromEntries(
  tools.map(({ name, description }) => [
    name,
    tool({ description, inputSchema, execute: async (args) => readReport(name, args) }),
  ]),
);

async function loop({ turns, stream }: Batch): Promise<string> {
  const options = {
    model: provider("scripted"),
    instructions,
    prompt: question(turns),
    tools: toolSet,
    stopWhen: isStepCount(turns + 1),
    maxRetries: 0,
  };
  if (!stream) return (await generateText(options)).text;

  const result = streamText(options);
  await result.consumeStream();
  return await result.text;
}

contend(loop);
