import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, print, printFigures, printTable, rounded } from "#test/bench/report.ts";
import { askFirst, type Program, runOnce, type Start } from "./start.ts";

const rounds = 7;
const importRounds = 5;

const folder = mkdtempSync(join(tmpdir(), "cold-start-"));
const importsFile = join(folder, "imports");
const recorder = fileURLToPath(new URL("record-imports.ts", import.meta.url));

/** Nothing of whoever runs this but where programs are: no cluster, no model, no key. */
const env = {
  PATH: process.env.PATH,
  HOME: folder,
  DATABASE_PATH: join(folder, "sandbox.db"),
  NODE_COMPILE_CACHE: join(folder, "compile-cache"),
};

const node = (...args: readonly string[]): Program => ({ command: process.execPath, args, env });

const nothing = node("-e", "0");
const main = node("src/main.ts", "--sandbox");
const npmStart: Program = {
  command: "npm",
  args: ["start", "--silent", "--", "--sandbox"],
  env: {
    ...env,
    npm_config_update_notifier: "false",
    // Empty settings count as unset, and win over those of a .env file.
    ...{ OPENAI_API_KEY: "", OPENAI_BASE_URL: "", OPENAI_MODEL: "", POLICY_FILE: "" },
  },
};

async function compareStarts() {
  const first = await askFirst(main);
  await askFirst(npmStart);
  const starts = { nothing: [] as Start[], main: [] as Start[], npmStart: [] as Start[] };
  for (let round = 0; round < rounds; round++) {
    starts.nothing.push({ ms: await runOnce(nothing) });
    starts.main.push(await askFirst(main));
    starts.npmStart.push(await askFirst(npmStart));
  }
  const medianMs = (of: readonly Start[]) => median(of.map(({ ms }) => ms));
  const idleRssMb = median(starts.main.flatMap(({ idleRssMb: rss }) => rss ?? []));
  return {
    nodeMs: medianMs(starts.nothing),
    firstStartMs: first.ms,
    secondStartMs: medianMs(starts.main),
    npmStartMs: medianMs(starts.npmStart),
    idleRssMb,
  };
}

/** What each package that is loaded until the first answer costs, loaded alone and for the second time. */
async function costOfImports(nodeMs: number) {
  const recording = node("--import", recorder, ...main.args);
  await askFirst({ ...recording, env: { ...env, IMPORTS_FILE: importsFile } });
  const costs: { readonly name: string; readonly ms: number }[] = [];
  for (const name of readFileSync(importsFile, "utf8").split("\n")) {
    const program = node("--input-type=module", "-e", `await import(${JSON.stringify(name)})`);
    await runOnce(program);
    const times: number[] = [];
    for (let round = 0; round < importRounds; round++) times.push(await runOnce(program));
    costs.push({ name, ms: median(times) - nodeMs });
  }
  return costs.sort((a, b) => b.ms - a.ms);
}

type Starts = Awaited<ReturnType<typeof compareStarts>>;

function printStarts({ nodeMs, firstStartMs, secondStartMs, npmStartMs, idleRssMb }: Starts) {
  const row = (what: string, ms: number) => ({
    "": what,
    ms: Math.round(ms),
    "x node -e 0": rounded(ms / nodeMs),
  });
  printTable(`From the start to the first answer (${rounds} rounds, medians)`, [
    row("node -e 0, to its end", nodeMs),
    row("node src/main.ts, for the first time", firstStartMs),
    row("node src/main.ts, again", secondStartMs),
    row("npm start, again", npmStartMs),
  ]);
  print(`Idle after the answer: ${Math.round(idleRssMb)} MB resident.`);
}

try {
  const starts = await compareStarts();
  printStarts(starts);
  const imports = await costOfImports(starts.nodeMs);
  printTable(
    "What is left to gain: the packages loaded by then, each imported alone (they share parts)",
    imports.map(({ name, ms }) => ({ "": name, ms: Math.round(ms) })),
  );
  printFigures({
    nodeMs: rounded(starts.nodeMs),
    firstStartMs: rounded(starts.firstStartMs),
    secondStartMs: rounded(starts.secondStartMs),
    npmStartMs: rounded(starts.npmStartMs),
    secondStartToNode: rounded(starts.secondStartMs / starts.nodeMs),
    idleRssMb: rounded(starts.idleRssMb),
    importMs: Object.fromEntries(imports.map(({ name, ms }) => [name, rounded(ms)])),
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
