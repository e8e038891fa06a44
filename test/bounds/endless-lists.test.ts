import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createGoogleCalendar } from "#src/calendar/google/google-calendar.ts";
import { silentLogger } from "#src/log.ts";
import { findPosted } from "#src/slack/confirmations/find-posted.ts";
import { resolveChannel } from "#src/slack/notices/channel.ts";
import { createWebClients } from "#src/slack/web-clients.ts";
import { createServiceAccount } from "#test/support/fake-google/service-account.ts";

/** A server that has another page after each, and how many were asked for. */
async function endless(page: object) {
  let asked = 0;
  const answer = JSON.stringify({ access_token: "token", expires_in: 3600, ...page });
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/token")) asked++;
    response.setHeader("content-type", "application/json").end(answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked: () => asked };
}

const next = { response_metadata: { next_cursor: "again" } };

describe("a list that never ends is left", () => {
  it("of a calendar's changes, of which nothing is taken then", async () => {
    const { url, asked } = await endless({
      accessRole: "writer",
      summary: "Deletions",
      timeZone: "UTC",
      items: [],
      nextPageToken: "again",
    });
    const calendar = createGoogleCalendar({
      calendarId: "c",
      credentials: createServiceAccount().keyJson,
      apiRootUrl: `${url}/`,
      tokenUrl: `${url}/token`,
      log: silentLogger,
    });

    const reading = calendar.changes(undefined, new AbortController().signal);

    await expect(reading).rejects.toMatchObject({ kind: "unreachable" });
    expect(asked()).toBe(100);
  });

  it("of Slack's channels", async () => {
    const { url, asked } = await endless({ ok: true, channels: [], ...next });
    const { interactive } = createWebClients(
      { botToken: "xoxb-1", apiUrl: `${url}/` },
      silentLogger,
    );

    await expect(resolveChannel(interactive, "#ops")).rejects.toThrow("no channel #ops");
    expect(asked()).toBe(100);
  });

  it("of a thread's messages", async () => {
    const { url, asked } = await endless({ ok: true, messages: [], ...next });
    const web = createWebClients({ botToken: "xoxb-1", apiUrl: `${url}/` }, silentLogger);
    const question = { id: "c1", requestedAt: 0 } as Parameters<typeof findPosted>[2];
    const place = { channel: "C1", threadTs: "1.1" };

    expect(await findPosted(web.bulk, place, question, "conversation", "B1")).toBeUndefined();
    expect(asked()).toBe(50);
  });
});
