import { describe, expect, it } from "vitest";
import { readRevision, readSpoken } from "#src/slack/conversation/incoming.ts";
import { plainWords } from "#src/slack/conversation/plain-words.ts";

const us = { teamId: "T1", botUserId: "U0BOT", botId: "B0BOT" };
const said = { type: "message", channel: "C1", user: "U1", ts: "1.1", text: "hi" };

describe("what people say", () => {
  it.each([
    ["by us", { user: "U0BOT" }],
    ["by a program", { bot_id: "B2" }],
    ["by Slack", { user: "USLACK" }],
    ["by Slackbot", { user: "USLACKBOT" }],
    ["by nobody", { user: undefined }],
    ["about who joined", { subtype: "channel_join" }],
    ["about a change", { subtype: "message_changed" }],
  ])("is nothing %s", (_, facts) => {
    expect(readSpoken({ ...said, ...facts }, us)).toBeUndefined();
  });

  it.each([undefined, "file_share", "thread_broadcast"])("has the subtype %s", (subtype) => {
    expect(readSpoken({ ...said, subtype }, us)).toMatchObject({ text: "hi", threadTs: "1.1" });
  });

  it("is taken whatever else the event holds", () => {
    const event = { ...said, text: null, blocks: 7, files: [{}], thread_ts: "1.0" };
    expect(readSpoken(event, us)).toMatchObject({ text: "", threadTs: "1.0", hasFiles: true });
    const nulls = { bot_id: null, subtype: null, thread_ts: null, channel_type: null, files: null };
    expect(readSpoken({ ...said, ...nulls }, us)).toMatchObject({ text: "hi", threadTs: "1.1" });
    expect(readSpoken("nonsense", us)).toBeUndefined();
  });
});

describe("what becomes of a message", () => {
  const changed = (message: object, previous: object = said) => ({
    type: "message",
    subtype: "message_changed",
    channel: "C1",
    ts: "2.0",
    message: { ...said, ...message },
    previous_message: previous,
  });

  it("is a new text, or none", () => {
    expect(readRevision(changed({ text: "ho" }), us)).toEqual({
      channel: "C1",
      ts: "1.1",
      text: "ho",
    });
    const deleted = { subtype: "message_deleted", channel: "C1", ts: "2.0", deleted_ts: "1.1" };
    expect(readRevision(deleted, us)).toEqual({ channel: "C1", ts: "1.1" });
    expect(readRevision(changed({ subtype: "tombstone", text: "gone" }), us)).toEqual({
      channel: "C1",
      ts: "1.1",
    });
  });

  it("is nothing where only a preview was added, or we edited our own", () => {
    expect(readRevision(changed({}), us)).toBeUndefined();
    expect(readRevision(changed({ user: "U0BOT", text: "ho" }), us)).toBeUndefined();
    expect(readRevision(said, us)).toBeUndefined();
  });
});

describe("plain words", () => {
  it.each([
    ["<@U0BOT> stop it", "stop it"],
    ["<@U0BOT|pve>: stop it", "stop it"],
    ["ask <@U2|bob>", "ask <@U2>"],
    ["in <#C2|ops> or <#C3>", "in #ops or #C3"],
    ["<!here> and <!subteam^S1|@ops>", "@here and @ops"],
    ["<!date^1^{time}|at noon>", "at noon"],
    [
      "<http://web-01.example|web-01.example> <https://a.example>",
      "web-01.example https://a.example",
    ],
    ["<mailto:a@b.example|a@b.example> <mailto:c@d.example>", "a@b.example c@d.example"],
    ["1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"],
    ["&amp;lt;", "&lt;"],
  ])("of %s", (text, words) => {
    expect(plainWords(text, us.botUserId)).toBe(words);
  });
});
