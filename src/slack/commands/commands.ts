import type { App, RespondFn } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { SubmitContext } from "#src/actions/action-journal.ts";
import type { ToolCall } from "#src/actions/action-report.ts";
import { describeFrozen } from "#src/brake/braked.ts";
import { newErrorId, unexpectedErrorMessage } from "#src/errors.ts";
import type { SlackConfirmations } from "#src/slack/confirmations/confirmations.ts";
import { plainMessage, type SlackMessage } from "#src/slack/format/message.ts";
import { deliveryContext } from "#src/slack/listener-context.ts";
import { maybeText } from "#src/slack/maybe-text.ts";
import { conversationIn } from "#src/slack/place.ts";
import type { SlackIdentity, SlackServices } from "#src/slack/services.ts";
import type { DeliveryContext } from "#src/slack/transport/transport.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { type Command, readCommand } from "./command.ts";
import { helpAnswer, pendingAnswer, reportAnswer } from "./command-answer.ts";

interface Deps {
  readonly services: Pick<SlackServices, "executor" | "brake" | "clock" | "log">;
  readonly web: WebClient;
  readonly identity: SlackIdentity;
  readonly users: SlackUsers;
  readonly confirmations: Pick<SlackConfirmations, "post" | "openOf">;
  /** Told when something may have been changed. */
  onChange?(): void;
}

const commandSchema = z.object({ user_id: z.string(), text: maybeText });

/** Slack takes so many answers to one command. */
const maxAnswers = 5;
/** Milliseconds that a command may take in all. */
const patience = 60_000;

/** After these, what people see may be another. */
const changing: ReadonlySet<Command["kind"]> = new Set(["cancel", "freeze", "unfreeze"]);

const calls: Readonly<Record<"status" | "list" | "deletions", ToolCall>> = {
  status: { tool: "get_cluster_status", input: {} },
  list: {
    tool: "list_guests",
    input: { node: null, status: null, kind: null, tag: null, name: null },
  },
  deletions: { tool: "list_scheduled_deletions", input: {} },
};

/** `/pve`: what works without any model, through the same door, seen by nobody else. */
export function registerCommands(app: App, deps: Deps): void {
  const { services, web, identity, users, confirmations, onChange } = deps;
  const { executor, brake, clock, log } = services;

  /** Where a confirmation would be asked for: a command has no thread, and may come from anywhere. */
  async function directConversation(userId: string): Promise<string> {
    const { channel } = await web.conversations.open({ users: userId });
    const { id } = z.object({ id: z.string() }).parse(channel);
    return conversationIn(identity.teamId, { channel: id });
  }

  async function submit(
    call: ToolCall,
    userId: string,
    conversation: string,
    { inboxKey, signal }: DeliveryContext,
  ): Promise<readonly SlackMessage[]> {
    const context: SubmitContext = {
      principal: await users.principalOf(userId),
      askedAt: clock.now(),
      conversation,
      origin: inboxKey,
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    };
    const report = await executor.submit(call, context);
    const { outcome } = report;
    if (outcome.kind === "awaiting-confirmation") await confirmations.post([outcome.confirmation]);
    return reportAnswer(report);
  }

  async function answer(
    command: Command,
    userId: string,
    context: DeliveryContext,
  ): Promise<readonly SlackMessage[]> {
    switch (command.kind) {
      case "help":
        return [helpAnswer()];
      case "unknown":
        return [helpAnswer(command.problem)];
      case "pending":
        return [pendingAnswer(await confirmations.openOf(userId))];
      case "cancel": {
        const call = { tool: "cancel_deletion", input: { guest: command.vmid } };
        return submit(call, userId, await directConversation(userId), context);
      }
      case "freeze":
      case "unfreeze": {
        const use = { by: await users.principalOf(userId), origin: context.inboxKey };
        const said =
          command.kind === "freeze" ? brake.freeze(use, command.reason) : brake.release(use);
        return [plainMessage(await said)];
      }
      case "status": {
        const frozen = await brake.state();
        const status = await submit(calls.status, userId, context.inboxKey, context);
        return frozen ? [plainMessage(describeFrozen(frozen)), ...status] : status;
      }
      default:
        return submit(calls[command.kind], userId, context.inboxKey, context);
    }
  }

  app.command("/pve", async ({ body, ack, respond, context }) => {
    await ack();
    const { user_id, text } = commandSchema.parse(body);
    const command = readCommand(text ?? "");
    try {
      await say(respond, await answer(command, user_id, deliveryContext(context)));
    } catch (error) {
      const errorId = newErrorId();
      log.error({ err: error, errorId, command: command.kind }, "command failed");
      await say(respond, [plainMessage(unexpectedErrorMessage(errorId))]);
    }
    if (changing.has(command.kind)) onChange?.();
  });
}

async function say(respond: RespondFn, messages: readonly SlackMessage[]): Promise<void> {
  for (const { text, blocks } of messages.slice(0, maxAnswers)) {
    await respond({
      response_type: "ephemeral",
      replace_original: false,
      text,
      blocks: [...blocks],
    });
  }
}
