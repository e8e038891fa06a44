import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, print, printFigures, printTable, quantile, rounded } from "../report.ts";
import type { Batch, Cost } from "./contender.ts";
import { installPackages } from "./packages.ts";
import { type Contender, startContender, startServer } from "./processes.ts";
import type { Traffic } from "./server.ts";
import { callsPerTurn, toolCount } from "./workload.ts";

/** Each is a file of this folder. */
const names = ["bare", "ours", "openai-agents", "ai-sdk"] as const;
type Name = (typeof names)[number];

const titles: Readonly<Record<Name, string>> = {
  bare: "bare openai client",
  ours: "ours, every item persisted",
  "openai-agents": "@openai/agents",
  "ai-sdk": "ai",
};

interface Scenario extends Batch {
  readonly heading: string;
  /** Unmeasured, until the code that runs all the time has been compiled. */
  readonly warmUps: number;
  readonly rounds: number;
}

const scenarios = {
  short: {
    heading: "Short run: two tool calls, then the answer",
    ...{ warmUps: 8, rounds: 10, runs: 50, turns: 1, stream: false },
  },
  shortStreamed: {
    heading: "Short run, streamed",
    ...{ warmUps: 4, rounds: 6, runs: 50, turns: 1, stream: true },
  },
  long: {
    heading: "One run of 200 turns",
    ...{ warmUps: 2, rounds: 5, runs: 1, turns: 200, stream: false },
  },
} satisfies Readonly<Record<string, Scenario>>;

type Round = Cost & Traffic;

/** Requests to the model that one run takes. */
function requestsPerRun({ turns }: Batch): number {
  return turns + 1;
}

/** One batch of each contender, beginning with another one in each round. */
async function playRound(
  contenders: readonly Contender<Name>[],
  scenario: Scenario,
  round: number,
) {
  const { runs, turns, stream } = scenario;
  const first = round % contenders.length;
  const results = new Map<Name, Round>();
  for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
    const result = await contender.run({ runs, turns, stream });
    const expected = runs * requestsPerRun(scenario);
    if (result.requests !== expected) {
      throw new Error(`${contender.name} made ${result.requests} requests, not ${expected}.`);
    }
    results.set(contender.name, result);
  }
  return results;
}

function figuresOf(rounds: readonly Round[], scenario: Scenario) {
  const requests = scenario.runs * requestsPerRun(scenario);
  const cpu = rounds.map((round) => round.cpu / requests);
  const wall = rounds.flatMap((round) => round.wall);
  return {
    cpuPerCall: rounded(median(cpu)),
    cpuPerCallMin: rounded(Math.min(...cpu)),
    wallP50: rounded(median(wall)),
    wallP95: rounded(quantile(wall, 0.95)),
    rssMb: rounded(Math.max(...rounds.map(({ rss }) => rss)) / 2 ** 20),
    kbSentPerRun: rounded(median(rounds.map(({ bytes }) => bytes / scenario.runs / 1000))),
  };
}

type Figures = Readonly<Record<Name, ReturnType<typeof figuresOf>>>;

/** How many times the CPU of each other that ours takes. */
function ratiosOf({ ours, ...others }: Figures) {
  const ratio = (name: keyof typeof others) => rounded(ours.cpuPerCall / others[name].cpuPerCall);
  return { bare: ratio("bare"), openaiAgents: ratio("openai-agents"), ai: ratio("ai-sdk") };
}

function printScenario({ heading, rounds, runs }: Scenario, figures: Figures): void {
  const rows = names.map((name) => {
    const { cpuPerCall, cpuPerCallMin, wallP50, wallP95, rssMb, kbSentPerRun } = figures[name];
    return {
      "": titles[name],
      "CPU ms/model call": cpuPerCall.toFixed(2),
      least: cpuPerCallMin.toFixed(2),
      "wall p50 ms/run": wallP50,
      p95: wallP95,
      "RSS MB": rssMb,
      "kB sent/run": kbSentPerRun,
    };
  });
  const each = runs > 1 ? `${rounds} rounds of ${runs} runs` : `${rounds} rounds`;
  printTable(`${heading} (${each}, medians)`, rows);
  const { bare, openaiAgents, ai } = ratiosOf(figures);
  print(`Ours takes ${bare}x the CPU of bare, ${openaiAgents}x of @openai/agents, ${ai}x of ai.`);
}

async function runScenario(contenders: readonly Contender<Name>[], scenario: Scenario) {
  const rounds: Map<Name, Round>[] = [];
  for (let round = -scenario.warmUps; round < scenario.rounds; round++) {
    const results = await playRound(contenders, scenario, round + scenario.warmUps);
    if (round >= 0) rounds.push(results);
  }
  const figures = Object.fromEntries(
    names.map((name) => {
      const own = rounds.flatMap((round) => round.get(name) ?? []);
      return [name, figuresOf(own, scenario)];
    }),
  ) as Figures;
  printScenario(scenario, figures);
  return { ...figures, ratios: ratiosOf(figures) };
}

installPackages();
const folder = mkdtempSync(join(tmpdir(), "agent-overhead-"));
const server = await startServer();
const contenders = names.map((name) => startContender(name, server, folder));
try {
  print(`Node ${process.version}, ${toolCount} tools, ${callsPerTurn} calls a turn, one server.`);
  const results: Record<string, unknown> = {};
  for (const [key, scenario] of Object.entries<Scenario>(scenarios)) {
    results[key] = await runScenario(contenders, scenario);
  }
  printFigures(results);
} finally {
  for (const { stop } of [server, ...contenders]) stop();
  rmSync(folder, { recursive: true, force: true });
}
