import { describe, expect, it } from "vitest";
import { PublicError } from "#src/errors.ts";
import { silentLogger } from "#src/log.ts";
import { readIdentity } from "#src/slack/identity.ts";
import { createWebClients } from "#src/slack/web-clients.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";

const patience = { attempts: 3, firstDelay: 10, longestDelay: 20 };

async function setup() {
  const { fake, connection } = await startFakeSlack();
  const web = createWebClients(connection, silentLogger).interactive;
  const { signal } = new AbortController();
  const calls = () => fake.recorder.calls.filter(({ method }) => method === "auth.test").length;
  return { fake, calls, read: () => readIdentity(web, signal, patience) };
}

describe("who we are", () => {
  it("is what Slack says", async () => {
    const { read } = await setup();

    expect(await read()).toEqual({
      teamId: "T0FAKE",
      enterpriseId: undefined,
      botUserId: "U0BOT",
      botId: "B0BOT",
    });
  });

  it("is asked again while Slack is in trouble", async () => {
    const { fake, read } = await setup();
    fake.faults.next("auth.test", { kind: "error", error: "internal_error" });
    fake.faults.next("auth.test", { kind: "error", error: "service_unavailable" });

    expect(await read()).toMatchObject({ teamId: "T0FAKE" });
  });

  it.each(["invalid_auth", "account_inactive", "token_revoked"])(
    "is not asked again after %s",
    async (error) => {
      const { fake, calls, read } = await setup();
      fake.faults.always("auth.test", { kind: "error", error });

      const failure = await read().catch((thrown: unknown) => thrown);

      expect(failure).toBeInstanceOf(PublicError);
      expect(failure).toMatchObject({
        message: expect.stringContaining(`Slack refuses SLACK_BOT_TOKEN (${error})`),
      });
      expect(calls()).toBe(1);
    },
  );

  it("remains unknown when Slack stays away", async () => {
    const { fake, read } = await setup();
    fake.faults.always("auth.test", { kind: "error", error: "internal_error" });

    await expect(read()).rejects.toThrow(/^Slack did not say who we are/);
  });
});
