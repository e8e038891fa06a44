import { expect, it } from "vitest";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { nameToType } from "#src/actions/typed-name.ts";
import type { Target } from "#src/policy/target.ts";
import { createRedactor } from "#src/redaction.ts";
import { aTarget } from "#test/support/actions.ts";

const toType = (target: Target) => nameToType({ target } as Confirmation);
const at = "2026-11-27T17:00:00Z";
const one = (name: string) => ({
  id: `d-${name}`,
  requestedBy: "bob",
  dueAt: at,
  guest: aTarget({ name }),
});

it("is the name of the guest that would be lost", () => {
  expect(toType({ guest: aTarget({ name: "web-02" }), at })).toBe("web-02");
  expect(toType({ deletions: [one("web-01")], at })).toBe("web-01");
});

it("is never a name that holds a secret, as it would be the same as what is typed of another", () => {
  const name = createRedactor([])("xoxb-1234-5678-abcdef");

  expect(toType({ guest: aTarget({ name, vmid: 104 }), at })).toBe("VMID 104");
  expect(toType({ guest: aTarget({ name: `a-${name}`, vmid: 104 }), at })).toBe("VMID 104");
});

it("is the number of guests where there are several", () => {
  expect(toType({ deletions: [one("a"), one("b"), one("c")], at })).toBe("3 guests");
});

it("is nothing where nothing would be lost", () => {
  expect(toType({ guest: aTarget() })).toBeUndefined();
});
