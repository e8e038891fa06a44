import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { allPrivileges } from "#src/simulator/privileges.ts";
import { filesLeftIn, leaksIn, secretSettings, secretsIn } from "#test/support/canaries.ts";
import { findingsOf } from "#test/support/doctor.ts";
import type { ServerRequest, ServerScript } from "#test/support/openai-server.ts";
import { type OutsideWorld, startOutsideWorld } from "#test/support/outside-world.ts";
import { runProgram, startProgram } from "#test/support/program.ts";
import { startModel } from "#test/support/program-model.ts";

type Secrets = Readonly<Record<string, string>>;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const hex = (bytes: number) => randomBytes(bytes).toString("hex");

/** What a person has pasted, and is none of the program's. */
const pasted = {
  "a Slack token of a person's": `xoxb-2041-7733-${hex(12)}`,
  "an OpenAI key of a person's": `sk-proj-${hex(24)}`,
  "a Proxmox token of a person's": `ci@pve!build=${randomUUID()}`,
};

const tokens = [
  { id: "agent@pve!main", secret: randomUUID() },
  { id: "agent-delete@pve!main", secret: randomUUID() },
] as const;
const [token, deletionToken] = tokens;

const seed = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local", content: "rootdir,images,backup" }],
  guests: [101, 102, 103].map((vmid) => ({
    vmid,
    kind: "lxc" as const,
    // A secret may be a name: Proxmox's own are.
    name: vmid === 101 ? token.secret : `guest-${vmid}`,
    node: "pve1",
    status: "running" as const,
    tags: vmid === 101 ? [deletionToken.secret] : [],
    notes: `root is ${token.secret}, or ${base64(deletionToken.secret)}`,
  })),
};

/** A program's settings, of which each secret is a canary. */
function environmentOf(world: OutsideWorld, model: Secrets): Secrets {
  for (const { id, secret } of tokens) {
    const grants = [{ path: "/", privileges: [...allPrivileges] }];
    world.simulator.controls.token({ id, secret, grants });
  }
  return {
    ...world.env(),
    ...model,
    PROXMOX_TOKEN_ID: token.id,
    PROXMOX_TOKEN_SECRET: token.secret,
    PROXMOX_DELETE_TOKEN_ID: deletionToken.id,
    PROXMOX_DELETE_TOKEN_SECRET: deletionToken.secret,
    SLACK_SIGNING_SECRET: world.connection.signingSecret,
    BACKUP_STORAGE: "local",
    LOG_LEVEL: "trace",
  };
}

/** Repeats all it has been told, and everything secret besides, as if it had guessed it. */
function indiscreet(secrets: () => Secrets): ServerScript {
  const everything = ({ results }: ServerRequest) =>
    Object.values(secrets())
      .flatMap((secret) => [secret, base64(`key ${secret}`), encodeURIComponent(secret)])
      .concat(results)
      .join(" and ");
  return (request) => {
    const { lastUserText, results } = request;
    if (lastUserText.includes("break")) {
      return { status: 400, body: { error: { message: `not with ${everything(request)}` } } };
    }
    const call = results.length === 0 ? callFor(lastUserText, secrets()) : undefined;
    return call ? { calls: [call] } : { text: everything(request) };
  };
}

/** What is called for when a person says this. */
function callFor(said: string, secrets: Secrets) {
  const shutDown = (guest: number) => ({ name: "shutdown_guest", args: { guest } });
  if (said.includes("notes of 101")) return { name: "get_guest", args: { guest: 101 } };
  if (said.includes("by its key")) {
    return { name: "get_guest", args: { guest: secrets.OPENAI_API_KEY } };
  }
  if (said.includes("is refused")) return shutDown(101);
  if (said.includes("task fails")) return shutDown(102);
  if (!said.includes("delete 103")) return undefined;
  return { name: "schedule_deletion", args: { guest: 103, when: "in 3 hours", backup: null } };
}

