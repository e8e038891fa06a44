import { describe, expect, it } from "vitest";
import { changingTool } from "#test/support/agent.ts";
import { eventually } from "#test/support/eventually.ts";
import { calls, createScriptedModel, says } from "#test/support/scripted-model.ts";
import { setUpConversation, tellingModel } from "#test/support/slack-conversation.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";

const timing = { appendEvery: 20, editEvery: 40, holdBack: 20 };
const sentence = "Here is a sentence that is long enough. ";

async function telling(options: Partial<Parameters<typeof setUpConversation>[0]> = {}) {
  const told = tellingModel();
  const conversation = await setUpConversation({ model: told.model, timing, ...options });
  const said = conversation.alice.says(conversation.alice.dm, "tell me");
  await told.asked;
  const shown = () => conversation.fake.messages({ channel: said.channel, thread: said.ts });
  /** Tells a piece and waits until Slack shows it. */
  async function shows(piece: string, seen = piece.trim()) {
    told.tells(piece);
    await eventually(() => shown().at(-1)?.text).toContain(seen);
  }
  return { ...conversation, ...told, said, shown, shows };
}

describe("a long answer", () => {
  it("is streamed, and ends as one message that says all of it", async () => {
    const { shows, tells, ends, quiet, shown, fake } = await telling();

    await shows(sentence);
    await shows("Then <more> comes. ", "Then &lt;more&gt; comes.");
    tells("The end");
    ends();
    await quiet();

    expect(shown()).toMatchObject([
      { text: `${sentence}Then &lt;more&gt; comes. The end`, stream: { state: "stopped" } },
    ]);
    expect(fake.calls("chat.update")).toEqual([]);
    expect(fake.calls("chat.postMessage")).toEqual([]);
  });

  it("is streamed to whoever asked, in a channel as well", async () => {
    const told = tellingModel();
    const { alice, fake, quiet } = await setUpConversation({ model: told.model, timing });
    const said = alice.mentions("C0PROXMOX", "tell me");
    await told.asked;

    told.tells(sentence);
    await fake.waitForMessage({ channel: said.channel, thread: said.ts });
    told.ends();
    await quiet();

    const [message] = fake.messages({ channel: said.channel });
    expect(message).toMatchObject({ text: sentence, stream: { state: "stopped" } });
  });

  it("is streamed in whole words, so that none has to be taken back", async () => {
    const { shows, tells, ends, quiet, shown, fake } = await telling();

    await shows(`${sentence}Ask @he`, sentence.trim());
    await new Promise((resolve) => setTimeout(resolve, 3 * timing.appendEvery));
    tells("re now");
    ends();
    await quiet();

    expect(shown().map(({ text }) => text)).toEqual([`${sentence}Ask @ here now`]);
    expect(fake.calls("chat.update")).toEqual([]);
  });

  it("waits for what is still on its way to Slack", async () => {
    const { tells, ends, quiet, shown, fake } = await telling();
    fake.faults.next("chat.startStream", { kind: "latency", ms: 100 });

    tells(sentence);
    await new Promise((resolve) => setTimeout(resolve, 3 * timing.appendEvery));
    ends();
    await quiet();

    expect(shown()).toMatchObject([{ text: sentence, stream: { state: "stopped" } }]);
  });

  it("is appended to no more often than Slack likes", async () => {
    const { tells, ends, quiet, fake } = await telling({ timing: { ...timing, appendEvery: 60 } });

    for (let piece = 0; piece < 40; piece++) {
      tells(sentence);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    ends();
    await quiet();

    const at = [...fake.calls("chat.startStream"), ...fake.calls("chat.appendStream")]
      .map((call) => call.at)
      .slice(0, -1);
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(pauses.length).toBeGreaterThan(1);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50);
  });

  it("goes on as edits when the stream has become too old", async () => {
    const { shows, ends, quiet, shown, fake } = await telling({
      timing: { ...timing, streamLifetime: 0 },
    });

    await shows(sentence);
    await shows("Second. ");
    ends();
    await quiet();

    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.text).toBe(`${sentence}Second.`);
    expect(fake.calls("chat.stopStream")).toHaveLength(1);
  });

  it("is not lost when Slack has ended the stream itself", async () => {
    const { shows, tells, ends, quiet, shown, fake } = await telling();

    await shows(sentence);
    const gone = { kind: "error", error: "message_not_in_streaming_state" } as const;
    fake.faults.always("chat.appendStream", gone);
    tells("The end");
    ends();
    await quiet();
    await quiet();

    expect(shown().at(-1)?.text).toBe(`${sentence}The end`);
  });

  it("is edited into one message where the workspace has no streams", async () => {
    const { fake, shows, ends, quiet, shown } = await telling({
      slack: await withoutStreams(),
    });

    await shows(sentence);
    await shows("Second. ");
    ends();
    await quiet();

    expect(shown()).toMatchObject([{ text: `${sentence}Second.` }]);
    expect(fake.calls("chat.startStream")).toHaveLength(1);
    expect(fake.calls("chat.update").length).toBeGreaterThan(1);
  });

  it("is shown as far as it came in while Slack was slow", async () => {
    const { shows, tells, shown, fake, ends, quiet } = await telling();
    await shows(sentence);
    fake.faults.next("chat.appendStream", { kind: "latency", ms: 100 });

    tells("More of it. ");
    await new Promise((resolve) => setTimeout(resolve, 2 * timing.appendEvery));
    tells("And more. ");

    await eventually(() => shown().at(-1)?.text).toContain("And more.");
    ends();
    await quiet();
  });

  it("is split where it does not fit a message", async () => {
    const { shows, tells, ends, quiet, shown, fake } = await telling();

    await shows(sentence);
    tells("word ".repeat(1_200));
    await new Promise((resolve) => setTimeout(resolve, 3 * timing.appendEvery));
    ends();
    await quiet();

    const pieces = fake.calls("chat.appendStream").map(({ args }) => String(args.markdown_text));
    expect(pieces.join("").length).toBeLessThan(4_000);

    expect(shown()).toHaveLength(2);
    expect(shown().map(({ text }) => text.length <= 4_000)).toEqual([true, true]);
  });

  it("stops when the person stops the stream", async () => {
    const { said, shows, tells, answerTo, fake } = await telling();

    await shows(sentence);
    fake.faults.next("chat.appendStream", { kind: "error", error: "stopped_by_user" });
    tells("More words that nobody wants. ");

    await answerTo(said, "Stopped.");
  });
});

