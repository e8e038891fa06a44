import { describe, expect, it } from "vitest";
import { aNewDeletion, changeAs } from "#test/support/deletions.ts";
import { eventually } from "#test/support/eventually.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { alice } from "#test/support/slack-confirmations.ts";
import { setUpFront } from "#test/support/slack-front.ts";

type Front = Awaited<ReturnType<typeof setUpFront>>;

/** What somebody's Home shows once it shows `words`. */
async function home({ fake }: Front, words: string, user = "U0ALICE"): Promise<string> {
  const shown = () => JSON.stringify(fake.home(user)?.blocks ?? []);
  await eventually(shown).toContain(words);
  return shown();
}

describe("Home", () => {
  it("shows what waits for one's own answer, and where the card is", async () => {
    const front = await setUpFront();
    const { card } = await front.askAndPost("stop_guest", { guest: 103 });

    front.aliceInSlack.opensHome();
    front.bobInSlack.opensHome();

    const shown = await home(front, "Waiting for your answer");
    expect(shown).toContain(`p${card.ts.replace(".", "")}|answer it there>`);
    expect(shown).not.toContain('"type":"actions"');
    expect(await home(front, "Waiting for your answer", "U0BOB")).not.toContain("answer it there");
  });

  it("shows the coming deletions with who asked and who confirmed", async () => {
    const front = await setUpFront();
    await front.deletions.schedule(aNewDeletion());

    front.aliceInSlack.opensHome();

    const shown = await home(front, "Coming deletions");
    expect(shown).toContain(
      "`test-runner` (CT 103 on `pve1`), requested by Bob, confirmed by Alice",
    );
    expect(shown).toContain("<!date^1795798800^");
  });

  it("shows the end of a lease as what it is", async () => {
    const front = await setUpFront();
    await front.deletions.schedule(aNewDeletion({ confirmedBy: undefined, ofLease: true }));

    front.aliceInSlack.opensHome();

    await home(front, "`pve1`), the end of its lease, not confirmed");
  });

  it.each([
    ["not in the calendar yet", {}],
    ["not in the calendar yet: the calendar is away", { reason: "the calendar is away" }],
    // Nothing more of one that waits for its time.
    ['confirmed by Alice"', { state: "planned" }],
    ["waiting: no quorum", { state: "planned", reason: "no quorum" }],
    ["being prepared", { state: "preparing" }],
    ["being destroyed", { state: "destroying" }],
    ["on hold: it was &lt;late&gt;", { state: "held", reason: "it was <late>" }],
  ] as const)("shows how far a deletion is: %s", async (words, change) => {
    const front = await setUpFront();
    const deletion = (await front.deletions.schedule(aNewDeletion())) ?? expect.fail();
    await changeAs(front.deletions, deletion, change);

    front.aliceInSlack.opensHome();

    await home(front, words);
  });

  it("shows what was begun and of which no end is recorded", async () => {
    const front = await setUpFront();
    const entry = { tool: "stop_guest", input: {}, target: {}, principal: alice } as const;
    await front.audit.append({ ...entry, actionId: "1", step: "started" });
    await front.audit.append({ ...entry, actionId: "2", step: "started" });
    await front.audit.append({ ...entry, actionId: "2", step: "failed" });

    front.aliceInSlack.opensHome();

    const shown = await home(front, "Under way");
    expect(shown.match(/no end is recorded/g)).toHaveLength(1);
  });

  it("shows one's own role, what it may, and one's own guests", async () => {
    const front = await setUpFront();

    front.aliceInSlack.opensHome();

    const shown = await home(front, "Your guests");
    expect(shown).toContain("`web-02` (CT 102 on `pve1`), running");
    expect(shown).not.toContain("test-runner");
    expect(shown).toContain("as `operator`");
    expect(shown).toMatch(/Once you have confirmed it: [^.]*stop guest, schedule deletion/);
  });

  it("tells nobody that something may be done at once which people always confirm", async () => {
    const operator = { read: "allow", release_hold: "allow", schedule_deletion: "allow" } as const;
    const front = await setUpFront({ roles: { operator } });

    front.aliceInSlack.opensHome();

    const shown = await home(front, "Once you have confirmed it");
    expect(shown).toMatch(
      /Once you have confirmed it: (?=[^.]*schedule deletion)[^.]*release hold/,
    );
  });

  it("shows what the policy says besides, escaped", async () => {
    const rules = [
      { guests: { tags: ["<!channel>"] }, verdict: "two-persons", because: "Prod & co." },
      { who: { users: ["U0BOB"], groups: [], roles: [] }, verdict: "deny" },
    ] as const;
    const front = await setUpFront({ policy: { rules, limits: { destructivePerHour: 5 } } });

    front.aliceInSlack.opensHome();

    const shown = await home(front, "What holds besides");
    expect(shown).toContain("guests of tags &lt;!channel&gt;: once you and an approver");
    expect(shown).toContain("Prod &amp; co.");
    expect(shown).toContain("5 destructive acts an hour");
    expect(shown).not.toContain("changes something: not");
  });

  it("shows somebody without a role nothing but how to get one", async () => {
    const front = await setUpFront();
    await front.deletions.schedule(aNewDeletion());
    front.fake.workspace.addUser({ id: "U0EVE" });

    front.fake.person("U0EVE").opensHome();

    const shown = await home(front, "no role", "U0EVE");
    expect(shown).toContain("U0EVE");
    expect(shown).not.toContain("test-runner");
  });

  it("changes when what it shows has changed", async () => {
    const front = await setUpFront();
    front.aliceInSlack.opensHome();
    await home(front, "Coming deletions");
    const published = front.fake.calls("views.publish").length;

    const deletion = (await front.deletions.schedule(aNewDeletion())) ?? expect.fail();
    await home(front, "requested by Bob");
    await front.deletions.cancel(deletion.id, alice);
    await home(front, "*Coming deletions*\\nNone.");

    expect(front.fake.calls("views.publish")).toHaveLength(published + 2);
  });

  it("stays up to date although somebody who opened it before has left", async () => {
    const front = await setUpFront();
    front.aliceInSlack.opensHome();
    await home(front, "Coming deletions");
    front.bobInSlack.opensHome();
    await home(front, "Coming deletions", "U0BOB");
    front.fake.workspace.users.delete("U0ALICE");

    await front.deletions.schedule(aNewDeletion());

    await home(front, "requested by Bob", "U0BOB");
  });

  it("says so where the cluster does not answer", async () => {
    const front = await setUpFront({
      guests: { ...guestsOf(), list: () => Promise.reject(new Error("away")) },
    });

    front.aliceInSlack.opensHome();

    await home(front, "does not answer");
  });

  it("keeps to Slack's limits whatever there is to show", async () => {
    const hostile = "a".repeat(60);
    const guests = Array.from({ length: 300 }, (_, index) =>
      aGuestDetail({
        vmid: 1000 + index,
        name: hostile,
        owner: "U0ALICE",
        fingerprint: `${index}`,
      }),
    );
    const front = await setUpFront({ guests: guestsOf(...guests) });
    for (const { vmid, fingerprint } of guests.slice(0, 60)) {
      const guest = { vmid, fingerprint, kind: "ct", name: "<!channel>`*", node: "pve1" } as const;
      await front.deletions.schedule(aNewDeletion({ guest }));
    }

    front.aliceInSlack.opensHome();

    const shown = await home(front, "… and ");
    expect(shown).not.toContain("<!channel>");
    expect(front.fake.recorder.warnings).toEqual([]);
  });
});
