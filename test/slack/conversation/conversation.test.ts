import { describe, expect, it } from "vitest";
import type { Item } from "#src/agent/model.ts";
import { createOfflinePlanner } from "#src/agent/models/offline-planner.ts";
import type { AuditEntry } from "#src/audit/audit-log.ts";
import { aTarget } from "#test/support/actions.ts";
import { changingTool } from "#test/support/agent.ts";
import { aGuest } from "#test/support/guests.ts";
import { calls, createScriptedModel, says } from "#test/support/scripted-model.ts";
import { setUpConversation } from "#test/support/slack-conversation.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";
import { listGuests } from "#tools/guests/list-guests.ts";

const repeating = () =>
  createScriptedModel(({ items }) => says(`You said: ${lastUserText(items)}`));

const operator = { id: "U0ALICE", name: "Alice", role: "operator", timeZone: "UTC" };

function lastUserText(items: readonly Item[]): string {
  return items.findLast((item) => item.type === "user")?.text ?? "";
}

describe("in a direct message", () => {
  it("answers every message in its own thread", async () => {
    const { alice, answerTo, fake } = await setUpConversation({ model: repeating() });

    const first = alice.says(alice.dm, "one");
    const second = alice.says(alice.dm, "two");

    expect((await answerTo(first, "said: one")).threadTs).toBe(first.ts);
    expect((await answerTo(second, "said: two")).threadTs).toBe(second.ts);
    expect(fake.messages({ channel: alice.dm })).toHaveLength(2);
  });

  it("remembers what was said in the thread, and in no other", async () => {
    const model = repeating();
    const { alice, answerTo } = await setUpConversation({ model });
    const root = alice.says(alice.dm, "one");
    await answerTo(root, "said: one");
    await answerTo(alice.says(alice.dm, "elsewhere"), "said: elsewhere");

    alice.says(alice.dm, "two", { thread: root.ts });
    await answerTo(root, "said: two");

    const told = model.requests.at(-1)?.items.map((item) => ("text" in item ? item.text : ""));
    expect(told).toEqual(["one", "You said: one", "two"]);
  });

  it("goes by the words of who shares a file, and says that it cannot read it", async () => {
    const { alice, answerTo } = await setUpConversation({ model: repeating() });

    const said = alice.sharesFile(alice.dm, "log.txt", { text: "what is this?" });
    const { text } = await answerTo(said, "said: what is this?");
    expect(text).toContain("I cannot read files");

    await answerTo(alice.sharesFile(alice.dm, "log.txt"), /^I cannot read files; /);
  });
});

describe("in a channel", () => {
  it("answers a mention, and from then on everybody in that thread", async () => {
    const model = repeating();
    const { alice, answerTo, quiet } = await setUpConversation({ model });

    const talk = alice.says("C0PROXMOX", "nothing for the bot");
    alice.says("C0PROXMOX", "nor this", { thread: talk.ts });
    const called = alice.mentions("C0PROXMOX", "list the guests");
    expect((await answerTo(called, "said: list the guests")).threadTs).toBe(called.ts);
    alice.says("C0PROXMOX", "and the stopped ones?", { thread: called.ts });
    await answerTo(called, "said: and the stopped ones?");
    alice.says("C0PROXMOX", "<@U0BOB> have you seen this?", { thread: called.ts });
    await quiet();

    expect(model.requests).toHaveLength(2);
  });

  it("joins a thread where it is mentioned", async () => {
    const { alice, answerTo } = await setUpConversation({ model: repeating() });

    const root = alice.says("C0PROXMOX", "web-02 is slow");
    alice.mentions("C0PROXMOX", "what is it doing?", { thread: root.ts });
    await answerTo(root, "said: what is it doing?");
    alice.says("C0PROXMOX", "thanks", { thread: root.ts });

    await answerTo(root, "said: thanks");
  });

  it("is told what people mean, without its own name and Slack's markup", async () => {
    const model = repeating();
    const { alice, answerTo, fake } = await setUpConversation({ model });
    const ourselves = `<@${fake.workspace.bot.userId}>`;

    const said = alice.says(
      "C0PROXMOX",
      `${ourselves} stop <@U0BOB>&apos;s &lt;web&gt; &amp; <http://db.example|db.example>, see <#C1|ops> ${ourselves}`,
    );
    await answerTo(said, "said");

    expect(lastUserText(model.requests[0]?.items ?? [])).toBe(
      "stop <@U0BOB>&apos;s <web> & db.example, see #ops",
    );
  });

  it("helps who mentions it and says nothing", async () => {
    const { alice, answerTo } = await setUpConversation({ model: createScriptedModel([]) });

    await answerTo(alice.mentions("C0PROXMOX", ""), "Say what you want");
  });
});

