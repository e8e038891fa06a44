/** Takes credentials out of a text, and leaves everything else as it is. */
export type Redact = (text: string) => string;

/** What stands where a credential stood; no markup anywhere, and nothing that JSON escapes. */
export const redacted = "‹secret›";

/** What credentials of a kind look like; `hint` is in each of them, and quickly looked for. */
interface Shape {
  readonly hint: string;
  /** Matches no part of an escape of JSON, so that what was JSON stays it. */
  readonly pattern: RegExp;
}

/** What nothing but a credential looks like. None is within an identifier or a longer code. */
const shapes: readonly Shape[] = [
  { hint: "xox", pattern: /(?<![\w-])xox[a-z]-[\w-]{4,}/g },
  { hint: "xapp-", pattern: /(?<![\w-])xapp-[\w-]{4,}/g },
  // OpenAI's and its likes': somewhere in it is a long run with a digit, as in no name.
  { hint: "sk-", pattern: /(?<![\w-])sk-(?=[\w-]*?[a-z\d]{16})(?=[\w-]*\d)[\w-]+/gi },
  {
    hint: " KEY-----",
    pattern:
      /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[^"]{0,10000}?-----END [A-Z ]{0,20}PRIVATE KEY-----|(?:[\w+/=\s-]|\\+[nr])*)/g,
  },
  // USER@REALM!TOKEN=SECRET, as the header PVEAPIToken carries it.
  { hint: "!", pattern: /(?<=[\w.-]@[\w.-]+![\w.-]+=)[^\s"\\]{6,}/g },
  // A ticket of Proxmox's.
  { hint: "PVE:", pattern: /\bPVE:[^\s:"\\]+:[\dA-F]{8}::[\w+/]+=*/g },
  // https://USER:PASSWORD@HOST
  { hint: "://", pattern: /(?<=:\/\/[^\s/?#"\\@:]*:)[^\s/?#"\\@<>|,]+(?=@)/g },
  // Google's access tokens, and the assertions that they are given for.
  { hint: "ya29.", pattern: /(?<![\w-])ya29\.[\w.-]{10,}/g },
  { hint: "eyJ", pattern: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/g },
];

/**
 * Knows these secrets as they are, as JSON, a URL and base64 write them, and cut off after more
 * than their half; besides, whatever looks like a credential and like nothing else. Redacting
 * twice is redacting once, and what was JSON before is JSON after.
 *
 * A secret that a name may well be, such as the key `ollama`, is no secret here.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const needles = secrets.flatMap(partsOf).filter(isTelling).flatMap(needlesOf);
  return (text) => {
    // What takes the place of one may be the end of another, such as a password in an address.
    for (let before = text; ; before = text) {
      for (const needle of needles) text = takeOut(text, needle);
      for (const { hint, pattern } of shapes) {
        if (text.includes(hint)) text = text.replaceAll(pattern, redacted);
      }
      if (text === before) return text;
    }
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
  const plain = [json, secret, encodeURIComponent(secret)];
  const spelled = new Set([...plain, ...base64Of(secret)]);
  return [...spelled].map((whole) => {
    return { whole, head: whole.slice(0, Math.max(16, Math.ceil(whole.length / 2))) };
  });
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
