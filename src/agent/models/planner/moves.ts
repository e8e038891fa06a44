import type { Turn } from "./conversation.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Plan, PlannedCall } from "./plan.ts";

/**
 * "delete it on thursday instead": where this conversation has had the deletion confirmed already,
 * another time moves it.
 */
export function asMoves(plan: Plan, earlier: readonly Turn[], lexicon: Lexicon): Plan {
  if (plan.kind !== "calls") return plan;
  const calls = plan.calls.map((call) =>
    isForPlanned(call, earlier, lexicon) ? { ...call, tool: "reschedule_deletion" } : call,
  );
  return { ...plan, calls };
}

function isForPlanned(
  { tool, args }: PlannedCall,
  earlier: readonly Turn[],
  lexicon: Lexicon,
): boolean {
  if (tool !== "schedule_deletion" || args.when === undefined) return false;
  const [guest] = lexicon.find(args.guest ?? "");
  if (!guest) return false;
  const isOfGuest = (called: Turn["calls"][number]) =>
    /_deletion$/.test(called.tool) &&
    lexicon.find(String(called.args.guest ?? "")).some(({ vmid }) => vmid === guest.vmid);
  const at = earlier.findLastIndex(({ calls }) => calls.some(isOfGuest));
  const last = earlier[at]?.calls.findLast(isOfGuest);
  if (!last || last.tool === "cancel_deletion") return false;
  const confirmed = new RegExp(`^Confirmed and scheduled: .*\\b(?:CT|VM) ${guest.vmid} on `);
  return earlier.slice(at).some(({ events }) => events.some((event) => confirmed.test(event)));
}