it("pings nobody and previews nothing, whatever the model says", async () => {
  const model = createScriptedModel([
    says("<!channel> <@U0BOB> see [this](https://evil.example) ![x](https://evil.example/?q=1)"),
  ]);
  const { alice, answerTo, fake } = await setUpConversation({ model });

  const { text, blocks } = await answerTo(alice.says(alice.dm, "hello"), "see");

  expect(text).toContain("&lt;!channel&gt; &lt;@U0BOB&gt; see [this] (https://evil.example)");
  expect(blocks).toMatchObject([{ type: "markdown" }]);
  expect(fake.recorder.pings).toEqual([]);
  expect(fake.recorder.warnings).toEqual([]);
  expect(fake.calls("chat.postMessage")[0]?.args).toMatchObject({
    unfurl_links: "false",
    unfurl_media: "false",
  });
});

it("shows guests in a table", async () => {
  const list = async () => ({ guests: [aGuest({ vmid: 102 })], nameless: [], ownersUnread: [] });
  const guests = { list, listWithOwners: list };
  const { alice, answerTo, fake } = await setUpConversation({
    model: createOfflinePlanner(),
    tools: [listGuests({ guests, people: () => [] })],
  });

  const { blocks } = await answerTo(alice.says(alice.dm, "list all guests"), "web-02");

  expect(blocks.map(({ type }) => type)).toEqual(["markdown", "table"]);
  expect(fake.recorder.warnings).toEqual([]);
});

describe("a message that is changed afterwards", () => {
  /** A run that waits for the test, so that what is said meanwhile waits as well. */
  async function busy() {
    const gate = Promise.withResolvers<void>();
    const model = createScriptedModel(async ({ items }) => {
      if (lastUserText(items) === "first") await gate.promise;
      return says(`You said: ${lastUserText(items)}`);
    });
    const conversation = await setUpConversation({ model });
    const root = conversation.alice.says(conversation.alice.dm, "first");
    const next = conversation.alice.says(conversation.alice.dm, "secnd", { thread: root.ts });
    await Promise.all(next.deliveries.map(({ outcome }) => outcome));
    return { ...conversation, model, root, next, open: gate.resolve };
  }

  it("counts as it is now if it was not begun", async () => {
    const { alice, root, next, open, answerTo, quiet, model } = await busy();

    await Promise.all(alice.edits(next, "second").map(({ outcome }) => outcome));
    await quietEvents();
    open();
    await answerTo(root, "said: second");
    await quiet();

    expect(model.requests).toHaveLength(2);
  });

  it("is not answered if it was taken back before it was begun", async () => {
    const { alice, next, open, quiet, model } = await busy();

    await Promise.all(alice.deletes(next).map(({ outcome }) => outcome));
    await quietEvents();
    open();
    await quiet();

    expect(model.requests).toHaveLength(1);
  });

  it("goes on if it is taken back once it was begun", async () => {
    const { alice, root, next, open, quiet, db } = await busy();
    await Promise.all(alice.deletes(root).map(({ outcome }) => outcome));
    await quietEvents();

    const rows = await db.selectFrom("inbox").select("state").where("lane", "!=", "").execute();
    expect(rows.map(({ state }) => state)).toEqual(["running", "received"]);
    alice.deletes(next);
    open();
    await quiet();
  });

  it("is not answered again once it was", async () => {
    const model = repeating();
    const { alice, answerTo, quiet } = await setUpConversation({ model });
    const said = alice.says(alice.dm, "one");
    await answerTo(said, "said: one");

    await Promise.all(alice.edits(said, "two").map(({ outcome }) => outcome));
    await quiet();

    expect(model.requests).toHaveLength(1);
  });

  /** What is acknowledged may still be on its way to the listener. */
  const quietEvents = () => new Promise((resolve) => setTimeout(resolve, 50));
});

