import { TimeoutStrategy, timeout } from "cockatiel";
import { z } from "zod";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { type ConnectionOptions, connectToGoogle, type EventsApi } from "./google-connection.ts";
import { calendarErrorOf, kindOf } from "./google-errors.ts";
import { failureOf, GoogleFailure } from "./google-failure.ts";
import { repeatRead } from "./repeat-read.ts";
import { createWriteGate } from "./write-gate.ts";

/** One request, by one method of Google's library. */
export interface Call<T> {
  /** For the log. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  send(events: EventsApi, signal: AbortSignal): Promise<{ readonly data: unknown }>;
}

/**
 * Makes requests as the service account, each within the timeout, and checks their answers.
 *
 * @throws CalendarError whose cause is a GoogleFailure; an abort throws its reason.
 */
export interface GoogleClient {
  /** Tries again what may pass by itself. */
  read<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** Tries once, when the gate lets it; with `unreachable` it may have arrived. */
  write<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** By how many milliseconds Google's clock was ahead of ours at its last answer. */
  clockOffset(): number | undefined;
}

export interface GoogleClientOptions extends Omit<ConnectionOptions, "onDate"> {
  readonly calendarId: string;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Connects on the first request. */
export function createGoogleClient(options: GoogleClientOptions): GoogleClient {
  const { key, calendarId, timeoutMs, log, clock } = options;
  const gate = createWriteGate(clock);
  const connect = () => connectToGoogle({ ...options, onDate: noteDate });
  let events = connect();
  let clockOffset: number | undefined;

  function noteDate(date: string): void {
    const at = Date.parse(date);
    if (!Number.isNaN(at)) clockOffset = at - clock.now().epochMilliseconds;
  }

  /** An access token may be withdrawn before its time; what came with it was not carried out. */
  async function send<T>(call: Call<T>, signal: AbortSignal) {
    const used = events;
    try {
      return await call.send(used, signal);
    } catch (error) {
      if (failureOf(error).status !== 401) throw error;
      if (events === used) events = connect();
      return call.send(events, signal);
    }
  }

  async function attempt<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    const limit = timeout(timeoutMs, TimeoutStrategy.Aggressive);
    try {
      const { data } = await limit.execute((inner) => send(call, inner.signal), signal);
      const answer = call.schema.safeParse(data);
      if (!answer.success) {
        throw new GoogleFailure(`an answer that cannot be read: ${z.prettifyError(answer.error)}`);
      }
      log.debug({ call: call.name, ms: ms() }, "google calendar answered");
      return answer.data;
    } catch (error) {
      const failure = failureOf(error);
      const { status, reason } = failure;
      log.debug({ call: call.name, ms: ms(), status, reason }, "google calendar failed");
      throw failure;
    }
  }

  async function write<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    await gate.pass(signal);
    return attempt(call, signal).catch((failure) => {
      if (kindOf(failure) === "read-only") gate.close();
      throw failure;
    });
  }

  async function inWordsOfThePort<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof CalendarError) throw error;
      throw calendarErrorOf(failureOf(error), { calendarId, clientEmail: key.clientEmail });
    }
  }

  return {
    read: (call, signal) =>
      inWordsOfThePort(
        () => repeatRead((inner) => attempt(call, inner), timeoutMs, signal),
        signal,
      ),
    write: (call, signal) => inWordsOfThePort(() => write(call, signal), signal),
    clockOffset: () => clockOffset,
  };
}
