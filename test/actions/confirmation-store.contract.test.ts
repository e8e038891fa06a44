import { expect, it } from "vitest";
import {
  type ConfirmationRequest,
  createConfirmationStore,
  type Seat,
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
  by: "requester",
  reasons: [],
};
/** What waits for somebody else, too. */
const ofTwo: ConfirmationRequest = { ...request, by: "two-persons", reasons: ["It is in prod."] };
const ofApprover: ConfirmationRequest = { ...ofTwo, by: "approver" };
const dave = { id: "dave", name: "Dave" };

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
      approvals: [],
    });
    expect(await store.pending("c1")).toEqual([kept]);
    expect(await store.pending("c2")).toEqual([]);
    expect(await store.find("other")).toBeUndefined();
  });

  it("asks anew about a guest that was renamed since, and takes no answer under the old name", async () => {
    const { store } = await setUp();
    const old = await store.add(request);

    const renamed = { ...request, target: { guest: aTarget({ name: "ci-runner" }) } };
    const { id } = await store.add(renamed);

    expect(id).not.toBe(old.id);
    expect((await store.find(old.id))?.state).toBe("superseded");
    expect((await store.add(renamed)).id).toBe(id);
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

  it("admits no more than are to be, however many ask at once", async () => {
    const { store } = await setUp();
    const admit = (open: number) => {
      if (open >= 2) throw new Error("too many");
    };

    const added = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        store.add({ ...request, hash: `h${index}`, conversation: `c${index}` }, admit),
      ),
    );

    expect(added.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    expect(await store.pending()).toHaveLength(2);
  });

  it("leaves the older question where a newer one is not admitted", async () => {
    const { store } = await setUp();
    const { id } = await store.add(request);
    const refuse = () => {
      throw new Error("too many");
    };

    await expect(store.add({ ...request, hash: "h2" }, refuse)).rejects.toThrow("too many");

    expect((await store.find(id))?.state).toBe("pending");
    await store.add(request, refuse);
  });

  it("lets one of many answers count", async () => {
    const clock = clockAt(startedAt);
    const [here, there] = await openTwice();
    const store = createConfirmationStore(here, clock);
    const other = createConfirmationStore(there, clock);
    const { id } = await store.add(request);

    const answers = await Promise.all(
      [store, other, store, other].map(async (each, index) =>
        index % 2
          ? (await each.approve(id, "requester", bob, undefined)) === "completed"
          : each.decline(id, bob, undefined),
      ),
    );

    expect(answers.filter(Boolean)).toHaveLength(1);
    const state = answers.indexOf(true) % 2 ? "approved" : "denied";
    expect(await other.find(id)).toMatchObject({ state, decidedBy: "Bob" });
  });

  it("is completed once, by the second of two, on two processes at the same time", async () => {
    const clock = clockAt(startedAt);
    const stores = (await openTwice()).map((db) => createConfirmationStore(db, clock));
    const [store] = stores;
    for (let round = 0; round < 5; round++) {
      const { id } = (await store?.add({ ...ofTwo, hash: `h${round}` })) ?? expect.fail();

      const results = await Promise.all(
        stores.flatMap((each) => [
          each.approve(id, "requester", bob, "C1/1"),
          each.approve(id, "approver", alice, "C1/1"),
          each.approve(id, "approver", dave, "C1/1"),
        ]),
      );

      expect(results.toSorted()).toEqual([
        ...["closed", "closed", "closed", "closed"],
        ...["completed", "counted"],
      ]);
      const kept = await store?.find(id);
      expect(kept?.state).toBe("approved");
      expect(kept?.approvals.map(({ seat }) => seat).toSorted()).toEqual(["approver", "requester"]);
    }
  });

  it.each(["requester", "approver"] as const)(
    "keeps who approved, when and where, the %s first",
    async (first) => {
      const { store, clock } = await setUp();
      const { id } = await store.add(ofTwo);
      await store.show(id, "C1/1");
      await store.show(id, "C9/9", "approvers");
      const approvals = [
        { seat: "requester", by: { id: "bob", name: "Bob" }, at: 0, place: "C1/1" },
        { seat: "approver", by: { id: "alice", name: "Alice" }, at: 0, place: "C9/9" },
      ] as const;
      const inOrder = first === "requester" ? approvals : approvals.toReversed();

      const results: string[] = [];
      const kept: object[] = [];
      for (const { seat, by, place } of inOrder) {
        clock.advance({ minutes: 1 });
        results.push(await store.approve(id, seat, by, place));
        const now = clock.now().epochMilliseconds;
        kept.push({ seat, by, place, at: now });
        expect((await store.find(id))?.approvals).toEqual(kept);
      }

      expect(results).toEqual(["counted", "completed"]);
      expect(await store.find(id)).toMatchObject({
        state: "approved",
        decidedBy: inOrder[1]?.by.name,
        decidedAt: clock.now().epochMilliseconds,
      });
    },
  );

  it("says of one that waits for the other that it is open, and ended by nobody", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);

    await store.approve(id, "requester", bob, undefined);

    const kept = await store.find(id);
    expect(kept?.state).toBe("pending");
    expect(kept?.decidedBy).toBeUndefined();
    expect(kept?.decidedAt).toBeUndefined();
  });

  it("lets nobody approve in a seat that is another's, that is taken, or that is not asked for", async () => {
    const { store } = await setUp();
    const approve = async (asked: ConfirmationRequest, seat: Seat, by: typeof dave) =>
      store.approve((await store.add(asked)).id, seat, by, undefined);

    expect(await approve(request, "requester", alice)).toBe("closed");
    expect(await approve(request, "approver", alice)).toBe("closed");
    expect(await approve({ ...ofApprover, hash: "h2" }, "requester", bob)).toBe("closed");
    expect(await approve({ ...ofApprover, hash: "h2" }, "approver", bob)).toBe("closed");
    const two = { ...ofTwo, hash: "h3" };
    expect(await approve(two, "approver", bob)).toBe("closed");
    expect(await approve(two, "requester", alice)).toBe("closed");
    expect(await approve(two, "approver", alice)).toBe("counted");
    expect(await approve(two, "approver", dave)).toBe("closed");
    expect(await approve(two, "approver", alice)).toBe("closed");
  });

  it("is over for both once one of them declines", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);
    await store.approve(id, "approver", alice, undefined);

    expect(await store.decline(id, bob, undefined)).toBe(true);

    expect(await store.approve(id, "requester", bob, undefined)).toBe("closed");
    expect(await store.find(id)).toMatchObject({ state: "denied", decidedBy: "Bob" });
  });

  it("waits an hour for somebody else", async () => {
    const { store, clock } = await setUp();
    for (const asked of [ofTwo, ofApprover]) {
      const { id, expiresAt, requestedAt } = await store.add({
        ...asked,
        hash: asked.by,
        requestedAt: clock.now().epochMilliseconds,
      });
      expect(expiresAt - requestedAt).toBe(60 * 60_000);
      clock.advance({ minutes: 59 });
      expect((await store.find(id))?.state).toBe("pending");
      clock.advance({ minutes: 1 });
      expect((await store.find(id))?.state).toBe("expired");
    }
  });

  it("has a person's own question come along to where the person asks again", async () => {
    const { store } = await setUp();
    const here = await store.add(request);

    const there = await store.add({ ...request, conversation: "c2" });

    expect(there.id).not.toBe(here.id);
    expect((await store.find(here.id))?.state).toBe("superseded");
    expect((await store.pending()).map(({ id }) => id)).toEqual([there.id]);
  });

  it("asks others once, wherever it is asked for again", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);

    expect((await store.add({ ...ofTwo, conversation: "c2" })).id).toBe(id);
    expect(await store.pending()).toHaveLength(1);
  });

  it("asks anew where other people have to answer by now", async () => {
    const { store } = await setUp();
    const before = await store.add(request);

    const now = await store.add(ofTwo);

    expect(now.id).not.toBe(before.id);
    expect((await store.find(before.id))?.state).toBe("superseded");
  });

  it("knows what was declined since a time", async () => {
    const { store, clock } = await setUp();
    const { id } = await store.add(request);
    const askedAt = clock.now().epochMilliseconds;
    const declinedSince = async (asked: ConfirmationRequest, requestedAt: number) => {
      const told: unknown[] = [];
      const add = store.add({ ...asked, hash: "h2", requestedAt }, (_, declined) => {
        told.push(declined);
        throw new Error("Not now.");
      });
      await expect(add).rejects.toThrow("Not now.");
      return told[0];
    };
    clock.advance({ seconds: 2 });
    expect(await declinedSince(request, askedAt)).toBeUndefined();

    await store.decline(id, bob, undefined);

    const declined = { id, decidedBy: "Bob" };
    const inOtherWords = { tool: "stop_guest", input: { guest: 103 } };
    expect(await declinedSince(request, askedAt)).toMatchObject(declined);
    expect(await declinedSince({ ...request, call: inOtherWords }, askedAt)).toMatchObject(
      declined,
    );
    const others: readonly Partial<ConfirmationRequest>[] = [
      { target: { guest: aTarget({ fingerprint: "another" }) } },
      { call: { tool: "reboot_guest", input: {} } },
      { requestedBy: { id: alice.id, name: alice.name } },
    ];
    for (const other of others) {
      expect(await declinedSince({ ...request, ...other }, askedAt)).toBeUndefined();
    }
    expect(await declinedSince(request, clock.now().epochMilliseconds)).toBeUndefined();
  });

  it("takes answers from both places where it is shown, and from no third", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);
    await store.show(id, "C1/1");
    await store.show(id, "C9/9", "approvers");

    expect(await store.approve(id, "requester", bob, undefined)).toBe("closed");
    expect(await store.approve(id, "requester", bob, "C1/2")).toBe("closed");
    expect(await store.approve(id, "requester", bob, "C9/9")).toBe("counted");
    expect(await store.approve(id, "approver", alice, "C1/1")).toBe("completed");
    expect(await store.find(id)).toMatchObject({ place: "C1/1", approversPlace: "C9/9" });
  });

  it("does not take the approvers' card for that of the conversation", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);
    await store.show(id, "C9/9", "approvers");

    await store.approve(id, "approver", alice, "C9/9");

    const kept = await store.find(id);
    expect(kept?.place).toBeUndefined();
    expect(kept?.approversPlace).toBe("C9/9");
  });

  it("is outdated also where only the approvers were shown it", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);
    await store.show(id, "C9/9", "approvers");
    await store.decline(id, bob, "C9/9");

    expect(await store.outdated()).toMatchObject([{ id, state: "denied" }]);
  });

  it("takes no answer once its time is over", async () => {
    const { store, clock } = await setUp();
    const { id } = await store.add(request);
    clock.advance({ minutes: 5 });

    expect(await store.approve(id, "requester", bob, undefined)).toBe("closed");
    expect(await store.decline(id, bob, undefined)).toBe(false);
    expect((await store.find(id))?.state).toBe("expired");
    expect(await store.pending()).toEqual([]);
  });

  it("takes an answer only from where it is shown, and says where that was", async () => {
    const { store } = await setUp();
    const shown = await store.add(request);
    await store.show(shown.id, "C1/1");

    expect(await store.approve(shown.id, "requester", bob, undefined)).toBe("closed");
    expect(await store.approve(shown.id, "requester", bob, "C1/2")).toBe("closed");
    expect(await store.decline(shown.id, bob, "C1/2")).toBe(false);
    expect(await store.approve(shown.id, "requester", bob, "C1/1")).toBe("completed");

    const notShown = await store.add({ ...request, hash: "h2" });
    expect(await store.decline(notShown.id, alice, "C1/3")).toBe(true);
    expect(await store.find(notShown.id)).toMatchObject({ place: "C1/3", state: "denied" });
  });

  it("knows what is shown on one message, to whomever, and whatever has become of it", async () => {
    const { store, clock } = await setUp();
    const first = await store.add(request);
    clock.advance({ seconds: 1 });
    const requestedAt = request.requestedAt + 1;
    const second = await store.add({ ...ofTwo, hash: "h2", requestedBy: alice, requestedAt });
    await store.show(first.id, "C1/1");
    await store.show(second.id, "C1/1", "approvers");
    await store.decline(first.id, bob, "C1/1");

    expect(await store.shownAt("C1/1")).toMatchObject([
      { id: first.id, state: "denied" },
      { id: second.id, state: "pending" },
    ]);
    expect(await store.shownAt("C1/2")).toEqual([]);
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

  it("is outdated where it came to be shown after it was settled elsewhere", async () => {
    const { store } = await setUp();
    const { id } = await store.add(ofTwo);
    await store.show(id, "C1/1");
    await store.decline(id, bob, "C1/1");
    await store.settle(id);

    await store.show(id, "C9/9", "approvers");

    expect(await store.outdated()).toMatchObject([{ id, approversPlace: "C9/9" }]);
  });

  it("remembers that what was approved could not be carried out so", async () => {
    const { store } = await setUp();
    const { id } = await store.add(request);
    await store.approve(id, "requester", bob, undefined);

    await store.refuse(id);

    expect((await store.find(id))?.state).toBe("refused");
  });
});
