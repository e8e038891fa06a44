import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { errorOf, startFakeSlack, webClient } from "./started.ts";

const post = { channel: "C0PROXMOX", text: "hello" };

async function json(response: Response): Promise<unknown> {
  return await response.json();
}

describe("tokens", () => {
  it("say whose they are", async () => {
    const { slack, web } = await startFakeSlack();
    const { team, bot } = slack.workspace;

    expect(await web.auth.test()).toMatchObject({
      ok: true,
      team_id: team.id,
      user_id: bot.userId,
      bot_id: bot.botId,
    });
  });

  it("are refused when they are wrong, missing, revoked or of the other kind", async () => {
    const { slack, connection, web } = await startFakeSlack();
    const wrong = webClient(connection, "xoxb-somebody-else");

    expect(await errorOf(wrong.auth.test())).toBe("invalid_auth");
    expect(await errorOf(webClient(connection, "").auth.test())).toBe("not_authed");
    expect(await errorOf(web.apps.connections.open())).toBe("not_allowed_token_type");

    slack.credentials.revoked.set(connection.botToken, "token_revoked");
    expect(await errorOf(web.auth.test())).toBe("token_revoked");
  });

  it("are refused by a method whose scope was not granted, which says what it needs", async () => {
    const { web } = await startFakeSlack({ scopes: ["chat:write"] });

    expect(await errorOf(web.users.info({ user: "U0ALICE" }))).toBe("missing_scope");
    await expect(web.users.info({ user: "U0ALICE" })).rejects.toMatchObject({
      data: { needed: "users:read", provided: "chat:write" },
    });
    expect(await web.chat.postMessage(post)).toMatchObject({ ok: true });
  });

  it("are told with each answer what they were granted", async () => {
    const { connection, web } = await startFakeSlack({ scopes: ["chat:write", "users:read"] });
    const app = webClient(connection, connection.appToken);

    const { response_metadata: ofBot } = await web.auth.test();
    const { response_metadata: ofApp } = await app.apps.connections.open();

    expect(ofBot?.scopes).toEqual(["chat:write", "users:read"]);
    expect(ofApp?.scopes).toEqual(["connections:write"]);
  });

  it("need the scope of the kind of channel", async () => {
    const { slack, web } = await startFakeSlack({ scopes: ["channels:history"] });
    slack.workspace.addChannel({ id: "G0OPS", name: "ops", kind: "private" });
    const dm = slack.person("U0ALICE").dm;

    expect(await web.conversations.history({ channel: "C0PROXMOX" })).toMatchObject({ ok: true });
    await expect(web.conversations.history({ channel: "G0OPS" })).rejects.toMatchObject({
      data: { needed: "groups:history" },
    });
    await expect(
      web.conversations.list({ types: "public_channel,private_channel" }),
    ).rejects.toMatchObject({ data: { needed: "channels:read" } });
    slack.credentials.scopes.add("channels:read");
    await expect(
      web.conversations.list({ types: "public_channel,private_channel" }),
    ).rejects.toMatchObject({ data: { needed: "groups:read" } });
    await expect(web.conversations.history({ channel: dm })).rejects.toMatchObject({
      data: { needed: "im:history" },
    });
  });
});

describe("bodies", () => {
  it("takes JSON as well as forms", async () => {
    const { slack, connection } = await startFakeSlack();

    const response = await fetch(`${connection.apiUrl}chat.postMessage`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${connection.botToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(post),
    });

    expect(await json(response)).toMatchObject({ ok: true });
    expect(slack.lastMessage()?.text).toBe("hello");
  });

  it("refuses a body that it cannot read", async () => {
    const { connection } = await startFakeSlack();
    const send = (contentType: string, body: string) =>
      fetch(`${connection.apiUrl}auth.test`, {
        method: "POST",
        headers: { "content-type": contentType },
        body,
      });

    expect(await json(await send("application/json", "{"))).toMatchObject({
      error: "invalid_json",
    });
    expect(await json(await send("text/plain", "x"))).toMatchObject({
      error: "invalid_post_type",
    });
  });

  it("names what is missing, and notes what it does not know", async () => {
    const { slack, web } = await startFakeSlack();

    await expect(web.apiCall("users.info")).rejects.toMatchObject({
      data: {
        error: "invalid_arguments",
        response_metadata: { messages: ["[ERROR] missing required field: user"] },
      },
    });
    expect(await errorOf(web.apiCall("chat.sing"))).toBe("unknown_method");

    await web.apiCall("chat.postMessage", { ...post, thread: "1.2" });
    expect(slack.recorder.warnings).toEqual([
      { method: "chat.postMessage", warning: "unknown argument thread" },
    ]);
  });
});

