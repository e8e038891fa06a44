import { Temporal } from "temporal-polyfill";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { SubmitContext } from "#src/actions/action-journal.ts";
import type { ActionReport, Outcome, ToolCall } from "#src/actions/action-report.ts";
import { describeWaiting } from "#src/actions/who-answers.ts";
import type { Clock } from "#src/clock.ts";
import { type Deletion, isEndOfLease } from "#src/deletions/deletion.ts";
import { isPast } from "#src/deletions/deletion-time.ts";
import type { DeletionTarget } from "#src/policy/target.ts";
import type { SlackConfirmations } from "#src/slack/confirmations/confirmations.ts";
import { conversationIn } from "#src/slack/place.ts";
import type { SlackIdentity } from "#src/slack/services.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { type Choice, postponed } from "./standing.ts";

/** What somebody wants done about a deletion: one of the choices, or the time that was picked. */
export interface DeletionAnswer {
  readonly wish: Exclude<Choice, "postpone"> | Temporal.Instant;
  readonly deletion: Deletion;
  readonly userId: string;
  /** The thread in which to ask for the guest's name. */
  readonly thread: { readonly channel: string; readonly threadTs: string };
  /** The key of the click, by which the audit log finds what it led to. */
  readonly origin: string;
  readonly signal: AbortSignal;
}

export interface DeletionAnswering {
  /**
   * Has it done in the name of the one who clicked, as far as the policy lets that person. What
   * keeps the guest longer is done at once: whoever presses the button of a stated time confirms it.
   * Anything else is asked on a card that takes the guest's name.
   *
   * @returns a sentence for that person; undefined when the notice says all there is to say.
   */
  give(answer: DeletionAnswer): Promise<string | undefined>;
}

interface Deps {
  readonly executor: Pick<ActionExecutor, "prepare" | "approve">;
  readonly confirmations: Pick<SlackConfirmations, "post">;
  readonly users: SlackUsers;
  readonly identity: Pick<SlackIdentity, "teamId">;
  readonly clock: Clock;
}

/** Milliseconds that an answer may take in all. */
const patience = 60_000;

export function createDeletionAnswering(deps: Deps): DeletionAnswering {
  const { executor, confirmations, users, identity, clock } = deps;

  async function contextOf(answer: DeletionAnswer, conversation: string): Promise<SubmitContext> {
    return {
      principal: await users.principalOf(answer.userId),
      askedAt: clock.now(),
      conversation,
      origin: answer.origin,
      // Whoever presses a button of its notice has chosen this guest.
      words: String(answer.deletion.guest.vmid),
      signal: AbortSignal.any([answer.signal, AbortSignal.timeout(patience)]),
    };
  }

  /** The report of a call on this very deletion; a sentence where the call would mean another. */
  async function submit(
    call: ToolCall,
    deletion: Deletion,
    context: SubmitContext,
  ): Promise<ActionReport | string> {
    const prepared = await executor.prepare(call, context);
    const { decision, target } = prepared.judged;
    const mistake = decision === "error" ? undefined : mistakeIn(call, target?.deletion, deletion);
    return mistake ?? prepared.carryOut();
  }

  async function confirmAtOnce(outcome: Outcome, context: SubmitContext): Promise<Outcome> {
    if (outcome.kind !== "awaiting-confirmation") return outcome;
    const { confirmation } = outcome;
    // Whoever presses the button cannot approve it alone then; it is shown to who can.
    if (confirmation.by === "approver") return outcome;
    const result = await executor.approve(confirmation.id, context);
    return result.accepted ? result.report.outcome : { kind: "denied", message: result.reason };
  }

  return {
    async give(answer) {
      const { wish, deletion, thread } = answer;
      const call = callFor(wish, deletion, clock.now());
      const isStated = !asksForName(wish);
      const conversation = isStated
        ? `deletion:${deletion.id}`
        : conversationIn(identity.teamId, thread);
      const context = await contextOf(answer, conversation);
      const report = await submit(call, deletion, context);
      if (typeof report === "string") return report;
      const outcome = isStated ? await confirmAtOnce(report.outcome, context) : report.outcome;
      if (outcome.kind === "done") return saidOf(call, report);
      if (outcome.kind !== "awaiting-confirmation") return outcome.message;
      await confirmations.post([outcome.confirmation]);
      if (isStated) return describeWaiting(outcome.confirmation);
      return "I ask for the guest's name in the thread of this message.";
    },
  };
}

/** A lease goes as far as it may, which can be less than the button says. */
function saidOf({ tool }: ToolCall, { summary }: ActionReport): string | undefined {
  return tool === "extend_lease" && summary ? `Done: ${summary}` : undefined;
}

/** Tools go by the VMID, which may have come to another guest; and the time may just have changed. */
function mistakeIn(
  { tool }: ToolCall,
  found: DeletionTarget | undefined,
  { id, guest, dueAt }: Deletion,
): string | undefined {
  if (found?.id !== id) {
    return `VMID ${guest.vmid} means another guest by now, so nothing was done. Remove the event from the calendar to cancel this deletion.`;
  }
  if (tool === "cancel_deletion" || found.dueAt === dueAt.toString()) return undefined;
  return "The deletion was moved at this very moment, so nothing was done. Please look again.";
}

function asksForName(wish: DeletionAnswer["wish"]): boolean {
  return wish === "now" || wish === "now-without-backup" || wish === "confirm";
}

function callFor(
  wish: DeletionAnswer["wish"],
  deletion: Deletion,
  now: Temporal.Instant,
): ToolCall {
  const { vmid: guest } = deletion.guest;
  const moveTo = (when: Temporal.Instant | "now", backup: "none" | null = null) => ({
    tool: "reschedule_deletion",
    input: { guest, when: String(when), backup },
  });
  const putOff = (until: Temporal.Instant) =>
    isEndOfLease(deletion)
      ? { tool: "extend_lease", input: { guest, until: String(until) } }
      : moveTo(until);
  if (wish instanceof Temporal.Instant) return putOff(wish);
  switch (wish) {
    case "keep":
      return { tool: "cancel_deletion", input: { guest } };
    case "postpone-day":
      return putOff(postponed(deletion, { days: 1 }, now));
    case "postpone-week":
      return putOff(postponed(deletion, { weeks: 1 }, now));
    case "confirm":
      return moveTo(isPast(now, deletion.dueAt) ? "now" : deletion.dueAt);
    case "now":
      return moveTo("now");
    case "now-without-backup":
      return moveTo("now", "none");
  }
}
