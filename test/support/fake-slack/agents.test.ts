import { describe, expect, it } from "vitest";
import { errorOf, startFakeSlack } from "./started.ts";

async function threadWithAlice(options = {}) {
  const started = await startFakeSlack(options);
  const alice = started.slack.person("U0ALICE");
  const { ts } = alice.says(alice.dm, "hi");
  return { ...started, thread: { channel_id: alice.dm, thread_ts: ts } };
}

describe("the status of a thread", () => {
  it("vanishes with an answer, with an empty one and after two minutes", async () => {
    let now = Date.now();
    const { slack, web, thread } = await threadWithAlice({ now: () => now });
    const { channel_id: channel, thread_ts } = thread;
    const shown = () => slack.status(channel, thread_ts);
    const set = (status: string) => web.assistant.threads.setStatus({ ...thread, status });

    await set("is looking");
    expect(shown()).toBe("is looking");
    await web.chat.postMessage({ channel, thread_ts, text: "found" });
    expect(shown()).toBe("");

    await set("is looking");
    await set("");
    expect(shown()).toBe("");

    await set("is looking");
    now += 121_000;
    expect(shown()).toBe("");
  });

  it("needs a thread, and ten loading messages at most", async () => {
    const { web, thread } = await threadWithAlice();
    const loading_messages = Array.from({ length: 11 }, () => "x");

    expect(
      await errorOf(
        web.assistant.threads.setStatus({ ...thread, thread_ts: "1.000001", status: "x" }),
      ),
    ).toBe("invalid_thread_ts");
    expect(
      await errorOf(web.assistant.threads.setStatus({ ...thread, status: "x", loading_messages })),
    ).toBe("invalid_arguments");
  });
});

describe("agent sessions", () => {
  it("have a status and a name once they are begun", async () => {
    const { slack, web, thread } = await threadWithAlice();

    expect(await errorOf(web.agents.sessions.rename({ ...thread, title: "x" }))).toBe(
      "not_authorized",
    );
    const answer = await web.agents.sessions.setStatus({ ...thread, status: "processing" });
    await web.agents.sessions.rename({ ...thread, title: "VM: stop" });

    expect(answer).toMatchObject({ agent_status: "processing" });
    expect(answer).not.toHaveProperty("warning");
    expect(slack.context.sessions.of(thread.channel_id, thread.thread_ts)).toMatchObject({
      agentStatus: "processing",
      title: "VM_ stop",
    });
    expect(await errorOf(web.agents.sessions.setStatus({ ...thread, status: "busy" }))).toBe(
      "invalid_arguments",
    );
  });

  it("warn when nobody listens to the Stop button", async () => {
    const { web, thread } = await threadWithAlice({ subscriptions: ["message.im"] });

    expect(await web.agents.sessions.setStatus({ ...thread, status: "processing" })).toMatchObject({
      warning: "missing_agent_session_stopped_event_subscription",
    });
  });
});

describe("suggested prompts", () => {
  it("are four at most, and need no thread", async () => {
    const { slack, web, thread } = await threadWithAlice();
    const prompts = [{ title: "Health", message: "How is the cluster?" }];
    const { channel_id } = thread;

    await web.assistant.threads.setSuggestedPrompts({ channel_id, prompts });

    expect(slack.context.sessions.prompts).toMatchObject([{ channel: channel_id, prompts }]);
    expect(
      await errorOf(
        web.assistant.threads.setSuggestedPrompts({
          channel_id,
          prompts: Array.from({ length: 5 }, () => ({ title: "x", message: "x" })),
        }),
      ),
    ).toBe("invalid_arguments");
  });
});
