import { inspect } from "node:util";
import { expect, it, vi } from "vitest";
import { readServiceAccountKey } from "#src/calendar/google/service-account-key.ts";
import { PublicError } from "#src/errors.ts";
import { createLogger } from "#src/log.ts";
import type { Fault, Operation } from "#test/support/fake-google/faults.ts";
import { googleCalendarOf, testGoogle } from "#test/support/fake-google/google-calendar.ts";
import { newEvent } from "./events.ts";

// Asks Google's library to print its requests, as the environment of a process may: it looks once,
// when it is loaded.
vi.hoisted(() => vi.stubEnv("GOOGLE_SDK_NODE_LOGGING", "*"));

const { signal } = new AbortController();

/** What only a credential holds: Google's access tokens, assertions, keys. */
const secret = /ya29\.|eyJ|PRIVATE KEY|Bearer (?!‹secret›)|assertion/;

it.each<[Operation, Fault]>([
  ["token", { kind: "error", status: 400, reason: "invalid_grant" }],
  ["token", { kind: "reset" }],
  ["token", { kind: "garbage" }],
  ["insert", { kind: "reset" }],
  ["insert", { kind: "hang" }],
  ["insert", { kind: "garbage" }],
  ["insert", { kind: "error", status: 403, reason: "quotaExceeded" }],
  ["insert", { kind: "error", status: 401, reason: "authError" }],
  ["insert", { kind: "error", status: 500 }],
])("a failure with %s keeps the credentials to itself: %o", async (operation, fault) => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const printed = vi.spyOn(console, "error").mockReturnValue();
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ level: "debug", destination });
  const google = await testGoogle();
  google.faults.always(operation, fault);
  const calendar = googleCalendarOf(google, { log, timeoutMs: 50 });

  const error = await calendar.insert(newEvent(), signal).catch((thrown) => thrown);
  log.error({ error }, "it failed");

  expect(error).toBeInstanceOf(PublicError);
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toMatch(secret);
  expect(printed.mock.calls.join()).not.toMatch(secret);
  expect(lines.join("")).not.toMatch(/‹secret›/);
  expect(lines.join("")).not.toMatch(secret);
});

it.each([
  ["no JSON", "-----BEGIN PRIVATE KEY-----\nCANARY"],
  ["JSON that was cut short", '{"client_email":"a@b","private_key":"CANARY'],
  ["a key without its address", '{"private_key":"CANARY"}'],
  ["a key that is none", '{"client_email":"a@b","private_key":"CANARY"}'],
  ["another kind of JSON", '["CANARY"]'],
])("a key that cannot be read is not shown: %s", (_, json) => {
  let error: unknown;
  try {
    readServiceAccountKey(json);
  } catch (thrown) {
    error = thrown;
  }

  expect(error).toBeInstanceOf(PublicError);
  expect(String(error)).toMatch(/whole JSON file/);
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toMatch(
    /CANARY/,
  );
});
