import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createActionExecutor } from "../../../src/actions/action-executor.ts";
import { createConfirmationStore } from "../../../src/actions/confirmation-store.ts";
import { defineTool } from "../../../src/actions/tool.ts";
import { createAgent } from "../../../src/agent/agent.ts";
import { defaultLimits, type RunLimits } from "../../../src/agent/limits.ts";
import { createFallbackModel } from "../../../src/agent/models/fallback.ts";
import { createOfflinePlanner } from "../../../src/agent/models/offline-planner.ts";
import { createOpenAiChatModel } from "../../../src/agent/models/openai-chat.ts";
import { createSessionStore } from "../../../src/agent/session-store.ts";
import { createAuditLog } from "../../../src/audit/audit-log.ts";
import { systemClock as clock } from "../../../src/clock.ts";
import { createLogger, logFile } from "../../../src/log.ts";
import { policyOf } from "../../../src/policy/judge.ts";
import { simplestPolicy } from "../../../src/policy/policy-document.ts";
import type { Principal } from "../../../src/policy/principal.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { defineInput, z } from "../../../tools/schema.ts";
import { type Batch, baseUrl, contend, directory } from "./contender.ts";
import { descriptions, prompt, question, readReport, tools } from "./workload.ts";

/** No limit is reached; all of them are counted. */
const roomy: RunLimits = {
  ...defaultLimits,
  turns: 1000,
  calls: 10_000,
  tokens: 1e9,
  modelTime: 600_000,
};

const principal: Principal = { id: "alice", name: "Alice", role: "admin", timeZone: "UTC" };

const input = defineInput(
  z.object({
    guest: z.string().describe(descriptions.guest),
    node: z.string().nullable().describe(descriptions.node),
    since: z.string().nullable().describe(descriptions.since),
    lines: z.number().int().nullable().describe(descriptions.lines),
  }),
);

const readTools = tools.map(({ name, description }) =>
  defineTool({
    name,
    description,
    effect: "read",
    input,
    run: async (args) => readReport(name, args),
  }),
);

const db = await openDatabase(join(directory, "bench.db"));
const log = createLogger({ level: "info", destination: logFile(join(directory, "bench.log")) });

/** The program's own parts, put together as the program does. */
function createOurAgent(streaming: boolean) {
  const primary = createOpenAiChatModel({ baseUrl, model: "scripted", streaming, log });
  const executor = createActionExecutor({
    tools: readTools,
    policy: policyOf(simplestPolicy),
    confirmations: createConfirmationStore(db, clock),
    audit: createAuditLog(db, clock),
    clock,
    log,
  });
  return createAgent({
    model: createFallbackModel({ primary, fallback: createOfflinePlanner(), clock, log }),
    executor,
    sessions: createSessionStore({ db, clock }),
    prompt,
    clock,
    log,
    limits: roomy,
  });
}

const agents = { whole: createOurAgent(false), streamed: createOurAgent(true) };

async function loop({ turns, stream }: Batch): Promise<string> {
  const { reply } = await (stream ? agents.streamed : agents.whole).run({
    conversation: randomUUID(),
    text: question(turns),
    principal,
    signal: new AbortController().signal,
  });
  return reply;
}

contend(loop);
