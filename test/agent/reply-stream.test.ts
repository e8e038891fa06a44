import { expect, it } from "vitest";
import type { RunEvent } from "#src/agent/agent.ts";
import { createReplyStream } from "#src/agent/reply-stream.ts";

function setUp() {
  const events: RunEvent[] = [];
  return { stream: createReplyStream((event) => events.push(event)), events };
}

it("sends the whole reply where nothing was streamed", () => {
  const { stream, events } = setUp();

  stream.finish("Hello.");

  expect(events).toEqual([{ type: "text", delta: "Hello." }]);
});

it("sends only what was added to the words that were streamed", () => {
  const { stream, events } = setUp();

  stream.add("Hello.\n");
  stream.finish("Hello.\n\nNothing was deleted yet.");

  expect(events.at(-1)).toEqual({ type: "text", delta: "\nNothing was deleted yet." });
});

it("adds nothing to a reply that was streamed as a whole", () => {
  const { stream, events } = setUp();

  stream.add("Hello. ");
  stream.finish("Hello.");

  expect(events).toEqual([{ type: "text", delta: "Hello. " }]);
});

it("takes back words that are not the reply, and sends that", () => {
  const { stream, events } = setUp();

  stream.add("The guests a");
  stream.finish("The language model cannot be reached.");

  expect(events.slice(1)).toEqual([
    { type: "turn-ended" },
    { type: "text", delta: "The language model cannot be reached." },
  ]);
});
