import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deletion } from "#src/deletions/deletion.ts";
import { fromRow, toRow } from "#src/deletions/deletion-row.ts";
import { noBackupReason } from "#src/deletions/held-reasons.ts";
import { deletionCard, fromValue, toValue } from "#src/slack/deletions/deletion-card.ts";
import { postponeModalView } from "#src/slack/deletions/postpone-modal.ts";
import { standingOf } from "#src/slack/deletions/standing.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";
import { checkBlocks } from "#test/support/fake-slack/blocks/check-blocks.ts";
import { checkView } from "#test/support/fake-slack/blocks/check-view.ts";

const before = friday.subtract({ hours: 20 });

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6_000 }),
  fc.constantFrom("<!channel>", "`*_~<!date^1^{date}|x>", "&".repeat(6_000), "a\nb\n\nc", ""),
  fc.constant(`${"x".repeat(400)}\n`.repeat(20)),
);
const states = fc.constantFrom(
  "inserting" as const,
  "planned" as const,
  "preparing" as const,
  "destroying" as const,
  "held" as const,
  "done" as const,
  "cancelled" as const,
  "failed" as const,
);

function aDeletion(facts: Partial<Deletion>): Deletion {
  const row = toRow(aNewDeletion(), "pve1", before.epochMilliseconds);
  return { ...fromRow(row), ...facts };
}

describe("a notice about a deletion", () => {
  it("stays within Slack's limits and leaves nothing unescaped, however long and odd it is", () => {
    const facts = fc.record({ text: hostile, state: states, late: fc.boolean(), held: hostile });
    fc.assert(
      fc.property(facts, ({ text, state, late, held }) => {
        const deletion = aDeletion({
          state,
          guest: { ...aNewDeletion().guest, name: text },
          confirmedBy: late ? { id: text, name: text } : undefined,
          reason: late ? `${noBackupReason} ${held}` : held,
          upid: text,
        });
        const now = late ? friday : before;
        for (const revision of [1, 2]) {
          const card = deletionCard(text, standingOf(deletion, revision, now));

          checkBlocks([...card.blocks], "message");
          // Whatever a notice has no room for, what became of it must be read.
          if (!card.blocks.some(({ type }) => type === "actions")) {
            expect(JSON.stringify(card.blocks)).toMatch(/\*[A-Z][a-z ]+[.:]\*/);
          }
          expect(card.text.length).toBeLessThanOrEqual(4_000);
          expect(card.text.replace(/<!date\^\d+\^[^<>]*>/g, "")).not.toMatch(/[<>]/);
        }
        const place = { channel: "C1", threadTs: "1.1" };
        checkView({ ...postponeModalView(deletion, place, friday) }, "modal");
      }),
    );
  });
});

describe("what a button carries", () => {
  it("names the deletion and its revision", () => {
    const ref = { id: "pve0badcafe", revision: 12 };

    expect(fromValue(toValue(ref))).toEqual(ref);
  });

  it.each(["", "pve1", "pve1:", ":1", "pve1:1.5", "pve1:-1", "pve 1:1", "a:b:1"])(
    "is nothing else: %s",
    (value) => {
      expect(fromValue(value)).toBeUndefined();
    },
  );
});
