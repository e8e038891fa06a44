import { expect, it } from "vitest";
import {
  type ConfirmationRequest,
  createConfirmationStore,
} from "#src/actions/confirmation-store.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { alice, bob } from "#test/support/people.ts";

const startedAt = "2026-11-24T12:00:00Z";

const request: ConfirmationRequest = {
  call: { tool: "stop_guest", input: { guest: "test-runner" } },
  target: { guest: aTarget() },
  hash: "h1",
  summary: "Cut the power of test-runner.",
  conversation: "c1",
  requestedBy: { id: bob.id, name: bob.name },
  requestedAt: Date.parse(startedAt),
};

describeOnEveryDatabase("the confirmation store", ({ open, openTwice }) => {
  async function setUp() {
    const clock = clockAt(startedAt);
    const store = createConfirmationStore(await open(), clock);
    return { clock, store };
  }

  it("keeps everything that a person has to see", async () => {
    const { store } = await setUp();

    const { id } = await store.add(request);

    const kept = await store.find(id);
    expect(kept).toMatchObject({
      ...request,
      state: "pending",
      expiresAt: request.requestedAt + 5 * 60_000,
    });
    expect(await store.pending("c1")).toEqual([kept]);
    expect(await store.pending("c2")).toEqual([]);
    expect(await store.find("other")).toBeUndefined();
  });

  it("keeps the same request once while it is open", async () => {
    const { store, clock } = await setUp();
    const first = await store.add(request);

    expect(await store.add(request)).toMatchObject(first);
    clock.advance({ minutes: 5 });
    expect((await store.add(request)).id).not.toBe(first.id);
  });

  it("keeps it once for many who ask at the same time", async () => {
    const { store } = await setUp();

    const added = await Promise.all([1, 2, 3, 4, 5].map(() => store.add(request)));

    expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  });

  it("lets a newer request of the same person for the same guest take the place of an older", async () => {
    const { store } = await setUp();
    const first = await store.add(request);

    await Promise.all(["h2", "h3", "h4"].map((hash) => store.add({ ...request, hash })));

    expect((await store.find(first.id))?.state).toBe("superseded");
    expect(await store.pending()).toHaveLength(1);
  });

  it("leaves alone what others asked for, or elsewhere, or another change, or another guest", async () => {
    const { store } = await setUp();
    await store.add(request);

    for (const [index, other] of [
      { requestedBy: { id: alice.id, name: alice.name } },
      { conversation: "c2" },
      { call: { tool: "reboot_guest", input: {} } },
      { target: { guest: aTarget({ vmid: 110 }) } },
    ].entries()) {
      await store.add({ ...request, hash: `other-${index}`, ...other });
    }

    expect(await store.pending()).toHaveLength(5);
  });

  it("lets one of many answers count", async () => {
    const clock = clockAt(startedAt);
    const [here, there] = await openTwice();
    const store = createConfirmationStore(here, clock);
    const other = createConfirmationStore(there, clock);
    const { id } = await store.add(request);

    const answers = await Promise.all(
      [store, other, store, other].map((each, index) =>
        each.answer(id, index % 2 ? "approved" : "denied", alice, undefined),
      ),
    );

    expect(answers.filter(Boolean)).toHaveLength(1);
    const state = answers.indexOf(true) % 2 ? "approved" : "denied";
    expect(await other.find(id)).toMatchObject({ state, decidedBy: "Alice" });
  });

  it("takes no answer once its time is over", async () => {
    const { store, clock } = await setUp();
    const { id } = await store.add(request);
    clock.advance({ minutes: 5 });

    expect(await store.answer(id, "approved", alice, undefined)).toBe(false);
    expect((await store.find(id))?.state).toBe("expired");
    expect(await store.pending()).toEqual([]);
  });

  it("takes an answer only from where it is shown, and says where that was", async () => {
    const { store } = await setUp();
    const shown = await store.add(request);
    await store.show(shown.id, "C1/1");

    expect(await store.answer(shown.id, "approved", alice, undefined)).toBe(false);
    expect(await store.answer(shown.id, "approved", alice, "C1/2")).toBe(false);
    expect(await store.answer(shown.id, "approved", alice, "C1/1")).toBe(true);

    const notShown = await store.add({ ...request, hash: "h2" });
    expect(await store.answer(notShown.id, "denied", alice, "C1/3")).toBe(true);
    expect(await store.find(notShown.id)).toMatchObject({ place: "C1/3", state: "denied" });
  });

  it("knows what is shown as open and is not any more, until that is settled", async () => {
    const { store, clock } = await setUp();
    const { id } = await store.add(request);
    await store.show(id, "C1/1");
    expect(await store.outdated()).toEqual([]);

    clock.advance({ minutes: 5 });
    expect(await store.outdated()).toMatchObject([{ id, state: "expired" }]);
    await store.settle(id);
    expect(await store.outdated()).toEqual([]);
  });

  it("remembers that what was approved could not be carried out so", async () => {
    const { store } = await setUp();
    const { id } = await store.add(request);
    await store.answer(id, "approved", alice, undefined);

    await store.refuse(id);

    expect((await store.find(id))?.state).toBe("refused");
  });
});
