import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it, onTestFinished } from "vitest";
import { complaints, findingsOf, only, temporaryFolder } from "#test/support/doctor.ts";
import { type FakeGoogle, startFakeGoogle } from "#test/support/fake-google/fake-google.ts";

const tomorrow = Temporal.Now.instant().add({ hours: 24 });

describe("the calendar in the database", () => {
  it("is well, and in no file where nothing is kept", async () => {
    expect(await findingsOf({}, "calendar")).toEqual([
      {
        about: "calendar",
        level: "ok",
        message: "Scheduled deletions are in a calendar in the database.",
      },
    ]);
  });

  it("tells where calendar programs can see it", async () => {
    const path = join(temporaryFolder(), "deletions.ics");

    const [finding] = await findingsOf({ CALENDAR_FEED: path }, "calendar");

    expect(finding).toMatchObject({
      level: "ok",
      message: `Scheduled deletions are in a calendar in the database, and in ${path} for calendar programs.`,
    });
  });

  it("that calendar programs cannot see is a warning", async () => {
    const path = join(temporaryFolder(), "missing", "deletions.ics");

    const found = only(await findingsOf({ CALENDAR_FEED: path }, "calendar"), "warning");

    expect(found.message).toContain(`${path} cannot be written (ENOENT)`);
    expect(found.fix?.join()).toContain("CALENDAR_FEED");
  });
});

describe("Google Calendar", () => {
  async function start() {
    const google = await startFakeGoogle();
    onTestFinished(() => google.stop());
    return { google, check: () => findingsOf(environmentOf(google), "calendar") };
  }

  function environmentOf({ apiRootUrl, tokenUrl, account, calendar }: FakeGoogle) {
    return {
      GOOGLE_CALENDAR_ID: calendar.id,
      GOOGLE_SERVICE_ACCOUNT_JSON: account.keyJson,
      GOOGLE_API_ROOT_URL: apiRootUrl,
      GOOGLE_TOKEN_URL: tokenUrl,
    };
  }

  it("that is shared as it has to be is well, and nothing in it is changed", async () => {
    const { google, check } = await start();
    await google.people.addForeign({ title: "Team lunch", startsAt: tomorrow });

    expect(await check()).toEqual([
      {
        about: "calendar",
        level: "ok",
        message:
          'The Google calendar "Deletions" (Europe/Berlin) can be read and changed; it has 1 event.',
      },
    ]);
    const operations = new Set(google.requests.map(({ operation }) => operation));
    expect([...operations].sort()).toEqual(["list", "token"]);
  });

  it("that may be read only is a failure that says where to share it", async () => {
    const { google, check } = await start();
    google.calendar.accessRole = "reader";

    const found = only(await check(), "failure");

    expect(found.message).toContain('"Deletions" may be read only (reader)');
    expect(found.fix?.join()).toContain("Make changes to events");
  });

  it("that is not shared is a failure that names who it is to be shared with", async () => {
    const { google, check } = await start();
    google.calendar.accessRole = "none";

    const found = only(await check(), "failure");

    expect(found.message).toContain(google.calendar.id);
    expect(found.message).toContain(google.account.email);
    expect(found.fix?.join()).toContain("SETUP.md");
  });

  it("that nobody answers for is a failure", async () => {
    const { google, check } = await start();
    google.faults.always("*", { kind: "reset" });

    expect(only(await check(), "failure").about).toBe("calendar");
  });

  it("whose key was withdrawn is a failure that shows nothing of the key", async () => {
    const { google, check } = await start();
    google.faults.always("token", { kind: "error", status: 400, reason: "invalid_grant" });

    const findings = await check();

    expect(only(findings, "failure").message).toContain(google.account.email);
    expect(JSON.stringify(findings)).not.toContain("PRIVATE KEY");
  });

  it("whose key is cut short is a failure, and the rest is checked nevertheless", async () => {
    const { google } = await start();
    const key = JSON.stringify({ ...JSON.parse(google.account.keyJson), private_key: "MIIE" });
    const env = { ...environmentOf(google), GOOGLE_SERVICE_ACCOUNT_JSON: key };

    const findings = await findingsOf(env);

    expect(only(findings, "failure").about).toBe("calendar");
    expect(findings.map(({ about }) => about)).toContain("people");
  });

  it.each([
    [5, []],
    [-30, ["warning"]],
    [90, ["failure"]],
  ])("whose clock is %i seconds off is judged by how much", async (seconds, levels) => {
    const { google, check } = await start();
    google.now = Temporal.Now.instant().add({ seconds });

    const found = complaints(await check());

    expect(found.map(({ level }) => level)).toEqual(levels);
    expect(found.every(({ message }) => message.startsWith("Google's clock is "))).toBe(true);
  });
});
