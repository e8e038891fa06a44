import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { joinWithin } from "#src/slack/cards/card.ts";
import { confirmationCard } from "#src/slack/cards/confirmation-card.ts";
import { nameModalView } from "#src/slack/cards/name-modal.ts";
import { settledCard, workingCard } from "#src/slack/cards/settled-card.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { aTarget } from "#test/support/actions.ts";
import { checkBlocks } from "#test/support/fake-slack/blocks/check-blocks.ts";
import { checkView } from "#test/support/fake-slack/blocks/check-view.ts";

function aConfirmation(facts: Partial<Confirmation> = {}): Confirmation {
  return {
    id: "c0nf1rm",
    state: "pending",
    call: { tool: "schedule_deletion", input: {} },
    target: { guest: aTarget(), at: "2026-11-27T17:00:00Z" },
    hash: "hash",
    summary: "Delete test-runner (CT 103 on pve1) for good on Fri 27 Nov 2026, 18:00 CET.",
    conversation: "slack:T1/C1/1.1",
    requestedBy: { id: "U0ALICE", name: "Alice" },
    requestedAt: 0,
    expiresAt: 300_000,
    by: "requester",
    reasons: [],
    approvals: [],
    ...facts,
  };
}

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3_000 }),
  fc.constantFrom(
    "<!channel>",
    "<@U0ALICE> & <https://evil.example|here>",
    "`*_~<!date^1^{date}|x>",
    "&".repeat(3_000),
    "<".repeat(64),
    "🙂".repeat(100),
    "a\u202e\nb",
    "",
  ),
);
const text = fc.record({
  name: hostile,
  node: hostile,
  owner: hostile,
  tag: hostile,
  summary: hostile,
  person: hostile,
  volume: hostile,
  tool: fc.oneof(fc.constantFrom("stop_guest", "schedule_deletion", "cancel_deletion"), hostile),
  disks: fc.nat(40),
});

/** A question about twenty guests; the first one is backed up before it goes. */
function severalGuests(nameOf: (index: number) => string) {
  const deletions = Array.from({ length: 20 }, (_, index) => ({
    id: `pve${index}`,
    requestedBy: "U0BOB",
    dueAt: "2026-11-27T17:00:00Z",
    guest: aTarget({ vmid: 100 + index, name: nameOf(index) }),
    ...(index > 0 && { withoutBackup: true as const }),
  }));
  const named = deletions.map(({ guest }) => `${guest.name} (CT ${guest.vmid} on pve1)`);
  const confirmation = aConfirmation({
    call: { tool: "release_held_deletions", input: {} },
    target: { deletions, at: "2026-11-27T17:00:00Z", asSoonAsConfirmed: true },
    summary: `Delete 20 guests for good: ${named.join(", ")}. No backup is made.`,
  });
  return { confirmation, named };
}

/** What is left of mrkdwn when what we write ourselves is taken out. */
function foreign(mrkdwn: string): string {
  return mrkdwn
    .replace(/<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d: -]+ UTC>/g, "")
    .replace(/&(?:amp|lt|gt);/g, "");
}

function expectSafe({ text: words, blocks }: SlackMessage): void {
  checkBlocks([...blocks], "message");
  expect(words.length).toBeLessThanOrEqual(4_000);
  for (const mrkdwn of [words, ...mrkdwnIn(blocks)]) expect(foreign(mrkdwn)).not.toMatch(/[<>&]/);
}

/** The texts in which Slack reads markup. */
function mrkdwnIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if ("type" in node && node.type === "mrkdwn" && "text" in node) return [String(node.text)];
  return Object.values(node).flatMap(mrkdwnIn);
}

