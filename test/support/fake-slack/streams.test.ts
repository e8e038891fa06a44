import { describe, expect, it } from "vitest";
import { errorOf, type StartedFakeSlack, startFakeSlack } from "./started.ts";

async function startStream({ slack, web }: StartedFakeSlack) {
  const alice = slack.person("U0ALICE");
  const said = alice.says(alice.dm, "hi");
  const { ts = "" } = await web.chat.startStream({ channel: alice.dm, thread_ts: said.ts });
  return { alice, said, stream: { channel: alice.dm, ts } };
}

describe("streams", () => {
  it("grow, and end with blocks and a status", async () => {
    const started = await startFakeSlack();
    const { slack, web } = started;
    const { said, stream } = await startStream(started);

    await web.chat.appendStream({ ...stream, markdown_text: "one " });
    await web.chat.appendStream({
      ...stream,
      chunks: [
        { type: "markdown_text", text: "two" },
        { type: "task_update", id: "t1", title: "Look", status: "in_progress" },
        { type: "task_update", id: "t1", title: "Look", status: "complete" },
      ],
    });
    await web.chat.stopStream({
      ...stream,
      session_status: "suspended",
      blocks: [{ type: "divider" }],
    });

    expect(slack.lastMessage({ thread: said.ts })).toMatchObject({
      text: "one two",
      blocks: [{ type: "divider" }],
      stream: { state: "stopped", tasks: [{ id: "t1", status: "complete" }] },
    });
    expect(slack.context.sessions.of(stream.channel, said.ts).agentStatus).toBe("suspended");
  });

  it("take nothing more once they ended", async () => {
    const started = await startFakeSlack();
    const { web } = started;
    const { stream } = await startStream(started);
    await web.chat.stopStream(stream);

    expect(await errorOf(web.chat.appendStream({ ...stream, markdown_text: "x" }))).toBe(
      "message_not_in_streaming_state",
    );
    expect(await errorOf(web.chat.stopStream(stream))).toBe("message_not_in_streaming_state");
    expect(await web.chat.update({ ...stream, text: "edited" })).toMatchObject({ ok: true });
  });

  it("die of age, even active ones, and are then recovered by an update", async () => {
    let now = Date.now();
    const started = await startFakeSlack({ now: () => now, streamMs: 300_000 });
    const { web } = started;
    const { stream } = await startStream(started);

    now += 299_000;
    await web.chat.appendStream({ ...stream, markdown_text: "x" });
    now += 2_000;

    expect(await errorOf(web.chat.appendStream({ ...stream, markdown_text: "x" }))).toBe(
      "message_not_in_streaming_state",
    );
    expect(await errorOf(web.chat.stopStream(stream))).toBe("message_not_in_streaming_state");
    expect(await web.chat.update({ ...stream, text: "whole" })).toMatchObject({ ok: true });
  });

  it("conflict with an update while they are open", async () => {
    const started = await startFakeSlack();
    const { stream } = await startStream(started);

    expect(await errorOf(started.web.chat.update({ ...stream, text: "x" }))).toBe(
      "streaming_state_conflict",
    );
  });

  it("are stopped by the user, which the app hears of", async () => {
    const started = await startFakeSlack();
    const { web } = started;
    const { alice, said, stream } = await startStream(started);

    const stop = alice.pressesStop(stream.channel, said.ts);

    expect(stop?.payload.event).toMatchObject({
      type: "agent_session_stopped",
      user: alice.id,
      thread_ts: said.ts,
      streaming_message_ts: [stream.ts],
    });
    expect(await errorOf(web.chat.appendStream({ ...stream, markdown_text: "x" }))).toBe(
      "stopped_by_user",
    );
  });

  it("name their reader outside of DMs", async () => {
    const { slack, web } = await startFakeSlack();
    const channel = "C0PROXMOX";
    const { ts } = slack.person("U0ALICE").mentions(channel, "hi");
    const reader = { recipient_team_id: slack.workspace.team.id, recipient_user_id: "U0ALICE" };

    expect(await errorOf(web.chat.startStream({ channel, thread_ts: ts }))).toBe(
      "missing_recipient_team_id",
    );
    expect(await web.chat.startStream({ channel, thread_ts: ts, ...reader })).toMatchObject({
      ok: true,
    });
  });

  it("refuse chunks there are not, and texts that are too long", async () => {
    const started = await startFakeSlack();
    const { web } = started;
    const { stream } = await startStream(started);

    expect(
      await errorOf(web.apiCall("chat.appendStream", { ...stream, chunks: [{ type: "song" }] })),
    ).toBe("invalid_chunks");
    expect(
      await errorOf(web.chat.appendStream({ ...stream, markdown_text: "x".repeat(12_001) })),
    ).toBe("msg_too_long");
    expect(await errorOf(web.chat.appendStream(stream))).toBe("no_text");
  });

  it("note the pings that they make", async () => {
    const started = await startFakeSlack();
    const { stream } = await startStream(started);

    await started.web.chat.appendStream({ ...stream, markdown_text: "hey <!here>" });

    expect(started.slack.recorder.pings).toEqual([
      { method: "chat.appendStream", ping: "<!here>" },
    ]);
  });
});
