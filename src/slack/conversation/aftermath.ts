import type { AuditRecord } from "#src/audit/audit-log.ts";

/** Whether anything may have been done for the message already, or was asked and maybe answered. */
export function wasBegun(records: readonly AuditRecord[]): boolean {
  return records.some(({ step }) => step === "started" || step === "confirmation-requested");
}

/**
 * What is known of a message's acts after the process that worked on it has died: the answer in
 * the model's stead, because asking it again could do everything twice.
 */
export function describeAftermath(records: readonly AuditRecord[]): string {
  const actions = new Map<string, AuditRecord>();
  for (const record of records) actions.set(record.actionId, record);
  const lines = [...actions.values()].map((record) => `- ${describe(record)}`);
  return [
    "I was interrupted while I worked on this and have not begun anew. What I know of it:",
    ...lines,
    "Anything else that you asked for was not begun; please ask for it again.",
  ].join("\n");
}

/** By an action's last step. */
function describe({ step, tool, target, message, upid }: AuditRecord): string {
  const guest = target.guest ? ` \`${target.guest.name}\` (VMID ${target.guest.vmid})` : "";
  const what = `${tool.replaceAll("_", " ")}${guest}`;
  const task = upid ? ` (${upid})` : "";
  switch (step) {
    case "started":
      return `Unknown: ${what}. It was begun, and I did not see its end; check before repeating it.`;
    case "succeeded":
      return `Done: ${what}${task}.`;
    case "unchanged":
      return `Nothing to do: ${what}. ${message ?? ""}`.trimEnd();
    case "failed":
      return `Failed: ${what}${task}. ${message ?? ""}`.trimEnd();
    case "confirmation-requested":
    case "confirmation-given":
      return `Asked for a confirmation: ${what}. The card says how that stands.`;
    case "refused":
    case "denied":
    case "confirmation-refused":
    case "confirmation-declined":
      return `Not done: ${what}. ${message ?? ""}`.trimEnd();
  }
}