describe("cards", () => {
  it("stay within Slack's limits and leave nothing unescaped, whatever things are called", () => {
    fc.assert(
      fc.property(text, ({ name, node, owner, tag, summary, person, volume, tool, disks }) => {
        const confirmation = aConfirmation({
          call: { tool, input: {} },
          summary,
          target: {
            guest: aTarget({ name, node, owner, tags: [tag, tag] }),
            at: "2026-11-27T17:00:00Z",
          },
          requestedBy: { id: "U0ALICE", name: person },
          decidedBy: person,
          decidedAt: 1,
        });
        const deletions = Array.from({ length: disks }, (_, index) => ({
          id: `pve${index}`,
          requestedBy: "U0BOB",
          dueAt: "2026-11-27T17:00:00Z",
          guest: aTarget({ vmid: 100 + index, name, node, owner }),
        }));
        const several = {
          ...confirmation,
          call: { tool: "release_held_deletions", input: {} },
          target: { deletions },
        };
        const names = Array.from({ length: disks }, () => volume);
        const facts: GuestRisk = {
          status: "running",
          disks: names.map(() => ({ key: name, volume, size: tag })),
          snapshots: names,
          replicas: names,
          backupJobs: names,
          runningTasks: names,
        };

        expectSafe(confirmationCard(confirmation, [facts]));
        expectSafe(workingCard(confirmation, person, summary));
        expectSafe(confirmationCard(several, [facts, {}, facts]));
        expectSafe(settledCard(several, { heading: "Failed", message: summary, upid: volume }));
        checkView({ ...nameModalView([several], name) }, "modal");
        expectSafe(
          settledCard(confirmation, { heading: "Failed", message: summary, upid: volume }),
        );
        checkView({ ...nameModalView([confirmation], name) }, "modal");
      }),
    );
  });

  it("show the sentence that is approved even where everything is as long as it can be", () => {
    const long = "&".repeat(3_000);
    const guest = aTarget({ name: long, node: long, owner: long, tags: [long] });
    const disks = Array.from({ length: 40 }, () => ({ key: long, volume: long, size: long }));

    const { text } = confirmationCard(aConfirmation({ summary: long, target: { guest } }), [
      {
        disks,
        snapshots: disks.map(({ key }) => key),
        replicas: disks.map(({ key }) => key),
        backupJobs: disks.map(({ key }) => key),
        runningTasks: disks.map(({ key }) => key),
      },
    ]);

    expect(text).toContain("&amp;&amp;…");
    expect(text).toContain("Lost for good");
    expect(text).toContain("32 more disks");
    expect(text).toContain("and 32 more.");
    expect(text).toContain("*Cannot be undone:*");
    expect(text).not.toMatch(/… and \d+ more$/m);
  });

  it("name each of several guests that would go, and what goes with it", () => {
    const { confirmation, named } = severalGuests(
      (index) => `a-guest-with-quite-a-long-name-${index}`,
    );
    const backedUp: GuestRisk = {
      status: "stopped",
      disks: [
        { key: "rootfs", volume: "local:1", size: "8G" },
        { key: "mp0", volume: "local:2", size: "512M" },
      ],
      snapshots: ["one"],
      lastBackup: { at: 0, verified: true },
      haManaged: false,
      replicas: [],
      backupJobs: ["nightly"],
      linkedClones: [],
      runningTasks: [],
    };

    const card = confirmationCard({ ...confirmation, requestedAt: 90_000_000 }, [backedUp]);

    const modal = JSON.stringify(nameModalView([confirmation], "20 guests"));
    const shown = JSON.stringify(card.blocks);
    for (const words of ["Delete 20 guests?", ...named, "*No backup is made.*"]) {
      expect(card.text).toContain(words);
      expect(shown).toContain(words);
    }
    for (const name of named) expect(modal).toContain(name);
    expect(shown).toContain("`a-guest-with-quite-a-long-name-19` (CT 119 on `pve1`), owner `bob`");
    expect(shown).toContain("Lost: 2 disks, 8.5 GiB in all, 1 snapshot. Last backup: <!date^0^");
    expect(shown).toContain("1 day old, verified. Also: 1 backup job. Cannot be undone: only the");
    expect(shown).toContain("Last backup: not known. Not known: HA, replication,");
    expect(shown).toContain("newer than its last backup is gone, if there is one.");
    expect(shown).toContain('"accessibility_label":"Approve: delete 20 guests"');
    expect(shown).toContain('"style":"danger"');
  });

  it("name every one of several guests where the facts of all have no room", () => {
    const { confirmation, named } = severalGuests((index) => `${"&".repeat(60)}${index}`);
    const clones = {
      haManaged: true,
      linkedClones: [1],
      runningTasks: ["vzdump"],
      replicas: ["b"],
    };

    const card = confirmationCard(
      confirmation,
      named.map(() => ({ ...clones, lastBackup: { at: 0 } })),
    );

    expectSafe(card);
    const shown = JSON.stringify(card.blocks);
    for (let vmid = 100; vmid < 120; vmid += 1) expect(shown).toContain(`(CT ${vmid} on`);
    const [, left] = /… and the facts of (\d+) more of these/.exec(shown) ?? [];
    expect(shown.match(/Cannot be undone/g)).toHaveLength(20 - Number(left));
  });

  it("say of what is not known that it is not", () => {
    const { text } = confirmationCard(aConfirmation(), []);

    expect(text).toContain("status not known");
    expect(text).toContain("all disks (which ones is not known)");
    expect(text).toContain("*Last backup:* not known");
    expect(text).toContain("*In use:* not known");
    expect(text).toContain(
      "*Not known:* HA, replication, backup jobs, linked clones, running tasks.",
    );
  });

  it("say what else a guest is part of, and what it is doing", () => {
    const risk: GuestRisk = {
      status: "running",
      uptime: 3 * 86_400 + 7_200,
      load: { cpu: 0.314, network: 12_300, disk: 4_560_000 },
      haManaged: false,
      replicas: ["pve2"],
      backupJobs: ["backup-1"],
      linkedClones: [],
      runningTasks: [],
    };
    const { text } = confirmationCard(aConfirmation(), [risk]);

    expect(text).toContain("running for 3 days, 31 % CPU, 12 kB/s network, 4.6 MB/s disk.");
    expect(text).toContain(
      "*Also:* it is replicated to `pve2`; it leaves the backup jobs `backup-1`.",
    );
    expect(text).not.toContain("*Not known:*");
  });

  it("say whether anything could bring the guest back", () => {
    const text = (withoutBackup: true | undefined, lastBackup: GuestRisk["lastBackup"]) =>
      confirmationCard(
        aConfirmation({ target: { guest: aTarget(), ...(withoutBackup && { withoutBackup }) } }),
        [{ lastBackup }],
      ).text;

    expect(text(undefined, "none")).toContain("only the backup that is made before");
    expect(text(true, "none")).toContain("nothing will bring it back");
    expect(text(true, { at: 0 })).toContain("newer than its last backup is gone.");
    expect(text(true, undefined)).toContain("newer than its last backup is gone, if there is one.");
  });

  it("say that there is no backup only where that is certain", () => {
    const text = (lastBackup: GuestRisk["lastBackup"]) =>
      confirmationCard(aConfirmation({ requestedAt: 90_000_000 }), [{ lastBackup }]).text;

    expect(text("none")).toContain("*Last backup:* there is none");
    const backup = text({ at: 0, verified: true });
    expect(backup).toContain("*Last backup:* <!date^0^");
    expect(backup).toContain(", 1 day old, verified.");
    expect(text({ at: 0 })).toContain("not verified");
    expect(text({ at: 0, verified: false })).toContain("not intact");
  });

  it("name the snapshots that go as well", () => {
    const text = (snapshots: readonly string[]) =>
      confirmationCard(aConfirmation(), [{ snapshots }]).text;

    expect(text([])).toContain("no snapshots");
    expect(text(["before-upgrade"])).toContain("the snapshot `before-upgrade`.");
    expect(text(Array.from({ length: 9 }, (_, index) => `s${index}`))).toContain("and 1 more");
  });

  it("say when it would happen", () => {
    const text = (target: Confirmation["target"]) =>
      confirmationCard(aConfirmation({ target }), []).text;

    expect(text({ at: "2026-11-27T17:00:00Z" })).toContain("<!date^1795798800^");
    expect(text({ at: "2026-11-27T17:00:00Z", asSoonAsConfirmed: true })).toContain("as soon as");
    expect(text({})).toContain("at once");
  });

  it("say nothing of a loss where nothing is lost", () => {
    const confirmation = aConfirmation({ call: { tool: "stop_guest", input: {} } });

    expect(confirmationCard(confirmation, []).text).not.toContain("Lost for good");
  });
});

describe("a list that is too long", () => {
  it("is cut between lines, and says how many are left out", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);

    const text = joinWithin(lines, 200);

    expect(text.length).toBeLessThanOrEqual(200);
    const shown = text.split("\n");
    expect(shown.at(-1)).toBe(`… and ${100 - (shown.length - 1)} more`);
  });
});
