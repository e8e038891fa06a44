import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { complaints, findingsOf, only, temporaryFolder } from "#test/support/doctor.ts";
import type { FakeSlackOptions } from "#test/support/fake-slack/fake-slack.ts";
import { DEFAULT_SCOPES } from "#test/support/fake-slack/manifest.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";

/** A workspace that all is well with, and what configures it. */
async function startWorkspace(options?: FakeSlackOptions) {
  const { fake, connection } = await startFakeSlack(options);
  const { botToken, appToken, apiUrl } = connection;
  const env = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl };
  return { fake, connection, env };
}

describe("Slack, to the doctor", () => {
  it("is not configured, which is well", async () => {
    expect(only(await findingsOf({}, "slack"), "ok").message).toContain("not configured");
  });

  it("is well when tokens, scopes and channel are", async () => {
    const { fake, env } = await startWorkspace();

    const findings = await findingsOf(env, "slack");

    expect(complaints(findings)).toEqual([]);
    expect(findings.map(({ message }) => message)).toEqual([
      "Slack accepts the bot token: it is @pve in Fake.",
      "Every scope that the program needs was granted.",
      "The app-level token opens connections (Socket Mode).",
      "The channel #proxmox (C0PROXMOX) hears of everything.",
    ]);
    // Else it would take away what is meant for the program that runs.
    expect(fake.socket.connections()).toEqual([]);
  });

  it("refuses the bot token, and no secret is shown", async () => {
    const { fake, env } = await startWorkspace();
    fake.credentials.revoked.set(env.SLACK_BOT_TOKEN, "token_revoked");

    const findings = await findingsOf(env, "slack");

    expect(only(findings, "failure")).toMatchObject({
      message: "Slack refuses SLACK_BOT_TOKEN: token_revoked.",
      fix: [expect.stringContaining("OAuth & Permissions")],
    });
    expect(JSON.stringify(findings)).not.toMatch(/xoxb-fake|xapp-fake/);
  });

  it("refuses the app-level token", async () => {
    const { fake, env } = await startWorkspace();
    fake.faults.always("apps.connections.open", { kind: "error", error: "missing_scope" });

    const failure = only(await findingsOf(env, "slack"), "failure");

    expect(failure.message).toBe("Slack refuses SLACK_APP_TOKEN: missing_scope.");
    expect(failure.fix?.join()).toContain("connections:write");
  });

  it("did not grant everything that the manifest asks for", async () => {
    const { env } = await startWorkspace({ scopes: ["channels:read", "groups:read"] });

    const failure = only(await findingsOf(env, "slack"), "failure");

    expect(failure.details?.map((line) => line.split(": ")[0])).toEqual(
      DEFAULT_SCOPES.filter((scope) => !/^(channels|groups):read$/.test(scope)),
    );
    expect(failure.fix?.join()).toContain("data/slack/manifest.json");
  });

  it("did not grant what is of use only here and there, which is a warning", async () => {
    const scopes = DEFAULT_SCOPES.filter((scope) => scope !== "usergroups:read");
    const { env } = await startWorkspace({ scopes });

    const { details } = only(await findingsOf(env, "slack"), "warning");

    expect(details).toEqual(["usergroups:read: without it roles of user groups do not count"]);
  });

  it("granted more than is ever used", async () => {
    const { env } = await startWorkspace({ scopes: [...DEFAULT_SCOPES, "files:write"] });

    expect(only(await findingsOf(env, "slack"), "note").message).toContain("files:write");
  });

  it.each([
    ["#nowhere", "There is no channel #nowhere"],
    ["#general", "I am not in #general"],
  ])("has no use for the channel %s", async (channel, sentence) => {
    const { fake, env } = await startWorkspace();
    fake.workspace.channels.get("C0GENERAL")?.members.delete(fake.workspace.bot.userId);

    const failure = only(await findingsOf({ ...env, SLACK_CHANNEL: channel }, "slack"), "failure");

    expect(failure.message).toContain(sentence);
    expect(failure.fix?.join()).toContain("/invite");
  });

  it("is away, which is said once for each token", async () => {
    const { fake, env } = await startWorkspace();
    fake.faults.always("*", { kind: "reset" });

    const findings = complaints(await findingsOf(env, "slack"));

    expect(findings).toHaveLength(2);
    expect(findings[0]?.message).toContain("Slack cannot be reached");
  });

  it("calls over HTTP, which is for Slack to check", async () => {
    const { connection, env } = await startWorkspace();
    const { SLACK_APP_TOKEN: _, ...common } = env;
    const settings = { ...common, SLACK_SIGNING_SECRET: connection.signingSecret };

    const note = only(await findingsOf(settings, "slack"), "note");

    expect(note.message).toContain("port 3000");
    expect(note.fix?.join()).toContain("Request URL");
  });
});

describe("the people in Slack", () => {
  const policyWith = (text: string) => {
    const file = join(temporaryFolder(), "policy.yaml");
    writeFileSync(file, text);
    return file;
  };
  const judge = async (policy: string) => {
    const { env } = await startWorkspace();
    return findingsOf({ ...env, POLICY_FILE: policyWith(policy) }, "people");
  };

  it("are counted by their member IDs and groups", async () => {
    const findings = await judge(
      "users: [{ id: U0ALICE, role: admin }]\ngroups: [{ id: S0OPS, role: operator }]\nunknown_users: viewer\n",
    );

    expect(complaints(findings)).toEqual([]);
    expect(findings.at(-1)?.message).toBe(
      "People of Slack that the policy names: 1, groups: 1. Everybody else in Slack has the role viewer.",
    );
  });

  it("are nobody where the policy knows only the names at the terminal", async () => {
    const warning = only(await judge("users: [{ id: alice, role: admin }]\n"), "warning");

    expect(warning.message).toBe(
      "The policy names nobody of Slack by the member ID. Everybody else in Slack may do nothing.",
    );
    expect(warning.fix?.join()).toContain("U0123456789");
  });
});
