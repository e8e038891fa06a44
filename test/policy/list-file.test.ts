import { describe, expect, it } from "vitest";
import { isListed } from "#src/policy/guest-selector.ts";
import { withListFile } from "#src/policy/list-file.ts";
import { noGuests, simplestPolicy } from "#src/policy/policy-document.ts";
import { aTarget } from "#test/support/actions.ts";

const vmids = [99_999, 100, 103, 104, 999_999_999];

/** Which guests are on the list that a file is for. */
function listed(list: "allowedGuests" | "deniedGuests", text: string | undefined) {
  const read = withListFile({ ...simplestPolicy, [list]: noGuests }, list, text);
  const guests = read.document[list] ?? noGuests;
  return [vmids.filter((vmid) => isListed(guests, aTarget({ vmid, tags: [] }))), read.mistake];
}

describe("a file of VMIDs", () => {
  it("has one or a range on each line, and comments", () => {
    const text = "# ours\n103 # web\r\n\n99000-99999\n";

    expect(listed("allowedGuests", text)).toEqual([[99_999, 103], undefined]);
    expect(listed("deniedGuests", text)).toEqual([[99_999, 103], undefined]);
  });

  it.each([
    ["that cannot be read", undefined, "it cannot be read"],
    ["with a mistake", "103\nall\n", '"all" is no VMID'],
    ["with a range the wrong way round", "199-100", '"199-100" is no VMID'],
  ])("%s allows nothing, and denies everything", (_, text, mistake) => {
    expect(listed("allowedGuests", text)).toEqual([[], mistake]);
    expect(listed("deniedGuests", text)).toEqual([vmids, mistake]);
  });

  it("that is empty allows nothing, and denies nothing", () => {
    expect(listed("allowedGuests", "")).toEqual([[], undefined]);
    expect(listed("deniedGuests", "\n# none\n")).toEqual([[], undefined]);
  });

  it("is added to what the list says itself", () => {
    const allowedGuests = { ...noGuests, vmids: [{ from: 104, to: 104 }] };
    const { document } = withListFile({ ...simplestPolicy, allowedGuests }, "allowedGuests", "103");

    expect(document.allowedGuests?.vmids).toEqual([
      { from: 104, to: 104 },
      { from: 103, to: 103 },
    ]);
  });
});
