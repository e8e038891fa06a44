import type { Model, ModelRequest } from "#src/agent/model.ts";
import { type Redact, redactTexts } from "#src/redaction.ts";

/**
 * The model, which is told no secret, and whose answers and calls tell none. What it says piece by
 * piece comes in whole words.
 */
export function createDiscreetModel(model: Model, redact: Redact): Model {
  return {
    id: model.id,
    async respond(request) {
      const { instructions, items, context, onText } = request;
      const words = onText && inWholeWords((text) => onText(redact(text)));
      const discreet: ModelRequest = {
        ...request,
        ...redactTexts({ instructions, items, context }, redact),
        ...(words && { onText: words.take }),
      };
      const response = await model.respond(discreet);
      words?.end();
      return { ...response, items: redactTexts(response.items, redact) };
    },
  };
}

/** Credentials are of these characters, and so are most words. */
const afterLastWord = /[^\x21-\x7e][\x21-\x7e]*$/;

/** Holds a word back until it is whole, and from the beginning of a key in PEM on everything. */
function inWholeWords(say: (text: string) => void) {
  let held = "";

  function release(length: number): void {
    const text = held.slice(0, length);
    held = held.slice(length);
    if (text !== "") say(text);
  }

  return {
    take(delta: string): void {
      held += delta;
      if (!afterLastWord.test(delta)) return;
      const whole = held.search(afterLastWord) + 1;
      const key = held.indexOf("-----BEGIN");
      release(key < 0 ? whole : Math.min(key, whole));
    },
    end: () => release(held.length),
  };
}
