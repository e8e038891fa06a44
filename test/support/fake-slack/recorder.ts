import { EventEmitter } from "node:events";
import type { Fault } from "./faults.ts";
import type { JsonObject } from "./slack-error.ts";

/** A call of the Web API, as it was answered. */
export interface Call {
  readonly method: string;
  readonly args: JsonObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The `ok` of the answer; undefined while it is not answered, or lost. */
  readonly ok?: boolean;
  readonly error?: string;
  /** What the script of the test did to it. */
  readonly fault?: Fault["kind"];
}

/** Something that Slack accepts and people suffer from. */
export interface Warning {
  readonly method: string;
  readonly warning: string;
}

/** A text that notifies people. */
export interface Ping {
  readonly method: string;
  readonly ping: string;
}

/** Keeps what happened, and wakes those who wait for it. */
export interface Recorder {
  readonly calls: Call[];
  readonly warnings: Warning[];
  readonly pings: Ping[];
  /** Something changed: whoever waits looks again. */
  changed(): void;
  /**
   * Resolves with the first value that is not undefined.
   *
   * @param timeoutMs default 5,000.
   * @throws Error that names what was waited for.
   */
  eventually<T>(what: string, read: () => T | undefined, timeoutMs?: number): Promise<T>;
}

export function createRecorder(): Recorder {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    calls: [],
    warnings: [],
    pings: [],
    changed() {
      emitter.emit("changed");
    },
    eventually(what, read, timeoutMs = 20_000) {
      const now = read();
      if (now !== undefined) return Promise.resolve(now);
      return new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          emitter.off("changed", look);
        };
        const look = () => {
          const value = read();
          if (value === undefined) return;
          stop();
          resolve(value);
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`Fake Slack waited ${timeoutMs} ms for ${what}.`));
        }, timeoutMs);
        emitter.on("changed", look);
      });
    },
  };
}
