import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { FakeSlackConnection } from "#test/support/fake-slack/fake-slack.ts";
import { startProgram } from "#test/support/program.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";

const envOf = ({ botToken, appToken, apiUrl }: FakeSlackConnection) => ({
  SLACK_BOT_TOKEN: botToken,
  SLACK_APP_TOKEN: appToken,
  SLACK_API_URL: apiUrl,
});

const connected = (slack: Awaited<ReturnType<typeof startFakeSlack>>) =>
  slack.fake.recorder.eventually(
    "two sockets",
    () => slack.fake.socket.connections().length === 2 || undefined,
    20_000,
  );

/** What is there for a person to read, beside the log. */
const said = (stderr: string) => stderr.split("\n").filter((line) => line && !line.startsWith("{"));

it("runs in Slack where Slack is configured, until it is told to stop", async () => {
  const slack = await startFakeSlack();
  const program = await startProgram("main", { env: envOf(slack.connection) });
  await connected(slack);
  await sleep(500);

  program.kill("SIGTERM");

  const { exitCode, stderr, stdout } = await program.ended;
  expect(exitCode).toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain("listening in slack");
  expect(stderr).not.toMatch(/xoxb-fake|xapp-fake/);
  expect(slack.fake.socket.connections()).toEqual([]);
});

it("does not run where Slack refuses the token, and says so in one line", async () => {
  const slack = await startFakeSlack();
  slack.fake.faults.always("auth.test", { kind: "error", error: "invalid_auth" });
  const program = await startProgram("main", { env: envOf(slack.connection) });

  const { exitCode, stderr } = await program.ended;

  expect(exitCode).toBe(1);
  expect(said(stderr).at(-1)).toMatch(/^Slack refuses SLACK_BOT_TOKEN \(invalid_auth\)/);
});

it("does not run without the channel that it is to tell, and says so in one line", async () => {
  const slack = await startFakeSlack({ channels: [{ id: "C0GENERAL", name: "general" }] });
  const program = await startProgram("main", { env: envOf(slack.connection) });

  const { exitCode, stdout, stderr } = await program.ended;

  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(said(stderr)).toEqual([
    expect.stringMatching(/^There is no channel #proxmox that I can see/),
  ]);
});

it("does not run where Slack refuses the app's token, and says so in one line", async () => {
  const slack = await startFakeSlack();
  slack.fake.credentials.revoked.set(slack.connection.appToken, "token_revoked");
  const program = await startProgram("main", { env: envOf(slack.connection) });

  const { exitCode, stderr } = await program.ended;

  expect(exitCode).toBe(1);
  expect(said(stderr)).toEqual([expect.stringMatching(/SLACK_APP_TOKEN.*token_revoked/)]);
});

it("ends for its supervisor when Slack will not have it any more", async () => {
  const slack = await startFakeSlack();
  const program = await startProgram("main", { env: envOf(slack.connection) });
  await connected(slack);

  slack.fake.socket.disconnect("link_disabled");

  const { exitCode, stderr } = await program.ended;
  expect(exitCode).toBe(1);
  expect(said(stderr).at(-1)).toMatch(/^Socket Mode is switched off/);
});
