import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { leaksIn, secretsIn } from "./canaries.ts";
import type { FakeSlackOptions } from "./fake-slack/fake-slack.ts";
import { type Ended, type RunningProgram, startProgram, testFolder } from "./program.ts";
import { type RunningFakeSlack, startFakeSlack } from "./slack-transport.ts";

/** The people of the fake workspace as the sandbox knows them. */
const policy = `
users:
  - { id: U0ALICE, name: Alice, role: admin, owner: alice, timezone: Europe/Vienna }
  - { id: U0BOB, name: Bob, role: operator, owner: bob }
unknown_users: viewer
`;

interface Options {
  /** The workspace, or what it has; a usual one when omitted. */
  readonly slack?: RunningFakeSlack | FakeSlackOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** Where an earlier program ran, to go on from there. */
  readonly folder?: string;
  /** The port where Slack calls it, in place of Socket Mode. */
  readonly overHttp?: number;
}

/** The real program in a fake workspace. */
export interface ProgramInSlack extends RunningFakeSlack {
  readonly program: RunningProgram;
  readonly folder: string;
  /** Ends it as a supervisor does, and looks whether anything is amiss that Slack lets pass. */
  leave(): Promise<Ended>;
}

/** Starts what `npm start` runs, and waits until it listens in Slack. */
export async function startInSlack(options: Options = {}): Promise<ProgramInSlack> {
  const slack = await toRunning(options.slack);
  const { program, folder, env } = await startWithSlack(slack, options);
  await Promise.race([
    options.overHttp ? reachable(slack, options.overHttp) : connected(slack),
    program.ended.then(({ stderr }) => expect.fail(`The program ended: ${stderr}`)),
  ]);
  return {
    ...slack,
    program,
    folder,
    async leave() {
      program.kill("SIGTERM");
      const ended = await program.ended;
      expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
      expectNothingAmiss(slack);
      const told = JSON.stringify(slack.fake.calls().map(({ args }) => args));
      expect(leaksIn({ slack: told }, secretsIn(env))).toEqual([]);
      return ended;
    },
  };
}

function connected({ fake }: RunningFakeSlack): Promise<unknown> {
  const both = () => fake.socket.connections().length === 2 || undefined;
  return fake.recorder.eventually("the program in Slack", both, 20_000);
}

async function reachable({ fake }: RunningFakeSlack, port: number): Promise<void> {
  fake.http.url = `http://127.0.0.1:${port}/`;
  const greeted = () => fake.http.verifyUrl("hello").then(({ body }) => body, String);
  await expect.poll(greeted, { timeout: 20_000 }).toContain("hello");
}

/** Starts it where it may not get far. */
export async function startWithSlack(
  { connection }: RunningFakeSlack,
  options: Omit<Options, "slack"> = {},
): Promise<Pick<ProgramInSlack, "program" | "folder"> & Required<Pick<Options, "env">>> {
  const folder = options.folder ?? (await testFolder());
  await writeFile(join(folder, "policy.yaml"), policy);
  const env = {
    SLACK_BOT_TOKEN: connection.botToken,
    ...(options.overHttp === undefined
      ? { SLACK_APP_TOKEN: connection.appToken }
      : {
          SLACK_SIGNING_SECRET: connection.signingSecret,
          SLACK_PORT: String(options.overHttp),
        }),
    SLACK_API_URL: connection.apiUrl,
    SLACK_CHANNEL: "#proxmox",
    POLICY_FILE: "policy.yaml",
    DATABASE_PATH: "agent.db",
    // Says the most, and so may give the most away.
    LOG_LEVEL: "trace",
    ...options.env,
  };
  return { program: await startProgram("main", { folder, env }), folder, env };
}

/** Nothing that Slack accepts and people suffer from, no call that Slack refused. */
export function expectNothingAmiss({ fake }: RunningFakeSlack): void {
  const { warnings, pings } = fake.recorder;
  const refused = fake.calls().filter(({ ok, fault }) => ok === false && fault === undefined);
  expect({ warnings, pings, refused }).toEqual({ warnings: [], pings: [], refused: [] });
}

async function toRunning(slack: Options["slack"] = {}): Promise<RunningFakeSlack> {
  return "fake" in slack ? slack : startFakeSlack(slack);
}
