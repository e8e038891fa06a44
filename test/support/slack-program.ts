/**
 * A program that can be killed: the real transport on a database file, and a listener that acts
 * once for each message, which a file records, and then answers.
 *
 * Arguments: the connection to the fake workspace as JSON, the database, the file for the acts.
 */
import { appendFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { systemClock } from "#src/clock.ts";
import { silentLogger as log } from "#src/log.ts";
import { readIdentity } from "#src/slack/identity.ts";
import type { SlackSettings } from "#src/slack/services.ts";
import { createSlackTransport, type DeliveryContext } from "#src/slack/transport/transport.ts";
import { createWebClients } from "#src/slack/web-clients.ts";
import { openDatabase } from "#src/storage/database.ts";

const [connection = "", databasePath = "", actsFile = ""] = process.argv.slice(2);
const settings = JSON.parse(connection) as SlackSettings;
const db = await openDatabase(databasePath);
const audit = createAuditLog(db, systemClock);
const web = createWebClients(settings, log);
const identity = await readIdentity(web.interactive, new AbortController().signal);
const clock = systemClock;
const transport = createSlackTransport({
  settings,
  identity,
  web,
  db,
  clock,
  log,
  isForUs: async () => true,
  limits: { messages: { slots: 8, slotsPerPerson: 8 }, waitingPerPerson: 1_000 },
});

/** Long enough for a kill to come in between. */
const moment = 15;

transport.app.event("message", async ({ event, context }) => {
  const { channel, ts, text } = event as { channel: string; ts: string; text: string };
  const { inboxKey, retaken } = context as unknown as DeliveryContext;
  const begun = retaken && (await audit.ofOrigin(inboxKey)).length > 0;
  if (!begun) await act(inboxKey, text);
  const answer = begun ? `found begun: ${text}` : `done: ${text}`;
  await sleep(moment);
  await web.interactive.chat.postMessage({ channel, thread_ts: ts, text: answer });
});

/** Written down first, so that a process that comes after knows that it may have happened. */
async function act(origin: string, text: string): Promise<void> {
  const principal = { id: "U0ALICE", name: "Alice", role: "admin" };
  const entry = { actionId: origin, step: "started", tool: "stop_guest", origin } as const;
  await audit.append({ ...entry, input: {}, target: {}, principal });
  await sleep(moment);
  appendFileSync(actsFile, `${text}\n`);
}

await transport.start();
// It is killed before it would leave to the next one what was compiled.
flushCompileCache();
