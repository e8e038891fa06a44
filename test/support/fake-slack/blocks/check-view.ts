import { z } from "zod";
import { slackMessages } from "#test/support/fake-slack/issues.ts";
import { invalid, type JsonObject, SlackError } from "#test/support/fake-slack/slack-error.ts";
import { checkBlocks } from "./check-blocks.ts";
import { id, plainText } from "./text-objects.ts";

/** A view as JSON, in bytes. */
const VIEW_LIMIT = 250_000;

const common = {
  blocks: z.array(z.unknown()),
  private_metadata: z.string().max(3_000).optional(),
  callback_id: id.optional(),
  external_id: z.string().max(255).optional(),
};

const schemas = {
  home: z.strictObject({ type: z.literal("home"), ...common }),
  modal: z.strictObject({
    type: z.literal("modal"),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...common,
  }),
};

/**
 * The view, if Slack would take it.
 *
 * @throws SlackError `invalid_arguments`, with what is wrong and where, or `view_too_large`.
 */
export function checkView(view: JsonObject, type: keyof typeof schemas): JsonObject {
  if (Buffer.byteLength(JSON.stringify(view)) > VIEW_LIMIT) throw new SlackError("view_too_large");
  const parsed = schemas[type].safeParse(view, { reportInput: true });
  if (!parsed.success) throw invalid("invalid_arguments", slackMessages(parsed.error, ["view"]));
  const blocks = blocksOf(parsed.data.blocks, type);
  const hasInput = blocks.some((block) => block.type === "input");
  if (type === "modal" && hasInput && view.submit === undefined) {
    throw invalid("invalid_arguments", [
      "[ERROR] missing required field: submit [json-pointer:/view]",
    ]);
  }
  return view;
}

/** Views answer for their blocks with `invalid_arguments`. */
function blocksOf(blocks: readonly unknown[], type: keyof typeof schemas) {
  try {
    return checkBlocks(blocks, type);
  } catch (error) {
    if (error instanceof SlackError) throw new SlackError("invalid_arguments", error.details);
    throw error;
  }
}
