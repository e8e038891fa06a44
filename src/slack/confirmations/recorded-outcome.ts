import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Settlement } from "#src/slack/cards/settled-card.ts";

/** Of one guest's latest entries, so many are looked through for an action's steps. */
const entries = 200;

/** How a question ended that nobody in this process saw end, by its state and the audit log. */
export async function recordedSettlement(
  confirmation: Confirmation,
  audit: Pick<AuditLog, "tail">,
): Promise<Settlement> {
  switch (confirmation.state) {
    case "expired":
      return {
        heading: "Expired",
        message: "Nobody answered in time; nothing was done. Ask again if it is still wanted.",
      };
    case "superseded":
      return {
        heading: "Replaced",
        message: "A newer request has taken its place; nothing was done.",
      };
    case "denied":
      return { heading: "Declined", message: "Nothing was done." };
    case "refused":
      return { heading: "Not done", message: "What it was for had changed; please ask again." };
    case "approved":
      return settlementOfApproved(confirmation, audit);
    case "pending":
      return { heading: "Still waiting" };
  }
}

/** Nothing begins without an entry before it, so that no entry means that nothing was done. */
async function settlementOfApproved(
  { id, target }: Confirmation,
  audit: Pick<AuditLog, "tail">,
): Promise<Settlement> {
  const vmid = target.guest?.vmid;
  const tail = await audit.tail({ limit: entries, ...(vmid !== undefined && { vmid }) });
  const last = tail.findLast(({ actionId }) => actionId === id);
  switch (last?.step) {
    case "succeeded":
      return { heading: target.at ? "Scheduled" : "Done", upid: last.upid };
    case "unchanged":
      return { heading: "Nothing to do", message: last.message };
    case "failed":
      return { heading: "Failed", message: last.message, upid: last.upid };
    case "denied":
      return { heading: "Not done", message: last.message };
    case "started":
      return {
        heading: "End not known",
        message:
          "It was begun, and I was restarted before it ended. Check the guest before you ask again.",
      };
    default:
      return {
        heading: "Not done",
        message: "I was restarted before it was begun; nothing was done. Please ask again.",
      };
  }
}
