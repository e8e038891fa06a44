import { type Logger, LogLevel, WebAPIPlatformError, WebClient } from "@slack/web-api";
import { onTestFinished } from "vitest";
import {
  createFakeSlack,
  type FakeSlack,
  type FakeSlackConnection,
  type FakeSlackOptions,
} from "./fake-slack.ts";

export interface StartedFakeSlack {
  readonly slack: FakeSlack;
  readonly connection: FakeSlackConnection;
  /** Calls the fake as the app does, without retries. */
  readonly web: WebClient;
}

/** A fake that listens until the test is over. */
export async function startFakeSlack(options?: FakeSlackOptions): Promise<StartedFakeSlack> {
  const slack = createFakeSlack(options);
  const connection = await slack.start();
  onTestFinished(() => slack.stop());
  return { slack, connection, web: webClient(connection, connection.botToken) };
}

/** Tests refuse on purpose; what the client says of it is noise. */
export const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

export function webClient({ apiUrl }: FakeSlackConnection, token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5_000,
    logger: SILENT,
  });
}

/** The error code that a call is answered with; fails if the call succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WebAPIPlatformError) return error.data.error;
  throw new Error("The call was expected to be refused.", { cause: error });
}
