import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { isValidSlackRequest } from "@slack/bolt";
import { describe, expect, it, onTestFinished } from "vitest";
import { readBody } from "./arguments.ts";
import { startFakeSlack } from "./started.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An app's endpoint that answers with the replies in turn, then with 200. */
async function startReceiver(...replies: readonly Reply[]) {
  const received: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await readBody(incoming);
    const reply = replies[received.push({ headers: incoming.headers, body }) - 1] ?? {};
    outgoing.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { received, url: `http://127.0.0.1:${port}/slack/events` };
}

async function startOverHttp(...replies: readonly Reply[]) {
  const started = await startFakeSlack({ retryDelaysMs: [0, 0] });
  const receiver = await startReceiver(...replies);
  started.slack.http.url = receiver.url;
  return { ...started, ...receiver, alice: started.slack.person("U0ALICE") };
}

function isSigned({ headers, body }: Received, signingSecret: string): boolean {
  return isValidSlackRequest({
    signingSecret,
    body,
    headers: {
      "x-slack-signature": String(headers["x-slack-signature"]),
      "x-slack-request-timestamp": Number(headers["x-slack-request-timestamp"]),
    },
  });
}

describe("delivery over HTTP", () => {
  it("signs events as Slack does", async () => {
    const { alice, received, connection } = await startOverHttp();

    await alice.says(alice.dm, "hi").deliveries[0]?.outcome;

    const [event] = received;
    if (!event) throw new Error("Nothing was received.");
    expect(event.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(event.body)).toMatchObject({ type: "event_callback", event: { text: "hi" } });
    expect(isSigned(event, connection.signingSecret)).toBe(true);
    expect(isSigned({ ...event, body: `${event.body} ` }, connection.signingSecret)).toBe(false);
  });

  it("signs wrongly, too early and too late on demand", async () => {
    const { alice, received, slack, connection } = await startOverHttp();
    const send = async () => {
      await alice.says(alice.dm, "hi").deliveries[0]?.outcome;
      const last = received.at(-1);
      if (!last) throw new Error("Nothing was received.");
      return last;
    };
    const skewOf = ({ headers }: Received) =>
      Math.round(Number(headers["x-slack-request-timestamp"]) - Date.now() / 1000);

    slack.http.signing = { secret: "wrong" };
    expect(isSigned(await send(), connection.signingSecret)).toBe(false);

    slack.http.signing = { skewSeconds: -3_600 };
    const stale = await send();
    expect(skewOf(stale)).toBeLessThan(-3_590);
    expect(isSigned(stale, connection.signingSecret)).toBe(false);

    slack.http.signing = { skewSeconds: 3_600 };
    expect(skewOf(await send())).toBeGreaterThan(3_590);
  });

  it("sends interactions and commands as forms, with exactly that content type", async () => {
    const { alice, received, web, slack } = await startOverHttp();
    await web.chat.postMessage({
      channel: alice.dm,
      text: "x",
      blocks: [
        {
          type: "actions",
          elements: [
            { type: "button", action_id: "go", text: { type: "plain_text", text: "Stop web-01" } },
          ],
        },
      ],
    });
    const card = slack.lastMessage();
    if (!card) throw new Error("There is no card.");
    await slack.recorder.eventually("the event", () => received[0]);

    await alice.clicks(card, { actionId: "go" }).outcome;
    await alice.runs("/pve status now").outcome;

    const [, click, command] = received;
    expect(click?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    const payload = JSON.parse(new URLSearchParams(click?.body).get("payload") ?? "");
    expect(payload).toMatchObject({ type: "block_actions", actions: [{ action_id: "go" }] });
    expect(Object.fromEntries(new URLSearchParams(command?.body))).toMatchObject({
      command: "/pve",
      text: "status now",
      user_id: alice.id,
    });
  });

  it("repeats events with the headers that say so, until they are taken", async () => {
    const { alice, received } = await startOverHttp({ status: 500 }, { status: 503 });

    const [delivery] = alice.says(alice.dm, "hi").deliveries;

    expect(await delivery?.outcome).toMatchObject({ kind: "acked" });
    expect(received.map(({ headers }) => headers["x-slack-retry-num"])).toEqual([
      undefined,
      "1",
      "2",
    ]);
    expect(received[1]?.headers["x-slack-retry-reason"]).toBe("http_error");
  });

  it("does not repeat what the app does not want again", async () => {
    const reply = { status: 500, headers: { "x-slack-no-retry": "1" } };
    const { alice, received } = await startOverHttp(reply);

    const [delivery] = alice.says(alice.dm, "hi").deliveries;

    expect(await delivery?.outcome).toMatchObject({ kind: "failed", status: 500, noRetry: true });
    expect(received).toHaveLength(1);
  });

  it("reads errors of a submission from the answer", async () => {
    const errors = { name: "Type web-01 exactly" };
    const body = JSON.stringify({ response_action: "errors", errors });
    const { alice, web, slack } = await startOverHttp({ body });
    await web.views.open({
      trigger_id: slack.context.views.issueTrigger(alice.id),
      view: {
        type: "modal",
        title: { type: "plain_text", text: "Delete" },
        submit: { type: "plain_text", text: "Delete" },
        blocks: [
          {
            type: "input",
            block_id: "name",
            label: { type: "plain_text", text: "Name" },
            element: { type: "plain_text_input", action_id: "typed" },
          },
        ],
      },
    });

    const view = await slack.waitForView(alice.id);
    expect(await alice.submits(view, { typed: "web-02" })).toMatchObject({ errors });
    expect(slack.openView(alice.id)).toBeDefined();
  });

  it("checks the URL with a challenge", async () => {
    const { slack, received } = await startOverHttp({ body: "abc" });

    expect(await slack.http.verifyUrl("abc")).toEqual({ status: 200, body: "abc" });
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
      type: "url_verification",
      challenge: "abc",
    });
  });
});
