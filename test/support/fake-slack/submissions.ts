import { z } from "zod";
import { checkView } from "./blocks/check-view.ts";
import type { FakeContext } from "./context.ts";
import type { Answer } from "./deliveries.ts";
import type { FakeView } from "./views.ts";

const sentView = z.record(z.string(), z.unknown());

/** What an app may answer a submission with; nothing closes the modal. */
const submissionAnswer = z.discriminatedUnion("response_action", [
  z.object({
    response_action: z.literal("errors"),
    errors: z.record(z.string(), z.string()),
  }),
  z.object({ response_action: z.literal("update"), view: sentView }),
  z.object({ response_action: z.literal("push"), view: sentView }),
  z.object({ response_action: z.literal("clear") }),
]);

/**
 * Does with the modal what the app answered; the errors that the user is shown, by block id.
 *
 * @throws Error for an answer that Slack would show people as trouble of the app.
 */
export function settleSubmission(
  { views }: FakeContext,
  view: FakeView,
  answer: Answer,
): Readonly<Record<string, string>> {
  if (answer.kind === "failed") return {};
  if (isEmpty(answer.body)) {
    views.close(view);
    return {};
  }
  const parsed = submissionAnswer.parse(answer.body);
  if (parsed.response_action === "errors") return checkErrors(view, parsed.errors);
  if (parsed.response_action === "update") views.replace(view, checkView(parsed.view, "modal"));
  if (parsed.response_action === "clear") views.close(view, true);
  if (parsed.response_action === "push") {
    const trigger = views.issueTrigger(view.userId);
    views.show(trigger, checkView(parsed.view, "modal"), "on top");
  }
  return {};
}

function isEmpty(body: unknown): boolean {
  if (body === undefined || body === null || body === "") return true;
  return typeof body === "object" && Object.keys(body).length === 0;
}

/** Slack shows errors at inputs only. */
function checkErrors(view: FakeView, errors: Readonly<Record<string, string>>) {
  const inputs = view.blocks.filter(({ type }) => type === "input").map((block) => block.block_id);
  const stray = Object.keys(errors).find((id) => !inputs.includes(id));
  if (stray) throw new Error(`The error at "${stray}" is at no input of the modal.`);
  return errors;
}