describe("what waits for a confirmation", () => {
  it("is shown as a card even where Slack refuses the words before it", async () => {
    const model = createScriptedModel([
      calls({ name: "stop_guest", args: { guest: "web-02" } }),
      says("Please confirm."),
    ]);
    const tools = [changingTool("stop_guest", "disruptive")];
    const { alice, quiet, cards, fake } = await setUpConversation({ model, tools });
    fake.faults.always("chat.postMessage", { kind: "error", error: "msg_too_long" });

    alice.says(alice.dm, "kill web-02");
    await quiet();

    expect(cards).toHaveLength(1);
  });

  const stop = calls({ name: "stop_guest", args: { guest: "web-02" } });
  const tools = [changingTool("stop_guest", "disruptive")];

  it("is said first and then shown as a card, and suspends the session", async () => {
    const model = createScriptedModel([stop, says("That waits for you.")]);
    const { alice, answerTo, quiet, cards, fake } = await setUpConversation({ model, tools });

    const said = alice.says(alice.dm, "kill web-02");
    const { text } = await answerTo(said, "That waits for you.");
    await quiet();

    expect(text).toContain("Waiting for your confirmation: stop_guest web-02.");
    expect(cards.map(({ summary }) => summary)).toEqual(["stop_guest web-02."]);
    const session = fake.context.sessions.of(said.channel, said.ts);
    expect(session).toMatchObject({ agentStatus: "suspended", status: "", title: "kill web-02" });
  });

  it("suspends the session for as long as a question is open there", async () => {
    const model = createScriptedModel([stop, says("That waits for you.")]);
    const parts = await setUpConversation({ model, tools });
    const { alice, quiet, cards, confirmations, fake, onSettled } = parts;
    const said = alice.says(alice.dm, "kill web-02");
    await quiet();
    const status = () => fake.context.sessions.of(said.channel, said.ts).agentStatus;
    const [card] = cards;
    if (!card) throw new Error("There is no card.");

    await onSettled(card);
    expect(status()).toBe("suspended");
    await confirmations.decline(card.id, operator, "C0PROXMOX/1.000001");
    await onSettled(card);
    expect(status()).toBe("active");
  });

  it("is not approved by a message, which is told where the button is", async () => {
    const model = createScriptedModel([stop, says("That waits for you.")]);
    const { alice, answerTo, quiet, confirmations } = await setUpConversation({ model, tools });
    const said = alice.says(alice.dm, "kill web-02");
    await quiet();

    alice.says(alice.dm, "Yes!", { thread: said.ts });
    const { text } = await answerTo(said, "press the button");

    expect(text).toContain("stop_guest web-02.");
    expect(await confirmations.pending()).toHaveLength(1);
    model.assertComplete();
  });

  it("lets a yes mean something else where nothing waits", async () => {
    const { alice, answerTo } = await setUpConversation({ model: repeating() });

    await answerTo(alice.says(alice.dm, "yes"), "said: yes");
  });
});

describe("who may ask", () => {
  it("is nobody without a role; the model is not asked then", async () => {
    const model = repeating();
    const { fake, answerTo } = await setUpConversation({ model });
    const bob = fake.person("U0BOB");

    const { text } = await answerTo(bob.says(bob.dm, "list guests"), "no role");

    expect(text).toContain("U0BOB");
    expect(model.requests).toEqual([]);
  });

  it("asks in a moderate number of words", async () => {
    const model = repeating();
    const { alice, answerTo, db } = await setUpConversation({ model });

    const said = alice.says(alice.dm, "word ".repeat(1_800));

    await answerTo(said, "I read 8000 characters at once. Please say it in fewer words");
    expect(model.requests).toEqual([]);
    expect(await db.selectFrom("session_item").select("item").execute()).toEqual([]);
  });

  it("does not ask all the time, and is told once when that may go on", async () => {
    const model = repeating();
    const { alice, answerTo, quiet, fake } = await setUpConversation({
      model,
      messagesPerMinute: 2,
    });
    await answerTo(alice.says(alice.dm, "one"), "said: one");
    await answerTo(alice.says(alice.dm, "two"), "said: two");

    await answerTo(alice.says(alice.dm, "three"), /try again in \d+ seconds; until then I leave/);
    for (const text of ["four", "five", "six"]) alice.says(alice.dm, text);
    await quiet();

    expect(model.requests).toHaveLength(2);
    expect(fake.calls("chat.postMessage")).toHaveLength(3);
  });
});