describe("faults", () => {
  it("answers the next calls of a method with an error, and then as usual", async () => {
    const { slack, web } = await startFakeSlack();
    slack.faults.next("chat.postMessage", { kind: "error", error: "internal_error" }, 2);

    expect(await errorOf(web.chat.postMessage(post))).toBe("internal_error");
    expect(await web.auth.test()).toMatchObject({ ok: true });
    expect(await errorOf(web.chat.postMessage(post))).toBe("internal_error");
    expect(await web.chat.postMessage(post)).toMatchObject({ ok: true });
    expect(slack.messages()).toHaveLength(1);
  });

  it("limits the rate with Retry-After", async () => {
    const { slack, web } = await startFakeSlack();
    slack.faults.next("*", { kind: "ratelimited", retryAfter: 7 });

    const limited = await web.auth.test().catch((error: unknown) => error);

    expect(limited).toBeInstanceOf(WebAPIRateLimitedError);
    expect(limited).toMatchObject({ retryAfter: 7 });
    expect(slack.calls("auth.test")).toMatchObject([{ fault: "ratelimited" }]);
  });

  it("loses the answer of a message that it posted, or never posts it", async () => {
    const { slack, web } = await startFakeSlack();

    slack.faults.next("chat.postMessage", { kind: "status", status: 502 });
    await expect(web.chat.postMessage(post)).rejects.toBeInstanceOf(WebAPIHTTPError);
    expect(slack.messages()).toHaveLength(0);

    slack.faults.next("chat.postMessage", { kind: "status", status: 502, acted: true });
    await expect(web.chat.postMessage(post)).rejects.toBeInstanceOf(WebAPIHTTPError);
    expect(slack.messages()).toHaveLength(1);

    slack.faults.next("chat.postMessage", { kind: "reset", acted: true });
    await expect(web.chat.postMessage(post)).rejects.toBeInstanceOf(WebAPIRequestError);
    expect(slack.messages()).toHaveLength(2);
  });

  it("never answers, or answers late", async () => {
    const { slack, connection, web } = await startFakeSlack();
    slack.faults.next("auth.test", { kind: "hang" });
    slack.faults.next("auth.test", { kind: "latency", ms: 40 });

    const hanging = fetch(`${connection.apiUrl}auth.test`, { signal: AbortSignal.timeout(50) });
    await expect(hanging).rejects.toThrow("timeout");

    const before = performance.now();
    await web.auth.test();
    expect(performance.now() - before).toBeGreaterThanOrEqual(35);
  });

  it("lacks a method for good", async () => {
    const { slack, web } = await startFakeSlack();
    slack.faults.always("agents.sessions.setStatus", { kind: "error", error: "unknown_method" });
    const call = () => web.apiCall("agents.sessions.setStatus");

    expect(await errorOf(call())).toBe("unknown_method");
    expect(await errorOf(call())).toBe("unknown_method");
    slack.faults.clear();
    expect(await errorOf(call())).toBe("invalid_arguments");
  });
});

describe("the recorder", () => {
  it("keeps calls with their arguments and answers, but no token", async () => {
    const { slack, connection, web } = await startFakeSlack();

    await web.chat.postMessage(post);
    await errorOf(web.chat.postMessage({ ...post, channel: "C0NOWHERE" }));

    expect(slack.calls("chat.postMessage")).toMatchObject([
      { args: post, ok: true },
      { args: { channel: "C0NOWHERE" }, ok: false, error: "channel_not_found" },
    ]);
    expect(JSON.stringify(slack.calls())).not.toContain(connection.botToken);
  });

  it("waits for what is to come, and says what never came", async () => {
    const { slack, web } = await startFakeSlack();

    const waiting = slack.waitForMessage({ matching: /second/ });
    await web.chat.postMessage({ ...post, text: "first" });
    await web.chat.postMessage({ ...post, text: "the second" });

    expect((await waiting).text).toBe("the second");
    await expect(slack.waitForView("U0ALICE", 10)).rejects.toThrow("a modal for U0ALICE");
  });
});
