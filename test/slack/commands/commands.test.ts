import { describe, expect, it } from "vitest";
import { defaultRoles } from "#src/policy/roles.ts";
import { approveAction } from "#src/slack/cards/confirmation-card.ts";
import { readCommand } from "#src/slack/commands/command.ts";
import { aNewDeletion } from "#test/support/deletions.ts";
import { eventually } from "#test/support/eventually.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { setUpFront } from "#test/support/slack-front.ts";

/** Runs a command, and returns what Alice alone is shown. */
async function run(line: string, parts?: Awaited<ReturnType<typeof setUpFront>>, who = "U0ALICE") {
  const { fake } = parts ?? (await setUpFront());
  const before = fake.ephemerals(who).length;
  fake.person(who).runs(line, "C0PROXMOX");
  await eventually(() => fake.ephemerals(who).length).toBeGreaterThan(before);
  return fake.ephemerals(who).at(-1) ?? expect.fail();
}

describe("/pve", () => {
  it("tells how the cluster is", async () => {
    const { text } = await run("/pve status");

    expect(text).toContain("Cluster lab, Proxmox VE 9.1.2: quorate");
    expect(text).toContain("pve1: online, CPU 25%");
    expect(text).toContain("pve2: OFFLINE");
    expect(text).toContain("Containers: 2 running");
  });

  it("lists the guests in a table, with the same in words", async () => {
    const { blocks, text } = await run("/pve list");

    expect(blocks.map(({ type }) => type)).toContain("table");
    expect(text).toMatch(
      /^The guests:\nvmid kind name[^\n]*\n102 ct web-02[^\n]*\n103 ct test-runner/,
    );
  });

  it("lists 500 guests within Slack's limits", async () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      aGuestDetail({
        vmid: 1000 + index,
        name: `guest-${index}<!channel>`,
        fingerprint: `${index}`,
      }),
    );
    const parts = await setUpFront({ guests: guestsOf(...many) });

    await run("/pve list", parts);

    expect(parts.fake.recorder.warnings).toEqual([]);
    expect(parts.fake.recorder.pings).toEqual([]);
  });

  it("lists the coming deletions", async () => {
    const parts = await setUpFront();
    expect((await run("/pve deletions", parts)).text).toContain("No deletion is scheduled");
    await parts.deletions.schedule(aNewDeletion());

    const { text } = await run("/pve deletions", parts);

    expect(text).toContain("test-runner (CT 103 on pve1), requested by Bob, confirmed by Alice");
  });

  it("lists one's own open questions with the way to their cards", async () => {
    const parts = await setUpFront();
    expect((await run("/pve pending", parts)).text).toContain("Nothing waits");
    const { card } = await parts.askAndPost("stop_guest", { guest: 103 });

    const { text } = await run("/pve pending", parts);

    expect(text).toContain("test-runner");
    expect(text).toContain(`p${card.ts.replace(".", "")}`);
    expect((await run("/pve pending", parts, "U0BOB")).text).toContain("Nothing waits");
  });

  it("cancels a deletion by VMID, through the policy and the audit log", async () => {
    const parts = await setUpFront();
    const { deletions, audit } = parts;
    await deletions.schedule(aNewDeletion({ requestedBy: { id: "U0ALICE", name: "Alice" } }));

    expect((await run("/pve cancel 103", parts)).text).toContain("Done.");

    expect(await deletions.listOpen()).toEqual([]);
    const records = await audit.tail({ limit: 9 });
    expect(records.map(({ step }) => step)).toEqual(["started", "succeeded"]);
    expect(records[0]?.origin).toMatch(/^stop:/);
    expect((await run("/pve cancel 103", parts)).text).toContain("only for an own request");
  });

  it("refuses what the policy refuses, and says who may", async () => {
    const parts = await setUpFront();
    await parts.deletions.schedule(aNewDeletion());

    expect((await run("/pve cancel 103", parts)).text).toContain("only for an own request");
    expect(await parts.deletions.listOpen()).toHaveLength(1);
  });

  it("stops every change at once, which status and Home say, until a role that may lets them go on", async () => {
    const roles = { ...defaultRoles };
    const parts = await setUpFront({ roles });
    const { audit, fake, aliceInSlack } = parts;
    aliceInSlack.opensHome();
    const home = () => JSON.stringify(fake.home("U0ALICE")?.blocks ?? []);
    await eventually(home).toContain("Coming deletions");

    const pulled = await run("/pve FREEZE Smoke in <!channel> the Rack", parts, "U0BOB");

    expect(pulled.text).toContain("Every change is stopped by Bob");
    expect(pulled.text).toContain("Smoke in");
    expect(fake.recorder.pings).toEqual([]);
    await eventually(home).toContain("Every change is stopped by Bob");
    const before = fake.ephemerals("U0ALICE").length;
    await run("/pve status", parts);
    await eventually(() => fake.ephemerals("U0ALICE").length).toBe(before + 2);
    const [warning, status] = fake.ephemerals("U0ALICE").slice(before);
    expect(warning?.text).toContain("Every change is stopped by Bob");
    expect(status?.text).toContain("Cluster lab");

    expect((await run("/pve unfreeze", parts, "U0BOB")).text).toContain("The role admin may.");
    expect(await parts.brake.state()).toBeDefined();
    roles.operator = defaultRoles.admin ?? {};
    expect((await run("/pve unfreeze", parts)).text).toContain("changes go on");
    await eventually(home).not.toContain("Every change is stopped");
    const records = await audit.tail({ limit: 9 });
    expect(records.map(({ step, principal }) => `${principal.id} ${step}`)).toEqual([
      "U0BOB succeeded",
      "U0BOB denied",
      "U0ALICE started",
      "U0ALICE succeeded",
    ]);
    expect(records[0]?.origin).toMatch(/^stop:/);
  });

  it("lists the brake among what can be asked", async () => {
    const { text } = await run("/pve help");

    expect(text).toContain("/pve freeze");
    expect(text).toContain("/pve unfreeze");
  });

  it("does nothing for somebody without a role", async () => {
    const parts = await setUpFront();
    parts.fake.workspace.addUser({ id: "U0EVE" });
    parts.fake.workspace.channels.get("C0PROXMOX")?.members.add("U0EVE");

    expect((await run("/pve status", parts, "U0EVE")).text).toContain("no role");
    expect((await run("/pve list", parts, "U0EVE")).text).not.toContain("test-runner");
  });

  it("asks on a card in the direct conversation where the policy wants a confirmation", async () => {
    const roles = {
      ...defaultRoles,
      operator: { ...defaultRoles.operator, cancel_deletion: "confirm" as const },
    };
    const parts = await setUpFront({ roles });
    await parts.deletions.schedule(aNewDeletion());

    expect((await run("/pve cancel 103", parts)).text).toContain("needs your confirmation");
    const { fake, aliceInSlack, deletions } = parts;
    const card = await fake.waitForMessage({ channel: aliceInSlack.dm, matching: "Cancel" });
    aliceInSlack.clicks(card, { actionId: approveAction });

    await eventually(() => deletions.listOpen()).toEqual([]);
  });

  it("shows an error id where something goes wrong", async () => {
    const parts = await setUpFront({
      guests: { ...guestsOf(), list: () => Promise.reject(new Error("secret")) },
    });

    const { text } = await run("/pve list", parts);

    expect(text).toMatch(/error id E-/);
    expect(text).not.toContain("secret");
  });
});

describe("what stands after /pve", () => {
  it.each([
    ["", { kind: "help" }],
    [" HELP ", { kind: "help" }],
    ["status", { kind: "status" }],
    ["Freeze  Smoke  in Rack", { kind: "freeze", reason: "Smoke in Rack" }],
    ["freeze", { kind: "freeze", reason: "" }],
    ["unfreeze", { kind: "unfreeze" }],
    ["cancel  103", { kind: "cancel", vmid: 103 }],
  ])("is read: %s", (text, command) => {
    expect(readCommand(text)).toEqual(command);
  });

  it.each(["cancel", "cancel all", "cancel 103 104", "cancel 103.5", "cancel -1", "frobnicate"])(
    "is answered with help: %s",
    async (text) => {
      const { text: answer } = await run(`/pve ${text}`);

      expect(answer).toContain("/pve status");
    },
  );
});
