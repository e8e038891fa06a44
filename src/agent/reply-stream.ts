import type { RunEvent } from "./agent.ts";

/** Keeps the streamed pieces of text and the reply in agreement. */
export interface ReplyStream {
  add(delta: string): void;
  /** The text so far was not the answer. */
  endTurn(): void;
  /** Sends what of the reply has not been streamed yet. */
  finish(reply: string): void;
}

export function createReplyStream(onEvent: (event: RunEvent) => void): ReplyStream {
  let streamed = "";

  function add(delta: string) {
    if (!delta) return;
    streamed += delta;
    onEvent({ type: "text", delta });
  }

  function endTurn() {
    streamed = "";
    onEvent({ type: "turn-ended" });
  }

  return {
    add,
    endTurn,
    finish(reply) {
      const sent = reply.startsWith(streamed) ? streamed : streamed.trimEnd();
      if (!reply.startsWith(sent)) endTurn();
      add(reply.slice(streamed ? sent.length : 0));
    },
  };
}
