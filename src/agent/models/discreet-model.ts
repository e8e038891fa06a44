import { answerLength } from "#src/agent/history.ts";
import type { RunLimits } from "#src/agent/limits.ts";
import type { Item, Model, ModelRequest } from "#src/agent/model.ts";
import { keyEnd, keyHead, keyLineLength, type Redact, redactTexts } from "#src/redaction.ts";

/**
 * The model, which is told no secret, and whose answers and calls tell none. What it says piece by
 * piece comes in whole words. An answer that is too long to be used is not looked at: no more of it
 * is said, and in its place is a blank as long.
 */
export function createDiscreetModel(
  model: Model,
  redact: Redact,
  limits: Pick<RunLimits, "answerLength">,
): Model {
  return {
    id: model.id,
    async respond(request) {
      const { instructions, items, context, onText } = request;
      const words = onText && inWholeWords((text) => onText(redact(text)), limits.answerLength);
      const discreet: ModelRequest = {
        ...request,
        ...redactTexts({ instructions, items, context }, redact),
        ...(words && { onText: words.take }),
      };
      const response = await model.respond(discreet);
      words?.end();
      const length = answerLength(response.items);
      const isEndless = length > limits.answerLength;
      const said = isEndless ? [blank(length)] : redactTexts(response.items, redact);
      return { ...response, items: said };
    },
  };
}

function blank(length: number): Item {
  return { type: "assistant", text: " ".repeat(length) };
}

/** Credentials are of these characters, and so are most words. */
const afterLastWord = /[^\x21-\x7e][\x21-\x7e]*$/;
/** But where one of these has begun, any character may be of it, save those that end it. */
const openMark = /:\/\/|PVE:|![\w.-]+=/;
const afterLastEnd = /[\s"\\][^\s"\\]*$/;
/** Characters for which that holds, as some languages have no spaces. */
const longestOpen = 200;
/** What may become the line before a private key. */
const maybeKeyHead = /-----BEGIN(?: [A-Z ]{0,31}-{0,4})?$/;

/**
 * Holds a word back until it is whole, and a private key until its end. Of each piece only what is
 * new is looked at.
 *
 * @param longest characters after which no more is said
 */
function inWholeWords(say: (text: string) => void, longest: number) {
  let taken = 0;
  let held = "";
  let key: KeyInPieces | undefined;

  function release(length: number): void {
    const text = held.slice(0, length);
    held = held.slice(length);
    if (text !== "") say(text);
  }

  function sift(piece: string): void {
    if (key) siftKey(piece, key);
    else siftWords(piece);
  }

  function siftWords(piece: string): void {
    held += piece;
    if (!afterLastWord.test(piece)) return;
    const head = held.search(keyHead);
    release(head < 0 ? wholeIn(held) : head);
    if (head < 0) return;
    const begun = held;
    held = "";
    key = keyInPieces();
    siftKey(begun, key);
  }

  function siftKey(piece: string, begun: KeyInPieces): void {
    const whole = begun.take(piece);
    if (!whole) return;
    key = undefined;
    say(whole.key);
    siftWords(whole.rest);
  }

  return {
    take(delta: string): void {
      taken += delta.length;
      if (taken <= longest) sift(delta);
    },
    end(): void {
      if (taken > longest) return;
      held = key?.all() ?? held;
      release(held.length);
    },
  };
}

/** How much of it is whole: up to its last word, and to what may become the beginning of a key. */
function wholeIn(text: string): number {
  const mark = openMarkIn(text);
  const whole = text.slice(0, mark).search(afterLastWord) + 1;
  const maybe = text.search(maybeKeyHead);
  return maybe < 0 ? whole : Math.min(maybe, whole);
}

/** Where the mark stands that what comes next may belong to, if there is one. */
function openMarkIn(text: string): number | undefined {
  const from = Math.max(text.search(afterLastEnd) + 1, text.length - longestOpen);
  const at = text.slice(from).search(openMark);
  return at < 0 ? undefined : from + at;
}

type KeyInPieces = ReturnType<typeof keyInPieces>;

/** A private key that comes in pieces, the first of which begins with it. */
function keyInPieces() {
  const pieces: string[] = [];
  let length = 0;
  /** The end of what has come, in which its last line may have begun. */
  let last = "";
  const all = () => pieces.join("");

  return {
    all,
    /** The key and what stands behind it, once it has ended. */
    take(piece: string): { readonly key: string; readonly rest: string } | undefined {
      pieces.push(piece);
      length += piece.length;
      const recent = last + piece;
      last = recent.slice(-keyLineLength);
      const end = keyEnd.exec(recent);
      if (!end) return undefined;
      const at = length - recent.length + end.index + end[0].length;
      return { key: all().slice(0, at), rest: all().slice(at) };
    },
  };
}
