import type { Message, MessageStore } from "./messages.ts";
import type { Recorder } from "./recorder.ts";
import type { Sessions } from "./sessions.ts";
import type { Views } from "./views.ts";
import type { Workspace } from "./workspace.ts";

/** Durations that Slack has and tests shorten, in milliseconds. */
export interface Lifetimes {
  /** A stream dies, even an active one; Slack: about 5 minutes. */
  readonly streamMs: number;
  /** Until a trigger expires; Slack: 3 seconds. */
  readonly triggerMs: number;
  /** Until the status of a thread vanishes; Slack: 2 minutes. */
  readonly statusMs: number;
  /** Until a response URL expires; Slack: 30 minutes. */
  readonly responseUrlMs: number;
}

export const SLACK_LIFETIMES: Lifetimes = {
  streamMs: 300_000,
  triggerMs: 3_000,
  statusMs: 120_000,
  responseUrlMs: 1_800_000,
};

/** What the methods of the Web API work on. */
export interface FakeContext {
  readonly workspace: Workspace;
  readonly messages: MessageStore;
  readonly views: Views;
  readonly sessions: Sessions;
  readonly recorder: Recorder;
  readonly lifetimes: Lifetimes;
}

/** Whether the message still streams: neither ended nor died of age. */
export function isStreaming({ workspace, lifetimes }: FakeContext, { stream }: Message): boolean {
  return stream?.state === "open" && workspace.now() - stream.startedAt <= lifetimes.streamMs;
}
