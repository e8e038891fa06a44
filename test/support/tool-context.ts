import { Temporal } from "temporal-polyfill";
import type { ToolContext } from "#src/actions/tool.ts";
import { alice } from "./people.ts";

/** A call by alice, asked on Saturday 21 November 2026 at 10:00 in Berlin. */
export function aContext(facts: Partial<ToolContext> = {}): ToolContext {
  return {
    principal: alice,
    askedAt: Temporal.Instant.from("2026-11-21T09:00:00Z"),
    signal: new AbortController().signal,
    ...facts,
  };
}
