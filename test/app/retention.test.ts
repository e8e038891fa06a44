import { expect, it } from "vitest";
import { keepTidy } from "#src/app/retention.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";

it.each([
  [89, 1],
  [91, 0],
])("keeps what is over for 90 days: after %i days, %i of it is left", async (days, left) => {
  const db = await testDatabase();
  const clock = clockAt("2026-08-01T12:00:00Z");
  const outbox = createOutboxStore(db, clock);
  await outbox.add({ key: "audit:1", recipient: "channel", message: "news" });
  await outbox.markSent("audit:1", "C1/1");
  clock.advance({ hours: days * 24 });

  await keepTidy({ db, clock, log: silentLogger })[Symbol.asyncDispose]();

  expect(await outbox.countSent(["audit:1"])).toBe(left);
});
