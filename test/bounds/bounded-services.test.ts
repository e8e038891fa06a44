import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { createOpenAiClient } from "#src/agent/models/openai-client.ts";
import { connectToGoogle } from "#src/calendar/google/google-connection.ts";
import { readServiceAccountKey } from "#src/calendar/google/service-account-key.ts";
import { silentLogger } from "#src/log.ts";
import { createWebClients } from "#src/slack/web-clients.ts";
import { createServiceAccount } from "#test/support/fake-google/service-account.ts";

/** Valid JSON that is small on the wire and larger than whatever anybody may read. */
function packed(json: object): Buffer {
  return gzipSync(JSON.stringify({ ...json, padding: "x".repeat(17 * 1024 * 1024) }), { level: 1 });
}

/** A server with one answer to everything that is asked for below `path`. */
async function answering(path: string, json: object): Promise<string> {
  const body = packed(json);
  const token = JSON.stringify({ access_token: "token", expires_in: 3600 });
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (!request.url?.startsWith(path)) return void response.end(token);
    response.setHeader("content-encoding", "gzip").end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The innermost reason of a failure. */
async function reasonOf(work: PromiseLike<unknown>): Promise<unknown> {
  let reason: unknown = await Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  );
  while (reason instanceof Error && reason.cause) reason = reason.cause;
  return reason;
}

const tooLong = { name: "AnswerTooLongError" };

describe("an answer that would fill the memory is not read to its end", () => {
  it("from the model's server", async () => {
    const url = await answering("/", { id: "c1", choices: [] });
    const client = createOpenAiClient({ baseUrl: `${url}/v1` });

    const asking = client.chat.completions.create({ model: "m", messages: [] });

    expect(await reasonOf(asking)).toMatchObject(tooLong);
  });

  it("from Slack", async () => {
    const url = await answering("/", { ok: true });
    const web = createWebClients({ botToken: "xoxb-1", apiUrl: `${url}/api/` }, silentLogger);

    expect(await reasonOf(web.interactive.auth.test())).toMatchObject(tooLong);
  });

  it("from Google", async () => {
    const url = await answering("/calendar", { items: [] });
    const events = connectToGoogle({
      key: readServiceAccountKey(createServiceAccount().keyJson),
      apiRootUrl: `${url}/`,
      tokenUrl: `${url}/token`,
      timeoutMs: 5_000,
      onDate: () => {},
    });

    expect(await reasonOf(events.list({ calendarId: "c" }))).toMatchObject(tooLong);
  });
});
