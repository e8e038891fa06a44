import { expect, it } from "vitest";
import type { Item } from "#src/agent/model.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const everyKind: readonly Item[] = [
  { type: "user", text: "list" },
  { type: "reasoning", api: "responses", payload: { id: "rs_1", encrypted_content: "…" } },
  { type: "assistant", text: "Let me see." },
  { type: "tool-call", callId: "c1", name: "list_guests", argumentsJson: "{}" },
  { type: "tool-result", callId: "c1", output: "101 ct web-01" },
  { type: "assistant", text: "One." },
  { type: "event", text: "Alice confirmed it." },
];

describeOnEveryDatabase("the session store", ({ open }) => {
  async function setUp() {
    const db = await open();
    return createSessionStore({ db, clock: clockAt("2026-11-24T12:00:00Z") });
  }

  it("gives back every kind of item, in order", async () => {
    const sessions = await setUp();

    await sessions.append("a", everyKind.slice(0, 3));
    await sessions.append("a", everyKind.slice(3));

    expect(await sessions.load("a", 1000)).toEqual(everyKind);
  });

  it("keeps conversations apart", async () => {
    const sessions = await setUp();

    await sessions.append("a", [{ type: "user", text: "one" }]);
    await sessions.append("b", [{ type: "user", text: "two" }]);

    expect(await sessions.load("b", 1000)).toEqual([{ type: "user", text: "two" }]);
    expect(await sessions.load("c", 1000)).toEqual([]);
  });

  it("starts a very long conversation with a user's message", async () => {
    const sessions = await setUp();
    const segment = (callId: string): readonly Item[] => [
      { type: "user", text: "again" },
      { type: "tool-call", callId, name: "list_guests", argumentsJson: "{}" },
      { type: "tool-result", callId, output: "none" },
    ];
    for (let index = 0; index < 200; index++) await sessions.append("a", segment(`c${index}`));
    const later: Item = { type: "event", text: "Alice confirmed it." };
    await sessions.append("a", [later, later]);

    const items = await sessions.load("a", 1_000_000);

    expect(items[0]).toEqual({ type: "user", text: "again" });
    expect(items.length).toBeLessThanOrEqual(400);
    expect(items.length % 3).toBe(2);
  });

  it("keeps of each conversation no more than is ever read", async () => {
    const db = await open();
    const sessions = createSessionStore({ db, clock: clockAt("2026-11-24T12:00:00Z") });
    const said = (text: string): Item => ({ type: "user", text });
    await sessions.append("b", [said("other")]);
    const many = Array.from({ length: 399 }, (_, index) => said(`${index}`));

    await sessions.append("a", many);
    await sessions.append("a", [said("399"), said("400"), said("401")]);

    const rows = await db.selectFrom("session_item").select(["conversation", "item"]).execute();
    const texts = rows.map(({ conversation, item }) => `${conversation} ${JSON.parse(item).text}`);
    expect(texts).toHaveLength(401);
    expect(texts).toContain("b other");
    expect(texts).toContain("a 401");
    expect(texts).not.toContain("a 1");
  });
});