describe("Slack's signs of work", () => {
  it("come and go with the run", async () => {
    const gate = Promise.withResolvers<void>();
    const model = createScriptedModel(async () => {
      await gate.promise;
      return says("Done.");
    });
    const { alice, answerTo, quiet, fake } = await setUpConversation({ model });

    const said = alice.says(alice.dm, "hello");
    await fake.waitForCall("assistant.threads.setStatus");
    const during = fake.context.sessions.of(said.channel, said.ts);
    gate.resolve();
    await answerTo(said, "Done.");
    await quiet();

    expect(during).toMatchObject({ agentStatus: "processing", status: "is working on it…" });
    const after = fake.context.sessions.of(said.channel, said.ts);
    expect(after).toMatchObject({ agentStatus: "active", status: "" });
  });

  it("go although they came late", async () => {
    const { alice, quiet, fake } = await setUpConversation({ model: repeating() });
    fake.faults.next("agents.sessions.setStatus", { kind: "latency", ms: 100 });

    const said = alice.says(alice.dm, "hello");
    await quiet();

    expect(fake.context.sessions.of(said.channel, said.ts).agentStatus).toBe("active");
  });

  it("hold up nobody where Slack limits them", async () => {
    const { alice, answerTo, fake } = await setUpConversation({ model: repeating() });
    fake.faults.always("agents.sessions.setStatus", { kind: "ratelimited", retryAfter: 30 });

    const root = alice.says(alice.dm, "one");
    alice.says(alice.dm, "two", { thread: root.ts });

    await answerTo(root, "said: two");
  });

  it("are tried once where the workspace lacks them", async () => {
    const { alice, answerTo, quiet, fake } = await setUpConversation({ model: repeating() });
    fake.faults.always("agents.sessions.setStatus", { kind: "error", error: "unknown_method" });
    fake.faults.always("assistant.threads.setStatus", { kind: "error", error: "missing_scope" });

    await answerTo(alice.says(alice.dm, "one"), "said: one");
    await quiet();
    await answerTo(alice.says(alice.dm, "two"), "said: two");
    await quiet();

    expect(fake.calls("agents.sessions.setStatus")).toHaveLength(1);
    expect(fake.calls("assistant.threads.setStatus")).toHaveLength(1);
  });

  it("offer prompts to who opens the conversation", async () => {
    const { alice, fake, quiet } = await setUpConversation({ model: repeating() });

    alice.opensHome("home");
    alice.opensHome("messages");
    await quiet();

    expect(fake.context.sessions.prompts).toMatchObject([{ channel: alice.dm }]);
    expect(fake.context.sessions.prompts[0]?.prompts).toHaveLength(3);
  });
});

describe("the Stop button", () => {
  it("ends the run; what had begun is named", async () => {
    const begun = Promise.withResolvers<void>();
    const tool = changingTool("shutdown_guest", "reversible", async (_, { signal }) => {
      begun.resolve();
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    });
    const model = createScriptedModel([
      calls({ name: "shutdown_guest", args: { guest: "web-02" } }),
    ]);
    const { alice, answerTo, quiet, fake } = await setUpConversation({ model, tools: [tool] });

    const said = alice.says(alice.dm, "shut down web-02");
    await begun.promise;
    alice.pressesStop(said.channel, said.ts);
    const { text } = await answerTo(said, "Stopped.");
    await quiet();

    expect(text).toContain("Did not finish: shutdown_guest web-02.");
    expect(fake.context.sessions.of(said.channel, said.ts).agentStatus).toBe("active");
  });
});

describe("what goes wrong", () => {
  it("is told by an error id where it is ours", async () => {
    const { alice, answerTo, db } = await setUpConversation({ model: repeating() });
    await db.schema.dropTable("confirmation").execute();

    await answerTo(alice.says(alice.dm, "yes"), /went wrong on my side \(error id E-\w+\)/);
  });

  it("is tried again where Slack did not answer", async () => {
    const { alice, answerTo, fake } = await setUpConversation({ model: repeating() });
    fake.faults.next("chat.postMessage", { kind: "reset" });

    await answerTo(alice.says(alice.dm, "one"), "said: one");
  });

  it("is left alone where Slack refuses the answer", async () => {
    const model = repeating();
    const { alice, quiet, fake } = await setUpConversation({ model });
    fake.faults.always("chat.postMessage", { kind: "error", error: "is_archived" });

    alice.says(alice.dm, "one");
    await quiet();

    expect(fake.calls("chat.postMessage")).toHaveLength(1);
    expect(model.requests).toHaveLength(1);
  });

  it("leaves a run that the end of the program cuts short to the next one", async () => {
    const begun = Promise.withResolvers<void>();
    const tool = changingTool("shutdown_guest", "reversible", async (_, { signal, onProgress }) => {
      onProgress?.("waiting for shutdown");
      await new Promise((resolve) => setTimeout(resolve, 60));
      begun.resolve();
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    });
    const model = createScriptedModel([
      calls({ name: "shutdown_guest", args: { guest: "web-02" } }),
    ]);
    const timing = { appendEvery: 10, editEvery: 10 };
    const first = await setUpConversation({ model, tools: [tool], timing });
    const { fake, db, alice } = first;
    const said = alice.says(alice.dm, "shut down web-02");
    await begun.promise;

    await first.transport.stop();
    await first.answerTo(said, "interrupted by a restart");
    const { connection } = first;
    const second = await setUpConversation({
      model: createScriptedModel([]),
      slack: { fake, connection },
      db,
    });

    const { text } = await second.answerTo(said, "have not begun anew");
    expect(text).toContain("Failed: shutdown guest");
  });
});

