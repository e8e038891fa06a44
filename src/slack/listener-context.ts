import { z } from "zod";
import type { DeliveryContext } from "./transport/transport.ts";

const schema = z.object({
  inboxKey: z.string(),
  retaken: z.boolean(),
  fromOutside: z.boolean(),
  signal: z.instanceof(AbortSignal),
  endTurn: z.custom<() => void>((value) => typeof value === "function"),
});

/** What the transport says to a listener, out of Bolt's `context`. */
export function deliveryContext(context: unknown): DeliveryContext {
  return schema.parse(context);
}
