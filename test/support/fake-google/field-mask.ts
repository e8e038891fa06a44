import { invalid } from "./google-refusal.ts";

type Mask = Map<string, Mask>;

/** What is left of an answer under a `fields` parameter such as `etag,items(id,creator/email)`. */
export function applyMask(value: unknown, fields: string | null): unknown {
  return fields === null ? value : pick(value, parseMask(fields));
}

function pick(value: unknown, mask: Mask): unknown {
  if (mask.size === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, mask));
  const kept = Object.entries(value).filter(([name]) => mask.has(name));
  return Object.fromEntries(kept.map(([name, part]) => [name, pick(part, mask.get(name) ?? mask)]));
}

function parseMask(fields: string): Mask {
  const tokens = fields.match(/[\w]+|[(),/]/g) ?? [];
  if (tokens.join("") !== fields) throw invalid(`Invalid field selection ${fields}`);

  function parseList(): Mask {
    const mask: Mask = new Map();
    do {
      const name = tokens.shift();
      if (name === undefined || !/\w/.test(name))
        throw invalid(`Invalid field selection ${fields}`);
      mask.set(name, parseRest());
    } while (tokens[0] === "," && tokens.shift());
    return mask;
  }

  function parseRest(): Mask {
    if (tokens[0] === "/") {
      tokens.shift();
      return new Map([[tokens.shift() ?? "", parseRest()]]);
    }
    if (tokens[0] !== "(") return new Map();
    tokens.shift();
    const inner = parseList();
    if (tokens.shift() !== ")") throw invalid(`Invalid field selection ${fields}`);
    return inner;
  }

  const mask = parseList();
  if (tokens.length > 0) throw invalid(`Invalid field selection ${fields}`);
  return mask;
}
