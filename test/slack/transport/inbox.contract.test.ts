import { expect, it } from "vitest";
import { createInbox } from "#src/slack/transport/inbox.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

describeOnEveryDatabase("the inbox", ({ open }) => {
  async function setUp() {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const db = await open();
    /** One of any number of processes. */
    const process = () => createInbox(db, clock);
    const inbox = process();
    const add = (key: string, body: unknown = {}) => inbox.add({ key, lane: "C1" }, body);
    return { clock, db, process, inbox, add };
  }

  it("takes what arrives several times once, also at the same time", async () => {
    const { inbox, add } = await setUp();

    const added = await Promise.all([1, 2, 3, 4].map(() => add("a")));

    expect(added.filter(Boolean)).toHaveLength(1);
    await inbox.finish("a", "done");
    expect(await add("a")).toBe(false);
  });

  it("gives back what arrived, whatever it was, and counts the attempts of all processes", async () => {
    const { process, inbox, add } = await setUp();
    const body = { text: "stop\u0000 web-01 🙂 'now'", n: 1, list: [null, true] };
    await add("a", body);

    expect(await inbox.begin("a")).toEqual({ body, attempt: 1 });
    expect(await process().begin("a")).toEqual({ body, attempt: 2 });
    await inbox.finish("a", "done");
    expect(await inbox.begin("a")).toBeUndefined();
  });

  it("remembers what is not finished, in the order of its arrival", async () => {
    const { process, inbox, add, clock } = await setUp();
    for (const key of ["c", "a", "d", "b"]) await add(key);
    clock.advance({ seconds: 1 });
    await inbox.begin("a");
    await inbox.finish("d", "dead");

    const keys = (await process().unfinished()).map(({ key }) => key);

    expect(keys).toEqual(["c", "a", "b"]);
  });

  it("keeps of what is finished only that it arrived, and that for a day", async () => {
    const { db, inbox, add, clock } = await setUp();
    await add("a", { text: "secret" });
    await inbox.finish("a", "done");
    const kept = () => db.selectFrom("inbox").select(["key", "payload"]).execute();

    clock.advance({ hours: 25 });
    expect(await inbox.prune()).toEqual({ givenUp: [] });
    expect(await kept()).toEqual([{ key: "a", payload: "" }]);
    clock.advance({ milliseconds: 1 });
    await inbox.prune();
    expect(await kept()).toEqual([]);
  });

  it("gives up what nobody finished in that time", async () => {
    const { inbox, add, clock } = await setUp();
    await add("a");
    clock.advance({ hours: 26 });

    expect(await inbox.prune()).toEqual({ givenUp: ["a"] });
    expect(await inbox.begin("a")).toBeUndefined();
  });
});