describe("a message that an earlier process had begun", () => {
  const entry: AuditEntry = {
    actionId: "action-1",
    step: "started",
    tool: "stop_guest",
    input: {},
    target: { guest: aTarget({ name: "web-02", vmid: 102 }) },
    principal: { id: "U0ALICE", name: "Alice", role: "operator" },
  };

  /** The message in the inbox as it is left behind, and what the audit log says of it. */
  async function takenUp(...steps: readonly Partial<AuditEntry>[]) {
    const slack = await startFakeSlack();
    const { id: teamId } = slack.fake.workspace.team;
    const alice = slack.fake.person("U0ALICE");
    const { channel, ts } = alice.says(alice.dm, "kill web-02");
    const key = `msg:${teamId}:${channel}:${ts}`;
    const event = {
      type: "message",
      channel,
      channel_type: "im",
      user: alice.id,
      ts,
      text: "kill web-02",
    };
    const model = repeating();
    const conversation = await setUpConversation({
      model,
      slack,
      async prepare({ db, audit }) {
        const payload = JSON.stringify({ type: "event_callback", team_id: teamId, event });
        const row = { key, lane: `${teamId}/${channel}/${ts}`, payload };
        await db
          .insertInto("inbox")
          .values({ ...row, state: "running", attempts: 1, received_at: Date.now() })
          .execute();
        for (const step of steps) await audit.append({ ...entry, origin: key, ...step });
      },
    });
    return { ...conversation, model, said: { channel, ts } };
  }

  it("is not carried out again where its end is not known", async () => {
    const { answerTo, said, model } = await takenUp({ step: "started" });

    const { text } = await answerTo(said, "interrupted");

    expect(text).toContain("Unknown: stop guest `web-02` (VMID 102).");
    expect(text).toContain("check before repeating it");
    expect(model.requests).toEqual([]);
  });

  it("is answered by what the audit log knows", async () => {
    const { answerTo, said } = await takenUp(
      { step: "started" },
      { step: "succeeded", upid: "UPID:pve1:1" },
      { actionId: "action-2", step: "denied", message: "Nobody may." },
    );

    const { text } = await answerTo(said, "interrupted");

    expect(text).toContain("Done: stop guest `web-02` (VMID 102) (UPID:pve1:1).");
    expect(text).toContain("Not done: stop guest `web-02` (VMID 102). Nobody may.");
  });

  it("asks for no confirmation a second time", async () => {
    const { answerTo, said, model } = await takenUp({ step: "confirmation-requested" });

    const { text } = await answerTo(said, "interrupted");

    expect(text).toContain("Asked for a confirmation: stop guest `web-02` (VMID 102).");
    expect(model.requests).toEqual([]);
  });

  it("is answered as usual where nothing was done yet", async () => {
    const { answerTo, said } = await takenUp({ step: "denied" });

    await answerTo(said, "said: kill web-02");
  });
});

describe("a message that waited while nobody could answer", () => {
  it("is not acted on any more, and its author is asked to say it again", async () => {
    const anHourAgo = () => Date.now() - 3_600_000;
    const tool = changingTool("shutdown_guest", "disruptive");
    const model = createScriptedModel([]);
    const slack = await startFakeSlack({ now: anHourAgo });
    const { alice, answerTo } = await setUpConversation({ model, tools: [tool], slack });

    const said = alice.says(alice.dm, "shut down web-02");

    await answerTo(said, "60 minutes ago, and have done nothing since");
    expect(model.requests).toEqual([]);
  });
});
