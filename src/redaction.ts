/** Takes credentials out of a text, and leaves everything else as it is. */
export type Redact = (text: string) => string;

/** What stands where a credential stood; no markup anywhere, and nothing that JSON escapes. */
export const redacted = "‹secret›";

/** The lines before and after a private key in PEM, each of at most {@link keyLineLength} characters. */
export const keyHead = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/;
export const keyEnd = /-----END [A-Z ]{0,20}PRIVATE KEY-----/;
export const keyLineLength = 47;
/** Characters between them: three times the longest key that people have. */
const longestKey = 10_000;

/** What credentials of a kind look like; `hint` is in each of them, and quickly looked for. */
interface Shape {
  readonly hint: string;
  /** Matches no part of an escape of JSON, so that what was JSON stays it. */
  readonly pattern: RegExp;
  /** What else must be true of a match. One of which it is not is not read again. */
  readonly proof?: RegExp;
}

/**
 * What nothing but a credential looks like, in this order: what one takes out lets none before it
 * find more, so that all are done once. None reads a part of a text more than a few times.
 */
const shapes: readonly Shape[] = [
  // A ticket of Proxmox's.
  { hint: "PVE:", pattern: /PVE:[^\s:/"\\@?#<>|,‹›]+@[\w.-]+:[\dA-F]{8}::[\w+/]+=*/g },
  // USER@REALM!TOKEN=SECRET, as the header PVEAPIToken carries it.
  { hint: "!", pattern: /(?<=[\w.-]@[\w.-]+![\w.-]+=)[^\s"\\]{6,}/g },
  // https://USER:PASSWORD@HOST
  { hint: "://", pattern: /(?<=:\/\/[^\s/?#"\\@:]*:)[^\s/?#"\\@<>|,]+(?=@)/g },
  // Google's access tokens, and the assertions that they are given for.
  { hint: "ya29.", pattern: word(/ya29\.[\w.-]{10,}/) },
  { hint: "eyJ", pattern: word(/eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/) },
  { hint: "xox", pattern: word(/xox[abceprs]-\d+-[\w-]{4,}/) },
  {
    hint: "xoxd-",
    pattern: word(/xoxd-[\w%+-]+/),
    // After a + or % within it another may begin, which would have each read to the end anew.
    proof: /^xoxd-(?=.*?[A-Za-z\d]{20})(?=.*[A-Z])/,
  },
  { hint: "xapp-", pattern: word(/xapp-\d-[A-Z\d]+-\d+-[\da-z-]+/) },
  // OpenAI's and its likes': somewhere in it is a long run, as in no name.
  {
    hint: "sk-",
    pattern: word(
      /sk-(?=(?:proj|svcacct|admin|ant|or)-[\w-]*?[A-Za-z\d]{16}|[\w-]*?[a-z\d]{32}|(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]*?[A-Za-z\d]{20})(?=[\w-]*\d)[\w-]+/,
    ),
  },
];

/** Not within an identifier or a longer code; an escape of JSON is no part of the word after it. */
function word({ source }: RegExp): RegExp {
  return new RegExp(String.raw`(?:(?<![\w-])|(?<=\\[bfnrt]|\\u[\da-f]{4}))${source}`, "g");
}

/**
 * Knows these secrets as they are, as JSON, HTML, a URL, a form and base64 write them, and cut off
 * after more than their half; besides, whatever looks like a credential and like nothing else.
 * Redacting twice is redacting once, and what was JSON before is JSON after. Takes time in
 * proportion to the text, whatever it is.
 *
 * A secret that a name may well be, such as the key `ollama`, is no secret here.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const needles = secrets.flatMap(partsOf).filter(isTelling).flatMap(needlesOf);
  return (text) => {
    // First, as the end of something else could else be the beginning of a key.
    let left = takeOutKeys(text);
    for (const needle of needles) left = takeOut(left, needle);
    for (const shape of shapes) {
      if (left.includes(shape.hint)) left = takeOutShape(left, shape);
    }
    return left;
  };
}

function takeOutShape(text: string, { pattern, proof }: Shape): string {
  if (!proof) return text.replaceAll(pattern, redacted);
  return text.replaceAll(pattern, (found) => (proof.test(found) ? redacted : found));
}

/** Of what a key consists whose end is not there, also in JSON. */
const keyCharacters = /[\w+/=\s-]+|\\+[nr]/y;

function takeOutKeys(text: string): string {
  if (!text.includes(" KEY-----")) return text;
  const ends = new RegExp(keyEnd, "g");
  const nextEnd = ahead((from) => {
    ends.lastIndex = from;
    return ends.exec(text)?.index ?? Infinity;
  });
  // No key has one: it belongs to another value of what is JSON.
  const nextQuote = ahead((from) => {
    const at = text.indexOf('"', from);
    return at < 0 ? Infinity : at;
  });

  let left = "";
  let from = 0;
  for (const { index, 0: head } of text.matchAll(new RegExp(keyHead, "g"))) {
    if (index < from) continue;
    left += text.slice(from, index) + redacted;
    const body = index + head.length;
    const end = nextEnd(body);
    const isWhole = end <= body + longestKey && end < nextQuote(body);
    from = isWhole ? text.indexOf("KEY-----", end) + "KEY-----".length : endOfPart(text, body);
  }
  return left + text.slice(from);
}

function endOfPart(text: string, body: number): number {
  let end = body;
  // Each by itself: a pattern that repeats others runs out of stack on a long text.
  for (keyCharacters.lastIndex = body; keyCharacters.test(text); ) end = keyCharacters.lastIndex;
  return end;
}

/** What comes next of something, for positions that only grow; so the text is read once for all. */
function ahead(find: (from: number) => number): (from: number) => number {
  let at = -1;
  return (from) => {
    if (at < from) at = find(from);
    return at;
  };
}

/** The value with each text in it redacted, however deep; what is no plain data stays as it is. */
export function redactTexts<T>(value: T, redact: Redact): T;
export function redactTexts(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((part) => redactTexts(part, redact));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, redactTexts(part, redact)]);
  return Object.fromEntries(entries);
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** A key of many lines gives itself away by each of them. */
function partsOf(secret: string): readonly string[] {
  return secret.split(/\s*\n\s*/).filter((line) => line !== "" && !line.startsWith("-----"));
}

function isTelling(secret: string): boolean {
  return secret.length >= 20 || (secret.length >= 8 && /\d/.test(secret));
}

interface Needle {
  /** So much of it is enough to know it by. */
  readonly head: string;
  readonly whole: string;
}

function needlesOf(secret: string): readonly Needle[] {
  const json = JSON.stringify(secret).slice(1, -1);
  // As JSON first: of a backslash, half would be left.
  const plain = [json, secret].flatMap((text) => [text, inHtml(text)]);
  const inForm = new URLSearchParams({ "": secret }).toString().slice(1);
  const spelled = new Set([...plain, encodeURIComponent(secret), inForm, ...base64Of(secret)]);
  return [...spelled].map((whole) => {
    return { whole, head: whole.slice(0, Math.max(16, Math.ceil(whole.length / 2))) };
  });
}

/** As Slack wants texts. */
function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** What stays the same of it in base64, of either alphabet, whatever stands before and after it. */
function base64Of(secret: string): readonly string[] {
  const own = Buffer.from(secret);
  return [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), own]);
    const last = Math.floor((bytes.length * 8) / 6);
    const core = bytes.toString("base64").slice(Math.ceil((shift * 8) / 6), last);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function takeOut(text: string, { head, whole }: Needle): string {
  let at = text.indexOf(head);
  if (at < 0) return text;
  let left = "";
  let from = 0;
  for (; at >= 0; at = text.indexOf(head, from)) {
    left += text.slice(from, at) + redacted;
    let length = head.length;
    while (length < whole.length && text[at + length] === whole[length]) length += 1;
    if (length < whole.length && text[at + length - 1] === "\\") length -= 1;
    from = at + length;
  }
  return left + text.slice(from);
}
