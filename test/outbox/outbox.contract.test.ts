import { expect, it } from "vitest";
import { silentLogger } from "#src/log.ts";
import { createOutboxSender, type Delivery, DeliveryError } from "#src/outbox/outbox-sender.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const notice: Notice = { key: "audit:7", recipient: "channel", message: "web-01 was deleted." };

const lost = new Error("socket hang up");

describeOnEveryDatabase("the outbox", ({ open }) => {
  /** An outbox with a notice in it, and senders that work it off as the test says. */
  async function setUp() {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const outbox = createOutboxStore(await open(), clock);
    await outbox.add(notice);
    const said: string[] = [];
    const say: Delivery = {
      async send({ message }) {
        said.push(message);
        return `C1/${said.length}`;
      },
      find: async () => undefined,
    };
    /** Has a sender do what there is to do. */
    async function work(other: Partial<Delivery> = {}) {
      const sender = createOutboxSender({
        outbox,
        clock,
        log: silentLogger,
        delivery: { ...say, ...other },
      });
      await sender.deliverDue(new AbortController().signal);
    }
    return { clock, outbox, said, work };
  }

  it("says a notice once, however often it is put in", async () => {
    const { outbox, said, work } = await setUp();

    expect(await outbox.add(notice)).toBe(false);
    await work();
    expect(await outbox.add(notice)).toBe(false);
    await work();

    expect(said).toEqual(["web-01 was deleted."]);
  });

  it("says one after another, the oldest first", async () => {
    const { outbox, said, work, clock } = await setUp();
    clock.advance({ seconds: 1 });
    await outbox.add({ ...notice, key: "audit:8", message: "web-02 was deleted." });

    await work();

    expect(said).toEqual(["web-01 was deleted.", "web-02 was deleted."]);
  });

  it("lets what people can answer wait for no flood of news", async () => {
    const { outbox, said, work, clock } = await setUp();
    clock.advance({ seconds: 1 });
    const about = { deletion: "d1", revision: 1 };
    await outbox.add({ key: "d1:1", recipient: "user:U1", message: "Keep it?", about });

    await work();

    expect(said).toEqual(["Keep it?", "web-01 was deleted."]);
  });

  it("tries again later what certainly did not arrive, without looking for it", async () => {
    const { said, work, clock } = await setUp();
    const refused = new DeliveryError("rate limited", { permanent: false });

    await work({ send: () => Promise.reject(refused) });
    await work();
    expect(said).toEqual([]);

    clock.advance({ seconds: 30 });
    await work({ find: () => Promise.reject(new Error("must not be asked")) });
    expect(said).toEqual(["web-01 was deleted."]);
  });

  it("looks for what may have arrived before it says it again", async () => {
    const { said, work, clock } = await setUp();

    await work({ send: () => Promise.reject(lost) });
    clock.advance({ minutes: 1 });
    await work({ find: async () => "C1/99" });
    clock.advance({ minutes: 1 });
    await work();

    expect(said).toEqual([]);
  });

  it("says again what may have arrived and is nowhere to be found", async () => {
    const { said, work, clock } = await setUp();

    await work({ send: () => Promise.reject(lost) });
    clock.advance({ minutes: 1 });
    await work();

    expect(said).toEqual(["web-01 was deleted."]);
  });

  it("takes over what a sender that died had begun, and looks for it first", async () => {
    const { outbox, said, work, clock } = await setUp();
    await outbox.claim();

    await work();
    expect(said).toEqual([]);

    clock.advance({ minutes: 5 });
    await work({ find: async () => "C1/99" });
    expect(said).toEqual([]);
  });

  it("gives up what can never arrive", async () => {
    const { said, work, clock } = await setUp();
    const gone = new DeliveryError("channel_not_found", { permanent: true });

    await work({ send: () => Promise.reject(gone) });
    clock.advance({ hours: 24 });
    await work();

    expect(said).toEqual([]);
  });

  it("waits longer from attempt to attempt, and never more than a quarter of an hour", async () => {
    const { work, clock, outbox } = await setUp();
    const delays: number[] = [];

    for (let attempt = 0; attempt < 8; attempt += 1) {
      await work({ send: () => Promise.reject(lost) });
      let waited = 0;
      for (; waited < 40; waited += 1) {
        clock.advance({ seconds: 30 });
        const found = await outbox.claim();
        if (!found) continue;
        await outbox.retry(found.key, clock.now().epochMilliseconds, "sending");
        break;
      }
      delays.push((waited + 1) * 30);
    }

    expect(delays).toEqual([30, 120, 480, 900, 900, 900, 900, 900]);
  });

  it("lets only one of two senders have a notice", async () => {
    const { outbox } = await setUp();

    const claims = await Promise.all([outbox.claim(), outbox.claim(), outbox.claim()]);

    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("lets only one of many senders have a notice that none has ended", async () => {
    const { outbox, clock } = await setUp();
    await outbox.claim();
    clock.advance({ minutes: 5 });

    const claims = await Promise.all([1, 2, 3, 4, 5].map(() => outbox.claim()));

    expect(claims.filter(Boolean)).toMatchObject([{ state: "sending", attempts: 1 }]);
  });

  it("leaves alone what is said while somebody takes it over", async () => {
    const { outbox, clock } = await setUp();
    await outbox.claim();
    clock.advance({ minutes: 5 });

    await Promise.all([outbox.claim(), outbox.markSent(notice.key, "C1/1")]);

    expect(await outbox.countSent([notice.key])).toBe(1);
  });

  it("does not say again what was said while a slower sender failed to", async () => {
    const { said, work, clock } = await setUp();
    const refused = new DeliveryError("rate limited", { permanent: false });

    await work({
      async send() {
        clock.advance({ minutes: 5 });
        await work();
        throw refused;
      },
    });
    clock.advance({ minutes: 1 });
    await work();

    expect(said).toEqual(["web-01 was deleted."]);
  });

  it("keeps what a notice is about, and counts which were said", async () => {
    const { outbox } = await setUp();
    await outbox.markDead(notice.key);
    const about = { deletion: "d1", revision: 2 };
    for (const key of ["a", "b", "c"]) await outbox.add({ ...notice, key, about });

    const first = await outbox.claim();
    expect(first).toMatchObject({ ...notice, key: expect.any(String), about, state: "new" });
    await outbox.markSent(first?.key ?? "", "C1/1");

    expect(await outbox.countSent(["a", "b", "c"])).toBe(1);
    expect(await outbox.countSent([notice.key])).toBe(0);
  });

  it("knows what was said and does not show yet how it ended, oldest first", async () => {
    const { outbox, clock } = await setUp();
    await outbox.markDead(notice.key);
    const about = { deletion: "d1", revision: 2 };
    for (const key of ["c", "b", "a", "not said"]) {
      clock.advance({ seconds: 1 });
      await outbox.add({ ...notice, key, about });
    }
    await outbox.add({ ...notice, key: "about nothing" });
    for (const key of ["c", "b", "a", "about nothing"]) await outbox.markSent(key, `C1/${key}`);
    await outbox.setStage("b", "over");
    await outbox.setStage("a", "closed");

    expect(await outbox.listUnsettled()).toEqual([
      { ...notice, key: "c", about, place: "C1/c", stage: "open" },
      { ...notice, key: "a", about, place: "C1/a", stage: "closed" },
    ]);
  });
});
