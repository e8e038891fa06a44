import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "#src/log.ts";
import { createWebClients, webOptions } from "#src/slack/web-clients.ts";
import { createFakeSlack } from "#test/support/fake-slack/fake-slack.ts";
import { startFakeSlack } from "#test/support/slack-transport.ts";

async function setup(log = silentLogger) {
  const { fake, connection } = await startFakeSlack();
  const web = createWebClients(connection, log);
  const callsOf = (method: string) => fake.recorder.calls.filter((call) => call.method === method);
  return { fake, web, callsOf };
}

const hello = { channel: "C0PROXMOX", text: "hello" };

describe("a call that Slack did not answer", () => {
  it.each([{ kind: "status", status: 503 }, { kind: "reset" }] as const)(
    "is repeated where that does no harm: %j",
    async (fault) => {
      const { fake, web, callsOf } = await setup();
      fake.faults.next("users.info", fault, 2);

      await expect(web.interactive.users.info({ user: "U0ALICE" })).resolves.toMatchObject({
        ok: true,
      });
      expect(callsOf("users.info")).toHaveLength(3);
    },
  );

  it("is given up after three attempts", async () => {
    const { fake, web, callsOf } = await setup();
    fake.faults.always("users.info", { kind: "status", status: 500 });

    await expect(web.interactive.users.info({ user: "U0ALICE" })).rejects.toThrow("500");
    expect(callsOf("users.info")).toHaveLength(3);
  });

  it.each([
    { kind: "status", status: 502, acted: true },
    { kind: "reset", acted: true },
  ] as const)("never posts a message a second time: %j", async (fault) => {
    const { fake, web, callsOf } = await setup();
    fake.faults.next("chat.postMessage", fault);

    for (const client of [web.interactive, web.bulk]) {
      await client.chat.postMessage(hello).catch(() => {});
    }
    expect(callsOf("chat.postMessage")).toHaveLength(2);
  });

  it("is made once more when nothing was sent, whatever it does", async () => {
    const messages: string[] = [];
    const write = (line: string) => void messages.push(JSON.parse(line).method);
    const fake = createFakeSlack();
    const connection = await fake.start();
    await fake.stop();
    const web = createWebClients(connection, pino({ level: "info" }, { write }));

    await expect(web.interactive.chat.postMessage(hello)).rejects.toThrow();
    expect(messages.filter((method) => method === "chat.postMessage")).toHaveLength(2);
  });
});

describe("a rate limit", () => {
  it("is waited out by the call that met it, and by no other", async () => {
    const { fake, web } = await setup();
    fake.faults.next("chat.postMessage", { kind: "ratelimited", retryAfter: 1 });
    const ended: string[] = [];

    const posting = web.interactive.chat.postMessage(hello).then(() => ended.push("posted"));
    await web.interactive.users.info({ user: "U0ALICE" }).then(() => ended.push("read"));
    await posting;

    expect(ended).toEqual(["read", "posted"]);
  });

  it("that lasts too long for whoever waits is told", async () => {
    const { fake, web } = await setup();
    fake.faults.next("chat.postMessage", { kind: "ratelimited", retryAfter: 30 });

    await expect(web.interactive.chat.postMessage(hello)).rejects.toMatchObject({
      code: "slack_webapi_rate_limited_error",
      retryAfter: 30,
    });
  });
});

describe("the end of the program", () => {
  it("is not kept waiting by a rate limit, and nothing is sent after it", async () => {
    const { fake, connection } = await startFakeSlack();
    const ending = new AbortController();
    const web = createWebClients(connection, silentLogger, ending.signal);
    fake.faults.next("chat.postMessage", { kind: "ratelimited", retryAfter: 60 });

    const posting = web.bulk.chat.postMessage(hello).catch((error: unknown) => error);
    await fake.waitForCall("chat.postMessage");
    ending.abort();

    await expect(posting).resolves.toMatchObject({ retryAfter: 60 });
    await expect(web.bulk.chat.postMessage(hello)).rejects.toThrow();
    expect(fake.calls("chat.postMessage")).toHaveLength(1);
  });
});

describe("the log", () => {
  it("shows neither a token nor what was said", async () => {
    let written = "";
    const write = (line: string) => {
      written += line;
    };
    const { fake, web } = await setup(pino({ level: "trace" }, { write }));
    fake.faults.next("chat.postMessage", { kind: "status", status: 500 });
    fake.faults.next("users.info", { kind: "reset" });

    await web.interactive.chat.postMessage({ ...hello, text: "private words" }).catch(() => {});
    await web.interactive.users.info({ user: "U0ALICE" });

    expect(written).toContain("users.info");
    expect(written).not.toMatch(/private words|xoxb-/);
  });
});

it("tells Slack no secret, in a text or in blocks", async () => {
  const { fake, connection } = await startFakeSlack();
  const redact = (text: string) => text.replaceAll("hunter2", "***");
  const { interactive } = createWebClients({ ...connection, redact }, silentLogger);
  const said = "the password is hunter2 & more";
  const blocks = [{ type: "section", text: { type: "mrkdwn", text: said } }];

  await interactive.chat.postMessage({ ...hello, text: said, blocks });

  const [message] = fake.messages({ channel: hello.channel });
  expect(message).toMatchObject({
    text: "the password is *** & more",
    blocks: [{ text: { text: "the password is *** & more" } }],
  });
});

it("gives a response URL no secret either", async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const redact = (said: string) => said.replaceAll("hunter2", "***");
  const { fetch: send } = webOptions({ redact }, silentLogger);
  const { port } = server.address() as AddressInfo;
  const body = JSON.stringify({ text: "hunter2" });

  await send?.(`http://127.0.0.1:${port}/`, { method: "POST", body });

  expect(bodies).toEqual(['{"text":"***"}']);
});
