import { randomUUID } from "node:crypto";
import type { Item } from "./model.ts";

/**
 * The items with an id of our own for every call whose id is missing or was used before: some
 * servers leave ids out or begin again at every turn. `used` learns all ids.
 */
export function withUniqueCallIds(items: readonly Item[], used: Set<string>): readonly Item[] {
  return items.map((item) => {
    if (item.type !== "tool-call") return item;
    const callId = item.callId && !used.has(item.callId) ? item.callId : `call_${randomUUID()}`;
    used.add(callId);
    return callId === item.callId ? item : { ...item, callId };
  });
}
