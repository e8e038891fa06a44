import { invalid, type JsonObject } from "#test/support/fake-slack/slack-error.ts";
import { checkBlocks } from "./check-blocks.ts";

/**
 * The view, if Slack would take it.
 *
 * @throws SlackError `invalid_arguments`
 */
export function checkView(view: JsonObject, type: "modal" | "home"): JsonObject {
  if (view.type !== type)
    throw invalid("invalid_arguments", ["[ERROR] unsupported type [json-pointer:/view/type]"]);
  checkBlocks(view.blocks ?? [], type);
  return view;
}
