import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { testFolder } from "#test/support/program.ts";
import { socketSettings, startFakeSlack } from "#test/support/slack-transport.ts";

const kills = 20;
const messages = 200;
const program = fileURLToPath(new URL("../support/slack-program.ts", import.meta.url));

/** Numbers from 0 to 1, the same ones for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

it(`answers each of ${messages} messages and acts on none twice, killed ${kills} times`, async () => {
  const random = randomFrom(20_261_121);
  const { fake, connection } = await startFakeSlack({
    ackTimeoutMs: 500,
    retryDelaysMs: Array<number>(200).fill(200),
  });
  const folder = await testFolder();
  const actsFile = join(folder, "acts");
  writeFileSync(actsFile, "");
  const settings = JSON.stringify(socketSettings(connection));
  let child: ChildProcess | undefined;
  onTestFinished(() => void child?.kill("SIGKILL"));
  const start = () => {
    child = spawn(process.execPath, [program, settings, join(folder, "db"), actsFile], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compile-cache") },
    });
    return child;
  };

  const alice = fake.person("U0ALICE");
  const texts = Array.from({ length: messages }, (_, index) => `message ${index}`);
  const unsaid = [...texts];
  /** Ten messages over about as long as a process lives. */
  const speak = async () => {
    for (const text of unsaid.splice(0, messages / kills)) {
      alice.says(alice.dm, text);
      await sleep(random() * 60);
    }
  };

  for (let kill = 0; kill < kills; kill++) {
    const running = start();
    await fake.recorder.eventually("a socket", () => fake.socket.connections()[0], 15_000);
    const spoken = speak();
    await sleep(random() * 400);
    running.kill("SIGKILL");
    await Promise.all([once(running, "exit"), spoken]);
  }
  start();
  const answersTo = (text: string) =>
    fake.recorder.calls.filter(
      ({ method, ok, args }) =>
        method === "chat.postMessage" && ok && String(args.text).endsWith(`: ${text}`),
    );
  const unanswered = () => texts.filter((text) => answersTo(text).length === 0);
  await fake.recorder.eventually(
    "every answer",
    () => unanswered().length === 0 || undefined,
    60_000,
  );

  const acts = Map.groupBy(readFileSync(actsFile, "utf8").trim().split("\n"), (text) => text);
  const twice = [...acts.values()].filter((same) => same.length > 1).length;
  const found = texts.filter((text) =>
    answersTo(text).some(({ args }) => String(args.text).startsWith("found begun")),
  );
  process.stdout.write(
    `${messages} messages, ${kills} kills: ${unanswered().length} unanswered, ${twice} acted on twice, ${found.length} found begun by a killed process.\n`,
  );
  expect({ unanswered: unanswered(), twice }).toEqual({ unanswered: [], twice: 0 });
  // Else no kill came where it matters.
  expect(found.length).toBeGreaterThan(0);
}, 180_000);