it("shows no credential to anybody, whoever sends them back", { timeout: 90_000 }, async () => {
  const world = await startOutsideWorld(seed);
  onTestFinished(() => world[Symbol.asyncDispose]());
  const { simulator, google, slack, folder } = world;
  let secrets: Secrets = {};
  const { server, env: model } = await startModel(indiscreet(() => secrets));
  const env = environmentOf(world, model);
  secrets = secretsIn(env);
  const { fault, taskEnding } = simulator.controls;
  const echo = `Authorization: PVEAPIToken=${token.id}=${token.secret}`;
  const body = JSON.stringify({ data: null, message: echo, errors: { token: token.secret } });
  google.faults.next("list", {
    kind: "error",
    status: 500,
    reason: `${secrets.GOOGLE_SERVICE_ACCOUNT_JSON}`,
  });
  slack.faults.always("views.publish", {
    kind: "error",
    error: `bad_token ${secrets.SLACK_BOT_TOKEN}`,
  });
  const program = await startProgram("main", { env, folder });
  const connected = () => slack.socket.connections().length === 2 || undefined;
  await slack.recorder.eventually("the program in Slack", connected, 20_000);
  const alice = slack.person("U0ALICE");
  const ask = async (text: string, matching: string | RegExp) => {
    const { ts: thread } = alice.says(alice.dm, text);
    return slack.waitForMessage({ thread, matching }, 15_000);
  };

  alice.opensHome();
  await ask(`keep ${Object.values({ ...pasted, ...secrets }).join(" ")} for me`, "‹secret›");
  await ask("what do the notes of 101 say?", "‹secret›");
  await ask("show it by its key", "‹secret›");
  fault({ path: "*/shutdown", action: { kind: "answer", status: 403, reason: echo, body } });
  await ask("do what is refused", "‹secret›");
  taskEnding({ type: "vzshutdown", exitStatus: `command failed: ${echo}` });
  await ask("do what the task fails at", "‹secret›");
  await ask("break", "planner");
  const card = await ask("delete 103 in 3 hours", "confirmation_approve");
  alice.clicks(card, { actionId: "confirmation_approve" });
  await alice.submits(await slack.waitForView("U0ALICE"), { typed_name: "guest-103" });
  await expect.poll(() => google.count("insert"), { timeout: 15_000 }).toBe(1);
  alice.runs(`/pve freeze ${secrets.OPENAI_API_KEY} is out`);
  await slack.waitForMessage({ channel: "C0PROXMOX", matching: "‹secret› is out" }, 15_000);

  const kept = Object.entries(await filesLeftIn(folder));
  program.kill("SIGTERM");
  const ended = await program.ended;
  const exported = await runProgram("audit", [], { args: ["export"], env, folder });
  const keyFile = join(folder, "key.json");
  await writeFile(keyFile, env.GOOGLE_SERVICE_ACCOUNT_JSON ?? "");
  fault({ times: 2, action: { kind: "answer", status: 500, reason: echo, body } });
  const doctors = {
    ...env,
    GOOGLE_SERVICE_ACCOUNT_JSON: "",
    GOOGLE_APPLICATION_CREDENTIALS: keyFile,
    DATABASE_PATH: join(folder, "agent.db"),
    POLICY_FILE: join(folder, "policy.yaml"),
  };
  const findings = await findingsOf(doctors);

  // Each credential there is was one of the canaries.
  expect(Object.keys({ ...secrets, GOOGLE_APPLICATION_CREDENTIALS: keyFile }).sort()).toEqual(
    [...secretSettings].sort(),
  );
  const accessTokens = google.requests.map(({ headers }) => headers.authorization?.slice(7) ?? "");
  const told = {
    "standard output": ended.stdout,
    "the log": ended.stderr,
    Slack: JSON.stringify(slack.calls().map(({ args }) => args)),
    "what Slack shows": JSON.stringify(slack.messages().filter(({ botId }) => botId)),
    "the prompts": JSON.stringify(server.requests.map(({ body: prompt }) => prompt)),
    "the calendar": JSON.stringify(
      google.requests.map(({ body: event, query }) => [event, `${query}`]),
    ),
    "the export": exported.stdout + exported.stderr,
    "the doctor's findings": JSON.stringify(findings),
    ...Object.fromEntries(kept.map(([name, text]) => [`${name} while it runs`, text])),
    ...(await filesLeftIn(folder)),
  };
  const known = {
    ...secrets,
    ...Object.fromEntries(
      Object.entries(pasted).map(([name, text]) => [name, text.split("=").at(-1) ?? ""]),
    ),
    "an access token": accessTokens.find((one) => one !== "") ?? "",
  };
  expect(leaksIn(told, known)).toEqual([]);
  // Else there was nothing to be found.
  for (const text of Object.values(told).slice(1)) expect(text).not.toBe("");
  expect(exported.stdout).toContain("‹secret›");
});
