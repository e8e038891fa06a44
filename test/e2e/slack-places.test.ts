import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FakeSlack } from "#test/support/fake-slack/fake-slack.ts";
import type { Message } from "#test/support/fake-slack/messages.ts";
import type { Person } from "#test/support/fake-slack/people.ts";
import { largeSeed } from "#test/support/large-seed.ts";
import { startInSlack } from "#test/support/program-slack.ts";
import { startSimulator } from "#test/support/simulator.ts";

/** What the person alone is shown by a command, all of it. */
async function run(fake: FakeSlack, person: Person, line: string): Promise<readonly Message[]> {
  const before = fake.ephemerals(person.id).length;
  person.runs(line);
  return fake.recorder.eventually(`an answer to ${line}`, () => {
    const answers = fake.ephemerals(person.id).slice(before);
    return answers.length > 0 ? answers : undefined;
  });
}

const textOf = (value: unknown) => JSON.stringify(value);

describe("Slack beside the conversation", () => {
  it("shows Home and answers /pve without a model, each person their own", async () => {
    const slack = await startInSlack({
      slack: {
        users: [
          { id: "U0ALICE", realName: "Alice Example" },
          { id: "U0CAROL", realName: "Carol Example" },
          { id: "U0GUEST", realName: "Gus", guest: "restricted" },
          { id: "U0EXTERN", realName: "Eve", teamId: "T0OTHER" },
        ],
      },
    });
    const { fake } = slack;
    const alice = fake.person("U0ALICE");
    const carol = fake.person("U0CAROL");
    const guest = fake.person("U0GUEST");
    const extern = fake.person("U0EXTERN");

    alice.says(alice.dm, "force stop web-02");
    await fake.waitForMessage({ matching: "confirmation_approve" });
    alice.opensHome();
    const home = textOf((await fake.waitForHome("U0ALICE")).blocks);
    expect(home).toMatch(/Cut the power of web-02[\s\S]*answer it there[\s\S]*web-01[\s\S]*admin/);
    carol.opensHome();
    expect(textOf((await fake.waitForHome("U0CAROL")).blocks)).toContain("as `viewer`");

    expect(textOf(await run(fake, alice, "/pve status"))).toContain("Cluster lab");
    expect(textOf(await run(fake, alice, "/pve list"))).toContain("debian-12-template");
    expect(textOf(await run(fake, alice, "/pve pending"))).toContain("web-02");
    expect(textOf(await run(fake, carol, "/pve pending"))).toContain("Nothing waits");
    expect(textOf(await run(fake, alice, "/pve deletions"))).not.toContain("error id");
    expect(textOf(await run(fake, alice, "/pve cancel 103"))).not.toContain("error id");
    expect(textOf(await run(fake, alice, "/pve nonsense"))).toContain("/pve status");
    expect(textOf(await run(fake, carol, "/pve cancel 103"))).toMatch(/admin/);

    const refusal = carol.says(carol.dm, "shut down web-01");
    const said = await fake.waitForMessage({ thread: refusal.ts });
    expect(said.text).toMatch(/Carol Example has the role viewer[\s\S]*operator or admin/);
    const guestSaid = guest.says(guest.dm, "list containers");
    expect((await fake.waitForMessage({ thread: guestSaid.ts })).text).toContain("no role");
    expect(textOf(await run(fake, guest, "/pve list"))).toContain("no role");
    extern.mentions("C0GENERAL", "list containers");
    guest.opensHome();
    expect(textOf((await fake.waitForHome("U0GUEST")).blocks)).toContain("no role");
    expect(fake.messages({ channel: "C0GENERAL" })).toEqual([]);

    await slack.leave();
  });

  it("shows 500 guests of a cluster, whatever they are called, and calls nobody by it", async () => {
    const seed = largeSeed(500);
    const hostile = [
      "<!channel>",
      "<@U0BOB>",
      "@here",
      "*bold* _and_ `code` ~gone~",
      "[click](https://evil.example)",
      "<https://evil.example|web-01>",
      "&lt;!everyone&gt;",
      "| a | b |",
      `long-${"x".repeat(400)}`,
      "```\n# heading",
    ];
    const guests = (seed.guests ?? []).map((guest, index) => ({
      ...guest,
      name: hostile[index] ?? guest.name,
      owner: "alice",
    }));
    await using simulator = await startSimulator({ ...seed, guests });
    const { url, tokenId, tokenSecret } = simulator;
    const slack = await startInSlack({
      env: {
        PROXMOX_URL: url,
        PROXMOX_TOKEN_ID: tokenId,
        PROXMOX_TOKEN_SECRET: tokenSecret,
      },
    });
    const { fake } = slack;
    const alice = fake.person("U0ALICE");

    const { ts } = alice.mentions("C0GENERAL", "list all guests");
    await fake.waitForMessage({ thread: ts, matching: "web-00095" });
    expect(textOf(await run(fake, alice, "/pve list"))).toContain("400 more are not shown");
    alice.opensHome();
    expect(textOf((await fake.waitForHome("U0ALICE")).blocks)).toContain("more");
    const names: unknown[] = [];
    for (const vmid of hostile.map((_, index) => 100 + index)) {
      const { ts: thread } = alice.mentions("C0GENERAL", `delete ${vmid} tomorrow at 18:00`);
      const card = await fake.waitForMessage({ thread, matching: "confirmation_approve" });
      alice.clicks(card, { actionId: "confirmation_approve" });
      const modal = await fake.waitForView("U0ALICE");
      const { errors } = await alice.submits(modal, { typed_name: guests[vmid - 100]?.name ?? "" });
      names.push({ vmid, errors });
    }
    expect(names).toEqual(hostile.map((_, index) => ({ vmid: 100 + index, errors: {} })));
    await fake.recorder.eventually("every notice", () => {
      return fake.messages({ channel: "C0PROXMOX" }).length >= hostile.length || undefined;
    });

    await slack.leave();
  });

  it("comes over HTTP as well, signed", async () => {
    const port = await freePort();
    const slack = await startInSlack({ overHttp: port });
    const { fake } = slack;
    const alice = fake.person("U0ALICE");

    const { ts } = alice.says(alice.dm, "force stop web-02");
    const card = await fake.waitForMessage({ thread: ts, matching: "confirmation_approve" });
    fake.http.signing = { secret: "somebody-else" };
    expect(await alice.clicks(card, { text: "Approve" }).outcome).toMatchObject({ status: 401 });
    fake.http.signing = {};
    alice.clicks(card, { text: "Approve" });
    await fake.waitForMessage({ thread: ts, matching: ":vzstop:102:" });
    const deletion = alice.says(alice.dm, "delete test-runner on friday");
    const question = await fake.waitForMessage({
      thread: deletion.ts,
      matching: "confirmation_approve",
    });
    alice.clicks(question, { actionId: "confirmation_approve" });
    const modal = await fake.waitForView("U0ALICE");
    expect((await alice.submits(modal, { typed_name: "x" })).errors).not.toEqual({});
    await alice.submits(modal, { typed_name: "test-runner" });
    await fake.waitForMessage({ thread: deletion.ts, matching: "Scheduled" });
    expect(textOf(await run(fake, alice, "/pve status"))).toContain("Cluster lab");

    await slack.leave();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  onTestFinished(() => void server.close());
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}
