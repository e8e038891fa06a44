import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { openCalendar } from "#src/app/calendar.ts";
import { silentLogger as log } from "#src/log.ts";
import { clockAt } from "#test/support/clock.ts";
import { databaseFile, testDatabase } from "#test/support/database.ts";
import { newEvent } from "./events.ts";

it("writes no secret into an event, nor into the file that shows it to calendar programs", async () => {
  const { signal } = new AbortController();
  const feedPath = join(dirname(databaseFile()), "agent.ics");
  const { calendar } = await openCalendar({
    config: { kind: "local", feedPath },
    db: await testDatabase(),
    clock: clockAt("2026-11-21T10:00:00Z"),
    log,
    redact: (text) => text.replaceAll("hunter2", "***"),
  });
  const event = newEvent({ title: "Delete hunter2", description: "It is hunter2." });

  const { etag, startsAt } = await calendar.insert(event, signal);
  const changed = await calendar.change(event.id, etag, { title: "Keep hunter2" }, signal);

  expect(changed).toMatchObject({ title: "Keep ***" });
  expect(startsAt).toEqual(event.startsAt);
  const feed = readFileSync(feedPath, "utf8");
  expect(feed).toContain("It is ***.");
  expect(feed).not.toContain("hunter2");
});
