import { expect, it } from "vitest";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestIdentity } from "#src/proxmox/guest.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { alice, bob, carol } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { transferGuest } from "#tools/guests/transfer-guest.ts";

const people: readonly Principal[] = [
  alice,
  { ...bob, owner: "robert" },
  { ...carol, id: "carol@corp", owner: "carol@corp" },
  { ...carol, id: "dora", name: "Bobby" },
  { ...carol, id: "dave", name: "Bobby" },
];

function setUp(owner: string | undefined = "alice") {
  const given: [GuestIdentity, string][] = [];
  const tool = transferGuest({
    guests: guestsOf(aGuestDetail({ vmid: 103, name: "staging", owner })),
    ownership: {
      canOwn: (name) => !name.includes("@"),
      setOwner: async (guest, name) => void given.push([guest, name]),
    },
    people: () => people,
  });
  const context = aContext({ principal: alice });
  const plan = (to: string) => tool.plan({ guest: "staging", to }, context);
  return { given, context, plan };
}

it.each(["bob", "BOB", "robert", "<@bob>", " Bob "])("gives a guest to %j", async (to) => {
  const { given, context, plan } = setUp();

  const planned = await plan(to);
  expect(planned).toMatchObject({ target: { newOwner: "robert", guest: { vmid: 103 } } });
  expect(planned.summary).toBe(
    "Give staging (CT 103 on pve1) from alice to Bob (tag owner-robert), who may then do with it what its owner may.",
  );
  expect(given).toEqual([]);
  await planned.apply(context);

  expect(given).toMatchObject([[{ vmid: 103, fingerprint: "fp-102" }, "robert"]]);
});

it("gives a guest to whoever asks", async () => {
  const { plan } = setUp("robert");

  expect((await plan("me")).target).toMatchObject({ newOwner: "alice" });
});

it("has nothing to do where it is that person's already", async () => {
  const { plan } = setUp("Robert");

  expect((await plan("bob")).unchanged).toBe("staging (CT 103 on pve1) is Bob's already.");
});

it("knows nobody but the people of the policy, and names them", async () => {
  const { plan } = setUp();

  await expect(plan("mallory")).rejects.toThrow(
    'I know nobody named "mallory", so staging (CT 103 on pve1) stays as it is. Known are alice (Alice), bob (Bob), carol@corp (Carol), dora (Bobby), dave (Bobby); say the id.',
  );
});

it("asks for the id where two people have that name", async () => {
  const { plan } = setUp();

  await expect(plan("bobby")).rejects.toThrow('I know several people named "bobby"');
  expect((await plan("dora")).target).toMatchObject({ newOwner: "dora" });
});

it("says when a person's name cannot stand in a tag", async () => {
  const { plan } = setUp();

  await expect(plan("carol")).rejects.toThrow('"carol@corp" cannot stand in a tag of Proxmox');
});