it("keeps what is said before a tool call from being streamed as the answer", async () => {
  const tool = changingTool("start_guest", "reversible", async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  const call = calls({ name: "start_guest", args: { guest: "web-02" } });
  const model = createScriptedModel([
    { ...call, items: [{ type: "assistant", text: "One moment." }, ...call.items] },
    says("It runs."),
  ]);
  const { alice, quiet, fake } = await setUpConversation({ model, tools: [tool], timing });

  alice.says(alice.dm, "start web-02");
  await quiet();

  expect(fake.calls("chat.startStream")).toEqual([]);
  expect(fake.messages({ channel: alice.dm }).map(({ text }) => text)).toEqual(["It runs."]);
});

it("has no stream open while a tool works, and turns its message into the answer", async () => {
  const working = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const tool = changingTool("start_guest", "reversible", async () => {
    working.resolve();
    await done.promise;
  });
  const call = calls({ name: "start_guest", args: { guest: "web-02" } });
  const shown = Promise.withResolvers<void>();
  const model = createScriptedModel([
    async ({ onText }) => {
      onText?.(sentence);
      await shown.promise;
      return call;
    },
    says("It runs."),
  ]);
  const { alice, quiet, fake } = await setUpConversation({ model, tools: [tool], timing });

  const said = alice.says(alice.dm, "start web-02");
  await fake.waitForMessage({ channel: said.channel, matching: sentence.trim() });
  shown.resolve();
  await working.promise;
  const open = () => fake.messages().filter(({ stream }) => stream?.state === "open");
  await eventually(open).toEqual([]);
  done.resolve();
  await quiet();

  expect(fake.messages({ channel: said.channel }).map(({ text }) => text)).toEqual(["It runs."]);
});

it("shows how far a Proxmox task is in the message that becomes the answer", async () => {
  const tool = changingTool("shutdown_guest", "reversible", async (_, { onProgress }) => {
    for (const step of ["one", "two", "three", "four", "five"]) {
      onProgress?.(`step <${step}>`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  });
  const model = createScriptedModel([
    calls({ name: "shutdown_guest", args: { guest: "web-02" } }),
    says("It is off."),
  ]);
  const { alice, quiet, fake } = await setUpConversation({ model, tools: [tool], timing });

  alice.says(alice.dm, "stop web-02");
  const { text } = await fake.waitForMessage({ channel: alice.dm, matching: "Working on it" });
  await quiet();

  expect(text).toMatch(/^Working on it: `step &lt;\w+&gt;`$/);
  expect(fake.messages({ channel: alice.dm }).map(({ text }) => text)).toEqual(["It is off."]);
  const at = fake.calls("chat.update").map((call) => call.at);
  const pauses = at.slice(1, -1).map((time, index) => time - (at[index] ?? 0));
  for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(35);
});

it("answers in a new message where the old one cannot be edited any more", async () => {
  const { fake, shows, ends, quiet, shown } = await telling({ slack: await withoutStreams() });

  await shows(sentence);
  fake.faults.always("chat.update", { kind: "error", error: "edit_window_closed" });
  ends();
  await quiet();

  expect(shown().map(({ text }) => text)).toEqual([sentence.trim(), sentence.trim()]);
});

async function withoutStreams() {
  const slack = await startFakeSlack();
  slack.fake.faults.always("chat.startStream", { kind: "error", error: "unknown_method" });
  return slack;
}
