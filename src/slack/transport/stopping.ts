import { z } from "zod";
import { declineAction } from "#src/slack/cards/confirmation-card.ts";
import { declineAllAction } from "#src/slack/cards/questions-card.ts";
import { readCommand } from "#src/slack/commands/command.ts";
import { actionOf } from "#src/slack/deletions/deletion-card.ts";
import { maybeText } from "#src/slack/maybe-text.ts";

const stoppingClicks: ReadonlySet<string> = new Set([
  declineAction,
  declineAllAction,
  actionOf("keep"),
]);
/** To let changes go on again is among them, so that of both the one that was said last counts. */
const stoppingCommands: ReadonlySet<string> = new Set(["freeze", "unfreeze", "cancel"]);

const clickSchema = z.object({
  type: z.literal("block_actions"),
  actions: z.tuple([z.object({ action_id: z.string() })], z.unknown()),
});
const commandSchema = z.object({ command: z.string(), text: maybeText });
const eventSchema = z.object({ event: z.object({ type: z.literal("agent_session_stopped") }) });

/** Whether all that somebody wants by it is that something stops, or does not come to pass. */
export function isToStop(body: unknown): boolean {
  const click = clickSchema.safeParse(body).data;
  if (click) return stoppingClicks.has(click.actions[0].action_id);
  const command = commandSchema.safeParse(body).data;
  if (command) return stoppingCommands.has(readCommand(command.text ?? "").kind);
  return eventSchema.safeParse(body).success;
}
