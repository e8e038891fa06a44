import type { Action } from "./interactions.ts";
import type { ElementChoice } from "./people.ts";
import type { JsonObject } from "./slack-error.ts";

/**
 * The element in blocks that a person means.
 *
 * @throws Error that lists what is there, when it is not.
 */
export function findElement(blocks: readonly unknown[], choice: ElementChoice): Action {
  const actions = (blocks as readonly JsonObject[]).flatMap((block) => {
    return elementsIn(block).map((element) => ({ element, blockId: String(block.block_id) }));
  });
  const found = actions.find(({ element }) => matches(element, choice));
  if (found) return { ...found, element: withValue(found.element, choice.value) };
  const there = actions.map(({ element }) => `${element.action_id} "${textOf(element)}"`);
  const wanted = JSON.stringify(choice);
  throw new Error(`Nothing to click like ${wanted}; there is: ${there.join(", ") || "nothing"}.`);
}

/** What the inputs of a view hold once `texts` (by action id) are typed or picked there. */
export function typedValues(
  blocks: readonly unknown[],
  texts: Readonly<Record<string, string>>,
): JsonObject {
  const inputs = (blocks as readonly JsonObject[]).flatMap((block) => {
    return elementsIn(block).map((element) => ({ block, element }));
  });
  const known = inputs.map(({ element }) => String(element.action_id));
  const stray = Object.keys(texts).find((id) => !known.includes(id));
  if (stray) throw new Error(`No input ${stray} in the view; there is: ${known.join(", ")}.`);

  const values: Record<string, JsonObject> = {};
  for (const { block, element } of inputs) {
    const id = String(block.block_id);
    const held = { type: element.type, ...heldBy(element, texts[String(element.action_id)]) };
    values[id] = { ...values[id], [String(element.action_id)]: held };
  }
  return values;
}

/** What an input holds; a picker of times is given seconds, and has a time of its own at first. */
function heldBy(element: JsonObject, typed: string | undefined): JsonObject {
  if (element.type !== "datetimepicker") return { value: typed ?? null };
  const picked = typed === undefined ? element.initial_date_time : Number(typed);
  return { selected_date_time: picked ?? null };
}

/** Everything with an `action_id` below a block. */
function elementsIn(node: unknown): JsonObject[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(elementsIn);
  const element = node as JsonObject;
  const below = Object.values(element).flatMap(elementsIn);
  return "action_id" in element ? [element, ...below] : below;
}

function matches(element: JsonObject, { actionId, text }: ElementChoice): boolean {
  const idFits = actionId === undefined || element.action_id === actionId;
  return idFits && (text === undefined || textOf(element) === text);
}

function textOf(element: JsonObject): string {
  return (element.text as { text?: string } | undefined)?.text ?? "";
}

/** A value that is sent in place of the element's own, or the option that has it. */
function withValue(element: JsonObject, value: string | undefined): JsonObject {
  if (value === undefined) return element;
  const { options, ...rest } = element;
  if (!Array.isArray(options)) return { ...element, value };
  return { ...rest, selected_option: options.find((option) => option.value === value) };
}
