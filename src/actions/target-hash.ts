import { createHash } from "node:crypto";
import { type Target, targetIdentity } from "#src/policy/target.ts";
import type { ToolCall } from "./action-report.ts";

/** What a confirmation is bound to: this call, by this person, on exactly this target. */
export function hashAction(call: ToolCall, requesterId: string, target: Target): string {
  const bound = { call, requesterId, target: targetIdentity(target) };
  return createHash("sha256").update(canonicalJson(bound)).digest("hex");
}

/** Whether somebody who approves the one would approve the other. */
export function isSameTarget(one: Target, other: Target): boolean {
  return canonicalJson(targetIdentity(one)) === canonicalJson(targetIdentity(other));
}

/** JSON that is the same for equal values, whatever order their keys were written in. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
