import { Temporal } from "temporal-polyfill";
import type { ModelRequest, RunContext, ToolDescription } from "#src/agent/model.ts";

/** What a request knows of the moment: Saturday, alice, one guest. */
export const aContext: RunContext = {
  now: Temporal.Instant.from("2026-11-21T02:58:00Z"),
  principal: { id: "alice", name: "Alice", role: "admin", timeZone: "Europe/Berlin" },
  guests: [
    {
      vmid: 101,
      kind: "ct",
      name: "web-01",
      node: "pve1",
      status: "running",
      tags: ["prod", "web"],
      owner: "alice",
    },
  ],
};

export const someTools: readonly ToolDescription[] = [
  {
    name: "shutdown_guest",
    description: "Shut a guest down.",
    parameters: {
      type: "object",
      properties: { guest: { type: "string" } },
      required: ["guest"],
      additionalProperties: false,
    },
  },
];

/** A request of which a test writes only what it is about. */
export function aModelRequest(request: Partial<ModelRequest> = {}): ModelRequest {
  return {
    instructions: "Be brief.",
    items: [{ type: "user", text: "shut down web-01" }],
    context: aContext,
    tools: someTools,
    toolChoice: "auto",
    signal: new AbortController().signal,
    ...request,
  };
}
